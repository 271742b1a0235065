package dev.shoestring.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;

/** Whether the device in use multiplies bfloat16 in hardware; without that, bf16 is slower than fp32. */
public final class HardwareBf16 {
    private static final Set<String> FLAGS = Set.of("avx512_bf16", "amx_bf16", "bf16");

    private HardwareBf16() {}

    /**
     * True on a GPU (all since NVIDIA's Ampere have it), and on Linux where the kernel lists AVX-512 BF16, AMX or ARM's BF16; false where
     * that cannot be read.
     */
    public static boolean available() {
        return Device.current() == Device.CUDA || listedIn(Path.of("/proc/cpuinfo"));
    }

    static boolean listedIn(Path cpuInfo) {
        try {
            return Files.readAllLines(cpuInfo, StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                    .limit(1)
                    .flatMap(line -> Arrays.stream(line.split("[:\\s]+")))
                    .anyMatch(FLAGS::contains);
        } catch (IOException noSuchFile) {
            return false;
        }
    }
}
