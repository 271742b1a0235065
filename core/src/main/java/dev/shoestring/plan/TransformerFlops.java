package dev.shoestring.plan;

/**
 * Floating-point operations of a transformer for one token of a sequence. A product of matrices (m, k) and (k, n) counts 2mkn. Counted:
 * every matrix that the token passes (of a mixture, the active experts and the router), the two products of attention (half of them for a causal
 * model, which never needs the other half), and the output layer. Not counted: look-ups, norms, activations, softmax, optimizer.
 *
 * <p>The backward pass takes one product for a weight's gradient and one for its input's: twice the forward pass. A frozen matrix needs
 * only the latter. Full recomputation adds a forward pass of the blocks; selective recomputation half of their matrices and attention.
 *
 * @param blocks matrices of all blocks, forward
 * @param attention products of attention, forward
 * @param head the output layer, forward
 */
public record TransformerFlops(double blocks, double attention, double head) {
    /** Counts for sequences of this length. */
    public static TransformerFlops of(ModelShape model, int sequence) {
        ModelShape.Attention sizes = model.attention();
        double seen = model.encoder() ? sequence : sequence / 2.0;
        double pairs = 2.0 * model.layers() * sizes.heads() * (sizes.headSize() + sizes.valueSize()) * seen;
        return new TransformerFlops(
                2.0 * model.blockMatrices(true), pairs, model.encoder() ? 0 : 2.0 * model.vocabularyMatrix());
    }

    /** Forward pass. */
    public double forward() {
        return blocks + attention + head;
    }

    /** Forward and backward pass, without anything computed twice: what model FLOPs utilization counts. */
    public double training(Workload job) {
        double matrices = job.frozen() ? 2 : 3;
        return matrices * (blocks + head) + 3 * attention + adapters(job);
    }

    /** As {@link #training}, and what recomputation adds. */
    public double executed(Workload job, Layout.Recompute recompute) {
        return training(job)
                + switch (recompute) {
                    case NONE -> 0;
                    case SELECTIVE -> 0.5 * blocks + attention;
                    case FULL -> blocks + attention;
                };
    }

    private static double adapters(Workload job) {
        return job.frozen() ? 3 * 2 * job.trainedActive() : 0;
    }
}
