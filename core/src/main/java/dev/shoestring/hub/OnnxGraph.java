package dev.shoestring.hub;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parts of an ONNX file (onnx/onnx, {@code onnx.proto}) that weights are read from: initializers, and the nodes that tell which
 * is which. Parsed by protocol-buffer field numbers; what is not needed is skipped. Values stay slices of the given bytes.
 *
 * @param initializers stored tensors by name
 * @param nodes operators in order
 */
record OnnxGraph(Map<String, Stored> initializers, List<Node> nodes) {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int MOST_NODES = 1_000_000;

    /** A tensor and its values. */
    record Stored(TensorInfo info, ByteBuffer bytes) {
        ByteBuffer values() {
            return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** An operator; {@code value} is a constant's tensor, if it is a constant. */
    record Node(String operator, List<String> inputs, List<String> outputs, List<Stored> value, boolean transposedB) {}

    static OnnxGraph parse(ByteBuffer file, String source) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(file);
            in.enableAliasing(true);
            in.setSizeLimit(Integer.MAX_VALUE);
            Map<String, Stored> initializers = new LinkedHashMap<>();
            List<Node> nodes = new ArrayList<>();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == message(7)) {
                    graph(in, initializers, nodes, source);
                } else if (!in.skipField(tag)) {
                    break;
                }
            }
            if (initializers.isEmpty()) {
                throw new InputException(source + ": holds no ONNX weights; it is damaged or no ONNX file");
            }
            return new OnnxGraph(initializers, nodes);
        } catch (IOException | IllegalArgumentException | ArithmeticException damaged) {
            throw new InputException(
                    source + ": is no valid ONNX file (" + damaged.getMessage() + "); fetch or export it again",
                    damaged);
        }
    }

    private static int message(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    private static int number(int field) {
        return field << 3 | WireFormat.WIRETYPE_VARINT;
    }

    private static void graph(CodedInputStream in, Map<String, Stored> initializers, List<Node> nodes, String source)
            throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == message(1)) {
                nodes.add(node(in, source));
                if (nodes.size() > MOST_NODES) {
                    throw new IllegalArgumentException("more than " + MOST_NODES + " nodes");
                }
            } else if (tag == message(5)) {
                Stored stored = tensor(in, source);
                if (initializers.put(stored.info().name(), stored) != null) {
                    throw new IllegalArgumentException(
                            "two initializers named " + stored.info().name());
                }
            } else if (!in.skipField(tag)) {
                break;
            }
        }
        in.popLimit(outer);
    }

    private static Node node(CodedInputStream in, String source) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        String operator = "";
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        List<Stored> value = new ArrayList<>();
        boolean[] transposedB = new boolean[1];
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == message(1)) {
                inputs.add(in.readString());
            } else if (tag == message(2)) {
                outputs.add(in.readString());
            } else if (tag == message(4)) {
                operator = in.readString();
            } else if (tag == message(5)) {
                attribute(in, value, transposedB, source);
            } else if (!in.skipField(tag)) {
                break;
            }
        }
        in.popLimit(outer);
        return new Node(operator, inputs, outputs, value, transposedB[0]);
    }

    private static void attribute(CodedInputStream in, List<Stored> value, boolean[] transposedB, String source)
            throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        String name = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == message(1)) {
                name = in.readString();
            } else if (tag == number(3)) {
                long integer = in.readInt64();
                transposedB[0] |= name.equals("transB") && integer != 0;
            } else if (tag == message(5)) {
                value.add(tensor(in, source));
            } else if (!in.skipField(tag)) {
                break;
            }
        }
        in.popLimit(outer);
    }

    private static Stored tensor(CodedInputStream in, String source) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        List<Long> shape = new ArrayList<>();
        int type = 0;
        String name = "";
        ByteString raw = ByteString.EMPTY;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == number(1)) {
                shape.add(in.readInt64());
            } else if (tag == message(1)) {
                int packed = in.pushLimit(in.readRawVarint32());
                while (in.getBytesUntilLimit() > 0) {
                    shape.add(in.readInt64());
                }
                in.popLimit(packed);
            } else if (tag == number(2)) {
                type = in.readInt32();
            } else if (tag == message(4) || tag == message(9)) {
                raw = in.readBytes();
            } else if (tag == message(8)) {
                name = in.readString();
            } else if (tag == message(13)) {
                throw new InputException(source + ": keeps tensor " + name
                        + " in another file (external data), which is not read; " + "export the model to one file");
            } else if (!in.skipField(tag)) {
                break;
            }
        }
        in.popLimit(outer);
        return stored(name, type, shape, raw);
    }

    private static Stored stored(String name, int type, List<Long> shape, ByteString raw) {
        if (shape.stream().anyMatch(size -> size < 0) || shape.size() > 16) {
            throw new IllegalArgumentException("tensor " + name + " has the impossible shape " + shape);
        }
        ElementType element =
                switch (type) {
                    case FLOAT -> ElementType.F32;
                    case INT64 -> ElementType.I64;
                    case 10 -> ElementType.F16;
                    case 16 -> ElementType.BF16;
                    case 11 -> ElementType.F64;
                    case 6 -> ElementType.I32;
                    case 9 -> ElementType.BOOL;
                    default -> ElementType.U8;
                };
        TensorInfo info = new TensorInfo(name, element, shape);
        boolean weights = type == FLOAT || type == INT64;
        if (weights && !raw.isEmpty() && info.byteSize() != raw.size()) {
            throw new IllegalArgumentException(
                    "tensor " + name + " needs " + info.byteSize() + " bytes but has " + raw.size());
        }
        return new Stored(info, raw.asReadOnlyByteBuffer());
    }
}
