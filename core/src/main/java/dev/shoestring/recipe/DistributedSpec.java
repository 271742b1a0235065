package dev.shoestring.recipe;

/**
 * How several processes work together; key {@code distributed}. One process alone goes by none of it.
 *
 * @param compressed whether what is sent is rounded to bf16; key "compress"
 * @param shard what each process keeps only a part of
 * @param localSteps steps that each process does by itself before all take their mean; 1 adds up gradients in every step
 * @param outerRate rate of the step along the mean of what the processes changed (DiLoCo, arXiv 2311.08105)
 * @param outerMomentum its Nesterov momentum
 * @param fragments parts of the parameters that are sent at different steps (arXiv 2501.18512)
 */
public record DistributedSpec(
        boolean compressed, Shard shard, int localSteps, double outerRate, double outerMomentum, int fragments) {
    /** Gradients are added up in every step, in single precision. */
    public static final DistributedSpec GRADIENTS = new DistributedSpec(false, Shard.NONE, 1, 0.7, 0.9, 1);

    /** What each process keeps only a part of. */
    public enum Shard {
        /** Every process keeps everything. */
        NONE,
        /** The optimizer's state (ZeRO's first stage, arXiv 1910.02054). */
        OPTIMIZER
    }

    /** Whether each process keeps only its part of the optimizer's state. */
    public boolean sharded() {
        return shard == Shard.OPTIMIZER;
    }

    /** Whether processes do steps by themselves. */
    public boolean local() {
        return localSteps > 1;
    }
}
