package dev.shoestring.benchmarks;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;

/** What {@code shoestring doctor} calls this machine's ceiling: the fastest of repeated products, or convolutions, of the same sizes. */
final class Ceiling {
    private static final int SIDE = 2048;
    private static final double SECONDS = 0.4;

    private Ceiling() {}

    /** FLOP/s of a matrix product of side 2,048. */
    static double product(Arithmetic arithmetic) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor a = random(type(arithmetic), SIDE, SIDE);
            Tensor b = random(type(arithmetic), SIDE, SIDE);
            return 2.0 * SIDE * SIDE * SIDE / fastest(() -> a.matmul(b));
        }
    }

    /** FLOP/s of a 3 × 3 convolution of 64 to 64 channels on 64 images of 28 × 28. */
    static double convolution(Arithmetic arithmetic) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor images = random(type(arithmetic), 64, 64, 28, 28);
            Tensor weight = random(type(arithmetic), 64, 64, 3, 3);
            return 2.0 * 64 * 28 * 28 * 64 * 64 * 9 / fastest(() -> images.conv2d(weight, 1, 1));
        }
    }

    private static DType type(Arithmetic arithmetic) {
        return arithmetic == Arithmetic.BF16 ? DType.BFLOAT16 : DType.FLOAT32;
    }

    private static Tensor random(DType type, long... shape) {
        return Tensor.zeros(DType.FLOAT32, shape).fillNormal(0, 1).to(type);
    }

    private static double fastest(Runnable work) {
        double best = Double.MAX_VALUE;
        long begin = System.nanoTime();
        for (int i = 0; i < 3 || (System.nanoTime() - begin) * 1e-9 < SECONDS; i++) {
            long start = System.nanoTime();
            try (TensorScope scope = TensorScope.open()) {
                work.run();
            }
            best = Math.min(best, (System.nanoTime() - start) * 1e-9);
        }
        return best;
    }
}
