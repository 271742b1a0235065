package dev.shoestring.hub;

import java.nio.ByteBuffer;
import java.util.Map;

/** Stored weights by name. What {@link #tensors} lists has been checked: every tensor can be read. */
public interface Weights extends AutoCloseable {
    /** All tensors, in the order in which they are stored. */
    Map<String, TensorInfo> tensors();

    /** The values of one tensor: row-major, little-endian, exactly {@link TensorInfo#byteSize} bytes. */
    ByteBuffer read(String name);

    @Override
    void close();
}
