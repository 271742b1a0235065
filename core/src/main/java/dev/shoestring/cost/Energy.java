package dev.shoestring.cost;

/**
 * Energy used.
 *
 * @param joules how much
 * @param source {@link #RAPL} if the processor's counters were read throughout, otherwise {@link #ESTIMATED}
 */
public record Energy(double joules, String source) {
    /** Read from the processor's own counters (running average power limit). */
    public static final String RAPL = "rapl";

    /** Worked out from processor time. */
    public static final String ESTIMATED = "estimated";

    /** Both together; one estimate makes an estimate of the sum. */
    public Energy plus(Energy other) {
        return new Energy(joules + other.joules, source.equals(other.source) ? source : ESTIMATED);
    }
}
