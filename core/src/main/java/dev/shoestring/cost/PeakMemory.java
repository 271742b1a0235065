package dev.shoestring.cost;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The most memory that this process has held. */
public final class PeakMemory {
    private static final String HIGH_WATER_MARK = "VmHWM:";
    private static final long KIBIBYTE = 1024;

    private PeakMemory() {}

    /**
     * The peak of resident memory in bytes, native memory included ({@code VmHWM}, Linux). Elsewhere the Java heap's present size,
     * which is a lower bound.
     */
    public static long hostBytes() {
        return hostBytes(Path.of("/proc/self/status"));
    }

    static long hostBytes(Path status) {
        try {
            for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith(HIGH_WATER_MARK)) {
                    String kibibytes = line.substring(HIGH_WATER_MARK.length())
                            .replace("kB", "")
                            .strip();
                    return Long.parseLong(kibibytes) * KIBIBYTE;
                }
            }
        } catch (IOException | NumberFormatException notLinux) {
            return Runtime.getRuntime().totalMemory();
        }
        return Runtime.getRuntime().totalMemory();
    }
}
