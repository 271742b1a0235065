package dev.shoestring.cost;

import java.time.Duration;

/** The processor time of this process. */
public final class CpuTime {
    private CpuTime() {}

    /** Seconds of user and system time of all threads, native ones included, since the process began; 0 where unknown. */
    public static double seconds() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos()
                * 1e-9;
    }
}
