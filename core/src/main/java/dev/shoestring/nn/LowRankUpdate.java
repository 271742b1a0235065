package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;

/**
 * A low-rank update of a frozen weight (LoRA, arXiv 2106.09685): the weight (out, …) is taken as a matrix (out, in) and B·A is added to
 * it. Parameters: {@code lora_A} (rank, in), {@code lora_B} (out, rank), which starts at zero, so that training starts at the pre-trained
 * network.
 */
public final class LowRankUpdate {
    private final Tensor a_RI;
    private final Tensor b_OR;
    private final double scale;

    /** Takes its parameters from the store under {@code name}, for a weight of {@code out} rows and {@code in} columns. */
    public LowRankUpdate(ParameterStore store, String name, long out, long in, int rank, double alpha) {
        a_RI = store.parameter(name + ".lora_A", new Initializer.Normal(1 / Math.sqrt((double) in)), rank, in);
        b_OR = store.parameter(name + ".lora_B", new Initializer.Constant(0), out, rank);
        scale = alpha / rank;
    }

    /** The weight with the update. */
    public Tensor addedTo(Tensor weight) {
        return weight.add(b_OR.matmul(a_RI).mul(scale).view(weight.shape()));
    }
}
