package dev.shoestring.benchmarks.micro;

import dev.shoestring.tensor.LibTorch;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a call into the engine, a scope, and the way back to Java cost, on tensors too small to compute anything. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CallOverhead {
    static {
        LibTorch.load();
    }

    private final Tensor a = Tensor.full(1, 8).unscoped();
    private final Tensor b = Tensor.full(2, 8).unscoped();

    /** One call, its result freed at once. */
    @Benchmark
    public void addAndClose() {
        try (Tensor sum = a.add(b)) {
            sum.dim();
        }
    }

    /** A scope with nothing in it. */
    @Benchmark
    public int emptyScope() {
        try (TensorScope scope = TensorScope.open()) {
            return scope.hashCode();
        }
    }

    /** Ten calls in a scope, which frees their results. */
    @Benchmark
    public int tenCallsInAScope() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor sum = a;
            for (int i = 0; i < 10; i++) {
                sum = sum.add(b);
            }
            return sum.dim();
        }
    }

    /** A number from the engine. */
    @Benchmark
    public double item() {
        try (TensorScope scope = TensorScope.open()) {
            return a.narrow(0, 0, 1).item();
        }
    }
}
