package dev.shoestring.benchmarks.micro;

import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A file of 200 tensors of 64 KiB each, in the system's cache. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SafetensorsReading {
    private static final int TENSORS = 200;
    private static final int SIDE = 128;

    private Path file = Path.of("");

    /** Writes it. */
    @Setup
    public void write() throws IOException {
        file = Files.createTempFile("shoestring-benchmark", ".safetensors");
        List<Safetensors.TensorData> tensors = new ArrayList<>();
        for (int i = 0; i < TENSORS; i++) {
            TensorInfo info =
                    new TensorInfo("layers." + i + ".weight", ElementType.F32, List.of((long) SIDE, (long) SIDE));
            tensors.add(new Safetensors.TensorData(info, ByteBuffer.allocate(SIDE * SIDE * Float.BYTES)));
        }
        Files.delete(file);
        Safetensors.write(file, Map.of("format", "pt"), tensors);
    }

    /** Its header read and checked. */
    @Benchmark
    public int open() {
        try (Weights weights = Safetensors.open(file)) {
            return weights.tensors().size();
        }
    }

    /** All its tensors read, 12.5 MiB. */
    @Benchmark
    public int read() {
        int bytes = 0;
        try (Weights weights = Safetensors.open(file)) {
            for (String name : weights.tensors().keySet()) {
                bytes += weights.read(name).remaining();
            }
        }
        return bytes;
    }

    /** Deletes it. */
    @TearDown
    public void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
