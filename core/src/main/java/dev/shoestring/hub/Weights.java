package dev.shoestring.hub;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Stored weights by name. What {@link #tensors} lists has been checked: every tensor can be read. */
public interface Weights extends AutoCloseable {
    /** All tensors, in the order in which they are stored. */
    Map<String, TensorInfo> tensors();

    /** The values of one tensor: row-major, little-endian, exactly {@link TensorInfo#byteSize} bytes. */
    ByteBuffer read(String name);

    /** Where that tensor's values lie in a file as they are, so that they can be mapped into memory; empty if nowhere. */
    default Optional<Place> place(String name) {
        return Optional.empty();
    }

    /**
     * A place in a file.
     *
     * @param file the file
     * @param offset bytes before the place; of no particular alignment
     */
    record Place(Path file, long offset) {}

    @Override
    void close();
}
