package dev.shoestring.nn;

import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * A low-rank update of a frozen weight (LoRA, arXiv 2106.09685): the weight (out, …) is taken as a matrix (out, in) and B·A is added to
 * it. Parameters: {@code lora_A} (rank, in), {@code lora_B} (out, rank), which starts at zero, so that training starts at the pre-trained
 * network; with DoRA (arXiv 2402.09353) {@code lora_magnitude_vector} (out) too, the length that each row of the sum is brought to. As
 * in PEFT, the length of the rows themselves is taken as a constant (section 4.3), and a matrix product takes B·(A·x) beside the weight,
 * which costs less than the sum of the matrices and no gradient of their size.
 */
public final class LowRankUpdate {
    private final Tensor a_RI;
    private final Tensor b_OR;
    private final @Nullable Tensor magnitude_O;
    private final double scale;
    private final double dropout;
    private final String name;

    /**
     * What an update is like.
     *
     * @param rank rank of the update
     * @param scale factor of B·A
     * @param dora whether rows have a trained length
     * @param start how A begins
     * @param dropout share of the inputs of B·A that a matrix product in training leaves out
     */
    public record Settings(int rank, double scale, boolean dora, Start start, double dropout) {
        /** An update that begins with {@link Start#WIDE}. */
        public Settings(int rank, double scale, boolean dora) {
            this(rank, scale, dora, Start.WIDE, 0);
        }
    }

    /** The normal distribution that A is drawn from: its standard deviation is a multiple of 1/√in. */
    public enum Start {
        /** 1/√in, which keeps the size of what comes in. */
        WIDE(1),
        /** 1/√(3·in), the deviation of PEFT's uniform draw, so that rates which are published for it hold. */
        AS_PEFT(1 / Math.sqrt(3));

        private final double factor;

        Start(double factor) {
            this.factor = factor;
        }

        private Initializer of(long in) {
            return new Initializer.Normal(factor / Math.sqrt((double) in));
        }
    }

    private static final String A = ".lora_A";
    private static final String B = ".lora_B";
    private static final String MAGNITUDE = ".lora_magnitude_vector";

    /** Whether a parameter of this name belongs to an update. */
    public static boolean owns(String name) {
        return name.endsWith(A) || name.endsWith(B) || name.endsWith(MAGNITUDE);
    }

    /** Takes its parameters from the store under {@code name}, for that weight. */
    public LowRankUpdate(ParameterStore store, String name, Tensor weight, Settings settings) {
        long out = weight.size(0);
        long in = weight.numel() / out;
        int rank = settings.rank();
        scale = settings.scale();
        dropout = settings.dropout();
        this.name = name;
        a_RI = store.added(name + A, settings.start().of(in), rank, in);
        b_OR = store.added(name + B, new Initializer.Constant(0), out, rank);
        if (!settings.dora()) {
            magnitude_O = null;
            return;
        }
        String magnitude = name + MAGNITUDE;
        magnitude_O = store.added(magnitude, new Initializer.Constant(1), out);
        if (store.initialized().contains(magnitude)) {
            try (TensorScope scope = TensorScope.open()) {
                magnitude_O.copyFrom(lengths(weight));
            }
        }
    }

    /** The weight with the update. */
    public Tensor addedTo(Tensor weight) {
        Tensor sum = weight.add(b_OR.matmul(a_RI).mul(scale).view(weight.shape()));
        return magnitude_O == null
                ? sum
                : sum.mul(magnitude_O.div(lengths(weight)).view(-1, 1));
    }

    /** The result of {@code plain = x · weightᵀ + bias} with the update. */
    Tensor addedTo(Tensor plain, Tensor x, Tensor weight_OI, @Nullable Tensor bias_O) {
        @Nullable Long seed = TrainingNoise.seed();
        Tensor all = x.to(plain.dtype());
        boolean whole = dropout == 0 || seed == null;
        Tensor kept = dropout == 0 || seed == null ? all : all.mul(mask(all, seed));
        // The narrow product is scaled, for the wide one would be gone through once more for it.
        Tensor narrow_R = kept.linear(a_RI).mul(scale);
        if (magnitude_O == null) {
            return plain.addProduct(narrow_R, b_OR);
        }
        Tensor beside = narrow_R.linear(b_OR);
        Tensor factor_O = magnitude_O.div(lengths(weight_OI));
        if (!whole) {
            // As PEFT does it: what changes the length of the rows sees the same inputs as the update.
            Tensor change_O = factor_O.sub(Tensor.full(1, 1)).to(plain.dtype());
            return plain.add(kept.linear(weight_OI).mul(change_O)).add(beside.mul(factor_O.to(plain.dtype())));
        }
        Tensor product = bias_O == null ? plain : plain.sub(bias_O);
        Tensor turned = product.add(beside).mul(factor_O.to(plain.dtype()));
        return bias_O == null ? turned : turned.add(bias_O);
    }

    private Tensor mask(Tensor x, long seed) {
        RandomState.seed(seed, name.hashCode());
        return Tensor.zeros(x.dtype(), x.shape()).fillBernoulli(1 - dropout).mulInPlace(1 / (1 - dropout));
    }

    private Tensor lengths(Tensor weight_OI) {
        try (NoGrad guard = NoGrad.on()) {
            return weight_OI.to(a_RI.dtype()).add(b_OR.matmul(a_RI).mul(scale)).rowNorms();
        }
    }
}
