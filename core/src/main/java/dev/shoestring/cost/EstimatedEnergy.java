package dev.shoestring.cost;

/**
 * Energy estimated from processor time: each core draws {@link #IDLE_WATTS} all the time and as much as makes {@link #BUSY_WATTS}
 * while it computes. The figures are the averages of Cloud Carbon Footprint's methodology for the servers of one large cloud
 * (cloudcarbonfootprint.org/docs/methodology, "Average Min Watts" and "Average Max Watts" for each virtual core). Memory, disks, power
 * supplies and cooling are not included.
 *
 * @param cores cores that this process may use
 */
record EstimatedEnergy(int cores) implements EnergyMeter {
    /** Watts of a core that does nothing. */
    static final double IDLE_WATTS = 0.74;

    /** Watts of a core that computes. */
    static final double BUSY_WATTS = 3.5;

    @Override
    public Energy used(double wallSeconds, double cpuSeconds) {
        double joules = wallSeconds * cores * IDLE_WATTS + cpuSeconds * (BUSY_WATTS - IDLE_WATTS);
        return new Energy(joules, Energy.ESTIMATED);
    }
}
