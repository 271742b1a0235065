package dev.shoestring.nn;

import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a model by the names of its checkpoint. Layers ask for theirs when they are built; what the pre-trained
 * weights lack is initialized. Parameters live outside scopes, until the store is closed.
 */
public final class ParameterStore implements AutoCloseable {
    /** Where pre-trained values come from. */
    @FunctionalInterface
    public interface Source {
        /** The tensor of that name, or null; it is copied. */
        @Nullable
        Tensor load(String name);
    }

    /**
     * How the parameters that layers ask for are kept.
     *
     * @param type their element type
     * @param trained whether gradients are recorded for them
     * @param matrices how the matrices of linear layers are kept, if they are frozen
     */
    public record Storage(DType type, boolean trained, Matrices matrices) {
        /** In single precision, trained. */
        public static final Storage TRAINED = new Storage(DType.FLOAT32, true);

        /** Matrices as everything else. */
        public Storage(DType type, boolean trained) {
            this(type, trained, Matrices.PLAIN);
        }
    }

    /** How the matrices of linear layers are kept. */
    public enum Matrices {
        /** In the element type of all parameters. */
        PLAIN,
        /** In eight bits: 255 equal steps of the largest of each 64 values. */
        INT8,
        /** In four bits: sixteen quantiles of a normal distribution, of the largest of each 64 values (arXiv 2305.14314). */
        NF4
    }

    private final Source source;
    private final long seed;
    private final Storage storage;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, QuantizedMatrix> quantized = new LinkedHashMap<>();
    private final List<String> initialized = new ArrayList<>();
    private final Set<String> buffers = new HashSet<>();
    private final List<Adaptable> adaptables = new ArrayList<>();

    /** Parameters from {@code source}; those it lacks are drawn from {@code seed} and their name. */
    public ParameterStore(Source source, long seed) {
        this(source, seed, Storage.TRAINED);
    }

    /**
     * As the other, with parameters kept in another way. A frozen parameter that {@code source} has in the right element type is not
     * copied: the source's tensor itself is kept, which may be a file mapped into memory.
     */
    public ParameterStore(Source source, long seed, Storage storage) {
        this.source = source;
        this.seed = seed;
        this.storage = storage;
    }

    /** Parameters that are all drawn at random. */
    public static ParameterStore fresh(long seed) {
        return new ParameterStore(name -> null, seed);
    }

    /**
     * The parameter of that name and shape.
     *
     * @throws InputException if the pre-trained tensor has another shape
     */
    public Tensor parameter(String name, Initializer initializer, long... shape) {
        return parameter(name, initializer, storage, shape);
    }

    /**
     * A parameter that an adaptation adds: float32 and trained, however the others are kept.
     *
     * @throws InputException if the pre-trained tensor has another shape
     */
    Tensor added(String name, Initializer initializer, long... shape) {
        return parameter(name, initializer, Storage.TRAINED, shape);
    }

    /**
     * The matrix (out, in) of a linear layer: what gives its values in the open scope. Where matrices are kept in few bits, it is no parameter
     * of {@link #all}. One whose rows do not divide into blocks of 64 is kept as it is.
     *
     * @throws InputException if the pre-trained tensor has another shape
     */
    Supplier<Tensor> matrix(String name, Initializer initializer, int out, int in) {
        Tensor plain = parameter(name, initializer, out, in);
        if (storage.matrices() == Matrices.PLAIN || storage.trained() || !QuantizedMatrix.fits(in)) {
            return () -> plain;
        }
        QuantizedMatrix few = QuantizedMatrix.of(
                plain, storage.matrices() == Matrices.INT8 ? QuantizedMatrix.Codes.INT8 : QuantizedMatrix.Codes.NF4);
        parameters.remove(name);
        plain.close();
        quantized.put(name, few);
        return few::values;
    }

    private Tensor parameter(String name, Initializer initializer, Storage kept, long... shape) {
        if (parameters.containsKey(name)) {
            throw new IllegalStateException("parameter " + name + " is asked for twice");
        }
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            // Loaded and compared before anything is allocated: the shape may come from a stranger's config.json.
            Tensor loaded = source.load(name);
            if (loaded != null && !Arrays.equals(loaded.shape(), shape)) {
                throw new InputException("weights: " + name + " has shape " + Arrays.toString(loaded.shape())
                        + ", but the model's configuration needs " + Arrays.toString(shape)
                        + "; use the config.json that belongs to these weights");
            }
            Tensor parameter =
                    loaded != null && !kept.trained() ? loaded.to(kept.type()) : Tensor.zeros(kept.type(), shape);
            parameters.put(name, parameter.unscoped().named(name));
            if (loaded == null) {
                RandomState.seed(seed, name.hashCode());
                initializer.fill(parameter);
                initialized.add(name);
            } else if (kept.trained()) {
                parameter.copyFrom(loaded);
            }
            return parameter.requiresGrad(kept.trained());
        }
    }

    /**
     * A float32 tensor of that name and shape that is kept with the parameters and that no gradient is recorded for: running
     * statistics.
     *
     * @throws InputException if the pre-trained tensor has another shape
     */
    public Tensor buffer(String name, Initializer initializer, long... shape) {
        buffers.add(name);
        return parameter(name, initializer, Storage.TRAINED, shape).requiresGrad(false);
    }

    /** Notes a layer that can be given a low-rank update. */
    void offers(Adaptable layer) {
        adaptables.add(layer);
    }

    /** The layers that can be given low-rank updates, in the order in which they were built. */
    public List<Adaptable> adaptables() {
        return Collections.unmodifiableList(adaptables);
    }

    /** The buffers, in order. */
    public Map<String, Tensor> buffers() {
        Map<String, Tensor> found = new LinkedHashMap<>(parameters);
        found.keySet().retainAll(buffers);
        return found;
    }

    /** All parameters and buffers, in the order in which layers asked for them. */
    public Map<String, Tensor> all() {
        return Collections.unmodifiableMap(parameters);
    }

    /** Those that gradients are recorded for. */
    public Map<String, Tensor> trainable() {
        Map<String, Tensor> trainable = new LinkedHashMap<>(parameters);
        trainable.values().removeIf(parameter -> !parameter.requiresGrad());
        return trainable;
    }

    /** Names of the parameters that had no pre-trained values. */
    public List<String> initialized() {
        return Collections.unmodifiableList(initialized);
    }

    /** Number of values in all parameters, buffers left out. */
    public long count() {
        return parameters.entrySet().stream()
                        .filter(parameter -> !buffers.contains(parameter.getKey()))
                        .mapToLong(parameter -> parameter.getValue().numel())
                        .sum()
                + quantized.values().stream().mapToLong(QuantizedMatrix::count).sum();
    }

    @Override
    public void close() {
        parameters.values().forEach(Tensor::close);
        quantized.values().forEach(QuantizedMatrix::close);
    }
}
