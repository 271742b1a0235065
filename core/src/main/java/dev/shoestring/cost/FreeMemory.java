package dev.shoestring.cost;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** Memory that this process holds now, and could still have. */
public final class FreeMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path MACHINE = Path.of("/proc/meminfo");

    private FreeMemory() {}

    /** Resident memory of the process in bytes, native memory included (Linux); elsewhere the Java heap's present size. */
    public static long held() {
        return KibibyteFile.bytes(STATUS, "VmRSS:")
                .orElseGet(() -> Runtime.getRuntime().totalMemory());
    }

    /**
     * Bytes that the machine, or the container around the process, can still give without swapping: on Linux files that are cached
     * count as free, elsewhere they do not.
     */
    public static long available() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long free = KibibyteFile.bytes(MACHINE, "MemAvailable:").orElseGet(system::getFreeMemorySize);
        return Math.max(0, Math.min(free, system.getTotalMemorySize() - held()));
    }
}
