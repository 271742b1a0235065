package dev.shoestring.cost;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Energy from the counters of the processor packages and, where the processor has them, of the memory (RAPL, by Linux's powercap
 * files). They count the whole machine, other programs included. A counter starts again at its range, after minutes to hours:
 * one turn between two readings is made good, so the meter is to be read more often than that.
 */
final class RaplMeter implements EnergyMeter {
    private static final double JOULES = 1e-6;

    private final List<Counter> counters;

    private RaplMeter(List<Counter> counters) {
        this.counters = counters;
    }

    /** The counters under a powercap folder; empty if there are none that this user may read. */
    static Optional<RaplMeter> open(Path powercap) {
        List<Counter> counters = new ArrayList<>();
        try (DirectoryStream<Path> zones = Files.newDirectoryStream(powercap, "intel-rapl:*")) {
            for (Path zone : zones) {
                String name = text(zone.resolve("name"));
                if (name.startsWith("package") || name.equals("dram")) {
                    counters.add(new Counter(zone));
                }
            }
        } catch (IOException | DirectoryIteratorException | NumberFormatException unreadable) {
            return Optional.empty();
        }
        return counters.isEmpty() ? Optional.empty() : Optional.of(new RaplMeter(counters));
    }

    @Override
    public Energy used(double wallSeconds, double cpuSeconds) {
        double microjoules = 0;
        for (Counter counter : counters) {
            microjoules += counter.used();
        }
        return new Energy(microjoules * JOULES, Energy.RAPL);
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    }

    private static final class Counter {
        private final Path file;
        private final long range;
        private long last;
        private double used;

        Counter(Path zone) throws IOException {
            file = zone.resolve("energy_uj");
            range = Long.parseLong(text(zone.resolve("max_energy_range_uj")));
            last = Long.parseLong(text(file));
        }

        double used() {
            try {
                long now = Long.parseLong(text(file));
                used += now >= last ? now - last : range - last + now;
                last = now;
            } catch (IOException | NumberFormatException unreadable) {
                // The next reading makes up for one that fails.
                return used;
            }
            return used;
        }
    }
}
