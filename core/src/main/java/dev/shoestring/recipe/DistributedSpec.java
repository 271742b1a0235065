package dev.shoestring.recipe;

/**
 * How several processes work together; key {@code distributed}. One process alone goes by none of it.
 *
 * @param compressed whether what is sent is rounded to bf16; key "compress"
 * @param localSteps steps that each process does by itself before all take their mean; 1 adds up gradients in every step
 * @param outerRate rate of the step along the mean of what the processes changed (DiLoCo, arXiv 2311.08105)
 * @param outerMomentum its Nesterov momentum
 * @param fragments parts of the parameters that are sent at different steps (arXiv 2501.18512)
 */
public record DistributedSpec(
        boolean compressed, int localSteps, double outerRate, double outerMomentum, int fragments) {
    /** Gradients are added up in every step, in single precision. */
    public static final DistributedSpec GRADIENTS = new DistributedSpec(false, 1, 0.7, 0.9, 1);

    /** Whether processes do steps by themselves. */
    public boolean local() {
        return localSteps > 1;
    }
}
