package dev.shoestring.cost;

import java.nio.file.Path;
import java.util.Optional;

/** Measures the energy that a run uses, from the moment the meter is made. */
public sealed interface EnergyMeter permits RaplMeter, EstimatedEnergy {
    /**
     * Energy used since the meter was made.
     *
     * @param wallSeconds time since then
     * @param cpuSeconds processor time of this process since then
     */
    Energy used(double wallSeconds, double cpuSeconds);

    /** The processor's counters where they can be read, otherwise an estimate. */
    static EnergyMeter start() {
        Optional<RaplMeter> counters = RaplMeter.open(Path.of("/sys/class/powercap"));
        if (counters.isPresent()) {
            return counters.get();
        }
        return new EstimatedEnergy(Runtime.getRuntime().availableProcessors());
    }
}
