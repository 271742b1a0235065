package dev.shoestring.models;

import dev.shoestring.hub.MappedTensors;
import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A decoder's stored weights as its layers ask for them: views of the mapped files, in the type on disk. All names, shapes and types are
 * compared with the configuration before any of them is touched. Read as well: checkpoints without the prefix {@code model.}, tied ones
 * that hold their output layer once more, and the frequencies of rotary positions that old checkpoints hold.
 */
public final class DecoderWeights implements ParameterStore.Source, AutoCloseable {
    private static final String PREFIX = "model.";
    private static final String EMBEDDINGS = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";
    private static final String FREQUENCIES = "rotary_emb.inv_freq";
    private static final int NAMED = 5;
    private static final long PIECE = 64L << 20;

    private final MappedTensors tensors;
    private final Map<String, TensorInfo> byName;

    private DecoderWeights(MappedTensors tensors, Map<String, TensorInfo> byName) {
        this.tensors = tensors;
        this.byName = byName;
    }

    /**
     * Compares the weights with the configuration. The weights must stay open for as long as tensors are loaded.
     *
     * @param source what they came from, for messages
     * @throws InputException that names what is missing, unexpected, or of another shape or type
     */
    public static DecoderWeights of(DecoderConfig config, Weights weights, String source) {
        Map<String, List<Long>> shapes = DecoderShapes.of(config);
        Map<String, TensorInfo> found = new LinkedHashMap<>();
        List<String> unexpected = new ArrayList<>();
        weights.tensors().forEach((stored, info) -> {
            String name = shapes.containsKey(PREFIX + stored) ? PREFIX + stored : stored;
            boolean tiedHead = config.tied() && name.equals(HEAD);
            if (!shapes.containsKey(name) && !tiedHead) {
                if (!name.endsWith(FREQUENCIES)) {
                    unexpected.add(stored);
                }
            } else if (found.putIfAbsent(name, info) != null) {
                unexpected.add(stored + " (there is " + name + " too)");
            }
        });
        compare(shapes, found, unexpected, source);
        MappedTensors tensors = new MappedTensors(weights, source);
        TensorInfo head = config.tied() ? found.remove(HEAD) : null;
        TensorInfo embeddings = found.get(EMBEDDINGS);
        if (head != null && embeddings != null && !equal(tensors, head, embeddings)) {
            tensors.close();
            throw new InputException(source + ": config.json says tie_word_embeddings, but " + HEAD + " is not "
                    + EMBEDDINGS + "; set tie_word_embeddings to false, or leave " + HEAD + " out");
        }
        return new DecoderWeights(tensors, found);
    }

    private static void compare(
            Map<String, List<Long>> shapes, Map<String, TensorInfo> found, List<String> unexpected, String source) {
        List<String> missing = shapes.keySet().stream()
                .filter(name -> !found.containsKey(name))
                .toList();
        List<String> others = new ArrayList<>();
        found.forEach((name, info) -> {
            List<Long> shape = shapes.get(name.equals(HEAD) && !shapes.containsKey(HEAD) ? EMBEDDINGS : name);
            if (!info.shape().equals(shape)) {
                others.add(name + " is " + info.shape() + " instead of " + shape);
            }
        });
        List<String> problems = new ArrayList<>();
        describe(problems, "missing", missing);
        describe(problems, "unexpected", unexpected);
        describe(problems, "of another shape", others);
        if (!problems.isEmpty()) {
            throw new InputException(source + ": the weights are not those of config.json: "
                    + String.join("; ", problems) + "; use the config.json that belongs to them");
        }
        found.values().forEach(info -> StoredTensors.type(info, source));
    }

    private static void describe(List<String> problems, String what, List<String> names) {
        if (!names.isEmpty()) {
            String first = String.join(
                    ", ",
                    names.stream().limit(NAMED).map(DecoderWeights::shorten).toList());
            problems.add(names.size() + " " + what + " (" + first + (names.size() > NAMED ? ", …" : "") + ")");
        }
    }

    private static String shorten(String text) {
        return text.length() <= 120 ? text : text.substring(0, 120) + "…";
    }

    private static boolean equal(MappedTensors tensors, TensorInfo one, TensorInfo other) {
        if (one.type() != other.type()) {
            return false;
        }
        try (TensorScope scope = TensorScope.open()) {
            Tensor left = tensors.load(one);
            Tensor right = tensors.load(other);
            long rows =
                    Math.max(1, PIECE / Math.max(1, left.size(1) * one.type().bytes()));
            AtomicBoolean same = new AtomicBoolean(true);
            for (long row = 0; row < left.size(0) && same.get(); row += rows) {
                long count = Math.min(rows, left.size(0) - row);
                Tensor piece = right.narrow(0, row, count);
                left.narrow(0, row, count).readBytes(a -> piece.readBytes(b -> same.set(a.equals(b))));
            }
            return same.get();
        }
    }

    @Override
    public @Nullable Tensor load(String name) {
        TensorInfo info = byName.get(name);
        return info == null ? null : tensors.load(info);
    }

    @Override
    public void close() {
        tensors.close();
    }
}
