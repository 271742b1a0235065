package dev.shoestring.report;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A protocol buffer written field by field, without generated classes: TensorBoard's messages are few and small. */
final class ProtoMessage {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    ProtoMessage number(int field, long value) {
        return write(() -> out.writeInt64(field, value));
    }

    ProtoMessage real(int field, double value) {
        return write(() -> out.writeDouble(field, value));
    }

    ProtoMessage single(int field, float value) {
        return write(() -> out.writeFloat(field, value));
    }

    ProtoMessage text(int field, String value) {
        return write(() -> out.writeString(field, value));
    }

    ProtoMessage message(int field, ProtoMessage value) {
        return write(() -> out.writeByteArray(field, value.toByteArray()));
    }

    byte[] toByteArray() {
        write(out::flush);
        return bytes.toByteArray();
    }

    private ProtoMessage write(Write write) {
        try {
            write.run();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
    }

    private interface Write {
        void run() throws IOException;
    }
}
