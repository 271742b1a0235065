package dev.shoestring.cost;

/**
 * What a run has cost so far.
 *
 * @param wallSeconds time on the clock
 * @param cpuSeconds processor time of this process, all threads together
 * @param flops floating-point operations, from the arithmetic of the model
 * @param energy energy used
 * @param money the price of the time
 */
public record Cost(double wallSeconds, double cpuSeconds, double flops, Energy energy, Money money) {}
