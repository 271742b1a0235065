package dev.shoestring.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.train.Arithmetic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The one JSON line that a benchmark prints; the peers in {@code benchmarks/peers} print the same keys. */
final class Line {
    private final ObjectNode json = new ObjectMapper().createObjectNode();

    Line(String benchmark, String variant, Arithmetic arithmetic) {
        json.put("benchmark", benchmark).put("side", "shoestring").put("variant", variant);
        json.put("precision", name(arithmetic)).put("engine", "libtorch " + LibTorch.version());
        json.put("threads", LibTorch.threads());
    }

    static String name(Arithmetic arithmetic) {
        return arithmetic.name().toLowerCase(Locale.ROOT);
    }

    static Arithmetic arithmetic(String precision) {
        return Arithmetic.valueOf(precision.toUpperCase(Locale.ROOT));
    }

    Line put(String key, double value) {
        json.put(key, Math.abs(value) >= 1000 ? Math.rint(value) : Math.rint(value * 1000) / 1000);
        return this;
    }

    Line put(String key, long value) {
        json.put(key, value);
        return this;
    }

    Line timing(Timing timing) {
        return put("median_ms", timing.median()).put("min_ms", timing.fastest());
    }

    /** Prints it with the highest resident memory of this process so far. */
    void print() {
        System.out.println(put("peak_mib", peakMebibytes()).json);
    }

    private static long peakMebibytes() {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return -1;
        }
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("VmHWM"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
