package dev.shoestring.cost;

/** The processor time of this process in pieces: each lap begins where the one before it ended. */
public final class CpuLaps {
    private double before = CpuTime.seconds();

    /** Seconds since the last lap, or since this was made. */
    public double lap() {
        double now = CpuTime.seconds();
        double spent = now - before;
        before = now;
        return spent;
    }
}
