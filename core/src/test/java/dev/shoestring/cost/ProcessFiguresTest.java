package dev.shoestring.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessFiguresTest {
    private final Path folder;

    ProcessFiguresTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void peakMemoryIsTheHighWaterMark() throws IOException {
        Path status = folder.resolve("status");
        Files.writeString(status, "Name:\tjava\nVmPeak:\t  999999 kB\nVmHWM:\t  123456 kB\nVmRSS:\t  1 kB\n");
        assertThat(PeakMemory.hostBytes(status)).isEqualTo(123_456L * 1024);
    }

    @Test
    void elsewhereTheHeapIsALowerBound() throws IOException {
        Path status = folder.resolve("status");
        assertThat(PeakMemory.hostBytes(status)).isPositive();
        Files.writeString(status, "VmHWM:\tmuch kB\n");
        assertThat(PeakMemory.hostBytes(status)).isPositive();
    }

    @Test
    void thisProcessHoldsMemoryAndHasComputed() {
        assertThat(PeakMemory.hostBytes()).isGreaterThan(1 << 20);
        assertThat(CpuTime.seconds()).isPositive();
    }
}
