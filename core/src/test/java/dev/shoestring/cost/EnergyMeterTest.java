package dev.shoestring.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnergyMeterTest {
    private final Path powercap;

    EnergyMeterTest(@TempDir Path powercap) {
        this.powercap = powercap;
    }

    private Path zone(String folder, String name, long microjoules) throws IOException {
        Path zone = Files.createDirectory(powercap.resolve(folder));
        Files.writeString(zone.resolve("name"), name + "\n");
        Files.writeString(zone.resolve("max_energy_range_uj"), "262143328850\n");
        Files.writeString(zone.resolve("energy_uj"), microjoules + "\n");
        return zone.resolve("energy_uj");
    }

    @Test
    void packagesAndMemoryAreCounted() throws IOException {
        Path first = zone("intel-rapl:0", "package-0", 5_000_000);
        Path second = zone("intel-rapl:1", "package-1", 0);
        Path memory = zone("intel-rapl:0:1", "dram", 1_000_000);
        Path cores = zone("intel-rapl:0:0", "core", 0);
        Path platform = zone("intel-rapl:2", "psys", 0);
        RaplMeter meter = RaplMeter.open(powercap).orElseThrow();
        assertThat(meter.used(1, 1)).isEqualTo(new Energy(0, "rapl"));
        Files.writeString(first, "15000000\n");
        Files.writeString(second, "2000000\n");
        Files.writeString(memory, "1500000\n");
        Files.writeString(cores, "9000000\n");
        Files.writeString(platform, "9000000\n");
        assertThat(meter.used(2, 2).joules()).isCloseTo(10 + 2 + 0.5, within(1e-9));
    }

    @Test
    void aCounterThatStartsAgainIsMadeGood() throws IOException {
        Path counter = zone("intel-rapl:0", "package-0", 262_143_328_850L - 1_000_000);
        RaplMeter meter = RaplMeter.open(powercap).orElseThrow();
        Files.writeString(counter, "3000000\n");
        assertThat(meter.used(1, 1).joules()).isCloseTo(4, within(1e-9));
        Files.writeString(counter, "4000000\n");
        assertThat(meter.used(2, 2).joules()).isCloseTo(5, within(1e-9));
    }

    @Test
    void aReadingThatFailsIsMadeUpForByTheNext() throws IOException {
        Path counter = zone("intel-rapl:0", "package-0", 0);
        RaplMeter meter = RaplMeter.open(powercap).orElseThrow();
        Files.writeString(counter, "");
        assertThat(meter.used(1, 1).joules()).isZero();
        Files.writeString(counter, "7000000\n");
        assertThat(meter.used(2, 2).joules()).isCloseTo(7, within(1e-9));
    }

    @Test
    void withoutReadableCountersThereIsNoRapl() throws IOException {
        assertThat(RaplMeter.open(powercap)).isEmpty();
        assertThat(RaplMeter.open(powercap.resolve("missing"))).isEmpty();
        Files.writeString(zone("intel-rapl:0", "package-0", 0), "not a number");
        assertThat(RaplMeter.open(powercap)).isEmpty();
    }

    @Test
    void estimatesChargeIdleCoresAndBusyOnes() {
        EnergyMeter meter = new EstimatedEnergy(4);
        assertThat(meter.used(10, 0)).isEqualTo(new Energy(10 * 4 * 0.74, "estimated"));
        assertThat(meter.used(10, 40).joules()).isCloseTo(10 * 4 * 3.5, within(1e-9));
    }

    @Test
    void oneEstimateMakesAnEstimateOfTheSum() {
        assertThat(new Energy(1, "rapl").plus(new Energy(2, "rapl"))).isEqualTo(new Energy(3, "rapl"));
        assertThat(new Energy(1, "rapl").plus(new Energy(2, "estimated"))).isEqualTo(new Energy(3, "estimated"));
    }

    @Test
    void thisMachineHasSomeMeter() {
        assertThat(EnergyMeter.start().used(1, 1).source()).isIn("rapl", "estimated");
    }
}
