package dev.shoestring.plan;

import com.sun.management.OperatingSystemMXBean;
import dev.shoestring.cost.EnergyMeter;
import dev.shoestring.cost.Link;
import dev.shoestring.cost.MachineProfile;
import dev.shoestring.cost.PriceList;
import dev.shoestring.recipe.InputException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** This machine as one device, from what {@code shoestring doctor} measured. */
public final class ThisMachine {
    /** Its name on the command line. */
    public static final String NAME = "this-machine";

    private static final double GIGABIT = 125e6;

    /** Between two processes: 100 MB are summed in 75 to 90 ms (two JVMs, Gloo over loopback), which is 0.75 of this. */
    private static final double LOOPBACK = 1.6e9;

    private static final double LOOPBACK_LATENCY = 25e-6;
    private static final double LOCAL_LATENCY = 1e-4;

    /** Share of its fastest product that a processor keeps up over a step: its caches are shared, its cores few. */
    private static final double ASSUMED_SHARE = 0.5;

    private static final Duration HOUR = Duration.ofHours(1);

    private ThisMachine() {}

    /** Between two processes here. */
    public static Link loopback() {
        return new Link(LOOPBACK, LOOPBACK_LATENCY);
    }

    /** To a machine like it: gigabit Ethernet, 0.2 ms there and back, assumed. */
    public static Link network() {
        return new Link(GIGABIT, LOCAL_LATENCY);
    }

    /** Memory of the machine, bytes. */
    public static double memory() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    }

    /**
     * Its speed, memory, power and price; joined to others by gigabit Ethernet.
     *
     * @throws InputException if it has not been measured
     */
    public static Hardware hardware() {
        MachineProfile profile = MachineProfile.load()
                .orElseThrow(() -> new InputException("plan: this machine has not been measured: run shoestring doctor "
                        + "first (20 s), or plan for hardware of the catalogue with --on"));
        Map<String, Double> rates = new LinkedHashMap<>(profile.matrixProduct());
        if (!profile.prefersBf16()) {
            rates.remove("bf16");
        }
        int cores = profile.cores();
        double watts = EnergyMeter.expected(1, cores).joules();
        PriceList prices = PriceList.load();
        double anHour = HOUR.toSeconds();
        return new Hardware(
                NAME,
                "this machine: " + profile.processor() + ", " + cores + " cores",
                rates,
                ASSUMED_SHARE,
                "half of the matrix product that doctor measured on " + profile.measuredAt() + ", assumed",
                profile.memoryBandwidth(),
                memory(),
                watts,
                LOOPBACK,
                GIGABIT,
                LOOPBACK_LATENCY,
                LOCAL_LATENCY,
                1,
                new Hardware.Price(
                        prices.priceOf(HOUR, cores, watts * anHour).amount(),
                        prices.currency(),
                        prices.source(),
                        "today"));
    }
}
