package dev.shoestring.cost;

import java.nio.file.Path;

/** The most memory that this process has held. */
public final class PeakMemory {
    private static final String HIGH_WATER_MARK = "VmHWM:";

    private PeakMemory() {}

    /**
     * The peak of resident memory in bytes, native memory included ({@code VmHWM}, Linux). Elsewhere the Java heap's present size,
     * which is a lower bound.
     */
    public static long hostBytes() {
        return hostBytes(Path.of("/proc/self/status"));
    }

    static long hostBytes(Path status) {
        return KibibyteFile.bytes(status, HIGH_WATER_MARK)
                .orElseGet(() -> Runtime.getRuntime().totalMemory());
    }
}
