package dev.shoestring.nn;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code x · weightᵀ + bias}. Parameters: {@code weight} (out, in) and, unless it has none, {@code bias} (out). */
public final class Linear implements Adaptable {
    private static final double DEVIATION = 0.02;

    private final String name;
    private final Supplier<Tensor> matrix_OI;
    private final DType type;
    private final @Nullable Tensor bias_O;
    private @Nullable LowRankUpdate update;

    /** Takes its parameters from the store under {@code name}. */
    public Linear(ParameterStore store, String name, int in, int out) {
        this(store, name, in, out, true, DEVIATION);
    }

    private Linear(ParameterStore store, String name, int in, int out, boolean biased, double deviation) {
        this.name = name;
        matrix_OI = store.matrix(name + ".weight", new Initializer.Normal(deviation), out, in);
        bias_O = biased ? store.parameter(name + ".bias", new Initializer.Constant(0), out) : null;
        try (TensorScope scope = TensorScope.open()) {
            type = matrix_OI.get().dtype();
        }
        store.offers(this);
    }

    /** The element type of its products' operands. */
    public DType type() {
        return type;
    }

    /**
     * A layer with or without a bias.
     *
     * @param deviation standard deviation of new weights
     */
    public static Linear of(ParameterStore store, String name, int in, int out, boolean biased, double deviation) {
        return new Linear(store, name, in, out, biased, deviation);
    }

    /** Maps (…, in) to (…, out). */
    public Tensor forward(Tensor x) {
        Tensor weight_OI = matrix_OI.get();
        Tensor plain = bias_O == null ? x.linear(weight_OI) : x.linear(weight_OI, bias_O);
        return update == null ? plain : update.addedTo(plain, x, weight_OI, bias_O);
    }

    @Override
    public String weightName() {
        return name + ".weight";
    }

    @Override
    public void adapt(LowRankUpdate newUpdate) {
        update = newUpdate;
    }

    @Override
    public Tensor effectiveWeight() {
        Tensor weight_OI = matrix_OI.get();
        return update == null ? weight_OI : update.addedTo(weight_OI);
    }

    @Override
    public Tensor weight() {
        return matrix_OI.get();
    }

    /** The bias, of shape (out). */
    public Tensor bias() {
        if (bias_O == null) {
            throw new IllegalStateException(name + " has no bias");
        }
        return bias_O;
    }
}
