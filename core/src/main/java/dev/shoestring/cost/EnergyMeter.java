package dev.shoestring.cost;

import java.nio.file.Path;
import java.util.Optional;

/** Measures the energy that a run uses, from the moment the meter is made. */
public sealed interface EnergyMeter permits RaplMeter, EstimatedEnergy {
    /** Where Linux shows the counters. */
    Path POWERCAP = Path.of("/sys/class/powercap");

    /**
     * Energy used since the meter was made.
     *
     * @param wallSeconds time since then
     * @param cpuSeconds processor time of this process since then
     */
    Energy used(double wallSeconds, double cpuSeconds);

    /** Whether the processor's counters can be read here. */
    static boolean counted() {
        return RaplMeter.open(POWERCAP).isPresent();
    }

    /** What a run of this length is expected to use, from processor time; always an estimate. */
    static Energy expected(double wallSeconds, double cpuSeconds) {
        return new EstimatedEnergy(Runtime.getRuntime().availableProcessors()).used(wallSeconds, cpuSeconds);
    }

    /** The processor's counters where they can be read, otherwise an estimate. */
    static EnergyMeter start() {
        Optional<RaplMeter> counters = RaplMeter.open(POWERCAP);
        if (counters.isPresent()) {
            return counters.get();
        }
        return new EstimatedEnergy(Runtime.getRuntime().availableProcessors());
    }
}
