package dev.shoestring.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights and sizes of a BERT encoder from its ONNX export. Embeddings, LayerNorms and biases keep their names in the export;
 * the matrices of linear layers are anonymous and transposed, and are named by the bias that is added to their product.
 */
final class OnnxBert implements Weights {
    private static final String BIAS = ".bias";

    private record Matrix(OnnxGraph.Stored stored, boolean transpose) {}

    private final String source;
    private final Map<String, Matrix> matrices = new LinkedHashMap<>();
    private final JsonNode config;

    private OnnxBert(OnnxGraph graph, String source) {
        this.source = source;
        Map<String, OnnxGraph.Node> producers = new HashMap<>();
        for (OnnxGraph.Node node : graph.nodes()) {
            node.outputs().forEach(output -> producers.put(output, node));
        }
        graph.initializers().forEach((name, stored) -> {
            if (!name.startsWith("onnx::") && stored.info().type() == ElementType.F32) {
                matrices.put(name, new Matrix(stored, false));
            }
        });
        for (OnnxGraph.Node node : graph.nodes()) {
            nameMatrix(node, graph, producers);
        }
        this.config = config(graph, producers);
    }

    static OnnxBert read(ByteBuffer file, String source) {
        OnnxGraph graph = OnnxGraph.parse(file, source);
        try {
            return new OnnxBert(graph, source);
        } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException damaged) {
            throw new InputException(
                    source + ": is no BERT encoder that can be read (" + damaged.getMessage() + "); export it again",
                    damaged);
        }
    }

    private void nameMatrix(OnnxGraph.Node node, OnnxGraph graph, Map<String, OnnxGraph.Node> producers) {
        if (node.operator().equals("Add") && node.inputs().size() == 2) {
            for (int side = 0; side < 2; side++) {
                OnnxGraph.Node product = producers.get(node.inputs().get(side));
                if (product != null && product.operator().equals("MatMul")) {
                    nameMatrix(node.inputs().get(1 - side), product.inputs().get(1), true, graph);
                }
            }
        } else if (node.operator().equals("Gemm") && node.inputs().size() == 3) {
            nameMatrix(node.inputs().get(2), node.inputs().get(1), !node.transposedB(), graph);
        }
    }

    private void nameMatrix(String bias, String matrix, boolean transpose, OnnxGraph graph) {
        OnnxGraph.Stored stored = graph.initializers().get(matrix);
        if (bias.endsWith(BIAS) && graph.initializers().containsKey(bias) && stored != null) {
            String name = bias.substring(0, bias.length() - BIAS.length()) + ".weight";
            if (stored.info().shape().size() == 2 && stored.info().type() == ElementType.F32) {
                matrices.put(name, new Matrix(stored, transpose));
            }
        }
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        matrices.forEach((name, matrix) -> {
            List<Long> shape = new ArrayList<>(matrix.stored().info().shape());
            if (matrix.transpose()) {
                Collections.reverse(shape);
            }
            infos.put(name, new TensorInfo(name, ElementType.F32, shape));
        });
        return infos;
    }

    @Override
    public ByteBuffer read(String name) {
        Matrix matrix = matrices.get(name);
        if (matrix == null) {
            throw new IllegalArgumentException(source + " has no tensor " + name);
        }
        if (matrix.stored().info().shape().stream().anyMatch(size -> size > Integer.MAX_VALUE)
                || matrix.stored().info().byteSize() != matrix.stored().values().remaining()) {
            throw new InputException(source + ": tensor " + name + " is stored in a form that is not read");
        }
        return matrix.transpose()
                ? transposed(matrix.stored())
                : matrix.stored().values();
    }

    private static ByteBuffer transposed(OnnxGraph.Stored stored) {
        int rows = Math.toIntExact(stored.info().shape().get(0));
        int columns = Math.toIntExact(stored.info().shape().get(1));
        float[] in = new float[rows * columns];
        stored.values().asFloatBuffer().get(in);
        float[] out = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                out[column * rows + row] = in[row * columns + column];
            }
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(out.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        FloatBuffer floats = bytes.asFloatBuffer();
        floats.put(out);
        return bytes;
    }

    /** The {@code config.json} that the export was made with, as far as the graph tells. */
    JsonNode config() {
        return config;
    }

    private JsonNode config(OnnxGraph graph, Map<String, OnnxGraph.Node> producers) {
        Map<String, TensorInfo> infos = tensors();
        long hidden = size(infos, "embeddings.word_embeddings.weight", 1);
        int layers = 0;
        while (infos.containsKey("encoder.layer." + layers + ".output.dense.weight")) {
            layers++;
        }
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("model_type", "bert");
        json.put("vocab_size", size(infos, "embeddings.word_embeddings.weight", 0));
        json.put("hidden_size", hidden).put("num_hidden_layers", layers);
        json.put("num_attention_heads", heads(graph, producers, hidden));
        json.put("intermediate_size", size(infos, "encoder.layer.0.intermediate.dense.weight", 0));
        json.put("max_position_embeddings", size(infos, "embeddings.position_embeddings.weight", 0));
        json.put("type_vocab_size", size(infos, "embeddings.token_type_embeddings.weight", 0));
        json.put("layer_norm_eps", layerNormEps(graph, producers));
        boolean errorFunction = graph.nodes().stream()
                .anyMatch(
                        node -> node.operator().equals("Erf") || node.operator().equals("Gelu"));
        json.put("hidden_act", errorFunction ? "gelu" : "unknown");
        return json;
    }

    private long size(Map<String, TensorInfo> infos, String name, int dimension) {
        TensorInfo info = infos.get(name);
        if (info == null || info.shape().size() != 2) {
            throw new InputException(source + ": is not the ONNX export of a BERT encoder: it has no matrix " + name);
        }
        return info.shape().get(dimension);
    }

    /** The heads stand in the shape that the queries are cut into: …, heads, head width. */
    private long heads(OnnxGraph graph, Map<String, OnnxGraph.Node> producers, long hidden) {
        for (OnnxGraph.Node node : graph.nodes()) {
            if (node.operator().equals("Concat") && node.inputs().size() == 4) {
                long heads = integer(producers.get(node.inputs().get(2)));
                long width = integer(producers.get(node.inputs().get(3)));
                if (heads > 0 && width > 0 && heads * width == hidden) {
                    return heads;
                }
            }
        }
        throw new InputException(source + ": the number of attention heads cannot be told from the ONNX graph; "
                + "give the model as a folder with its config.json");
    }

    private double layerNormEps(OnnxGraph graph, Map<String, OnnxGraph.Node> producers) {
        for (OnnxGraph.Node node : graph.nodes()) {
            if (node.operator().equals("Add") && node.inputs().size() == 2) {
                OnnxGraph.Node mean = producers.get(node.inputs().get(0));
                OnnxGraph.Node constant = producers.get(node.inputs().get(1));
                if (mean != null && mean.operator().equals("ReduceMean") && constant != null) {
                    for (OnnxGraph.Stored value : constant.value()) {
                        if (value.info().type() == ElementType.F32
                                && value.values().remaining() == Float.BYTES) {
                            return Double.parseDouble(
                                    Float.toString(value.values().getFloat()));
                        }
                    }
                }
            }
        }
        return 1e-12;
    }

    private static long integer(OnnxGraph.@org.jspecify.annotations.Nullable Node constant) {
        if (constant != null) {
            for (OnnxGraph.Stored value : constant.value()) {
                if (value.info().type() == ElementType.I64 && value.values().remaining() == Long.BYTES) {
                    return value.values().getLong();
                }
            }
        }
        return -1;
    }

    @Override
    public void close() {
        // The bytes belong to whoever read the file.
    }
}
