package dev.shoestring.nn;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;

/**
 * A frozen matrix in few bits: codes, and for each block of 64 values of a row the largest absolute value. It is made whole, in
 * bfloat16, each time it is used. After QLoRA (Dettmers et al. 2023, arXiv 2305.14314, section 3), without quantizing the scales once
 * more. Lives outside scopes.
 */
final class QuantizedMatrix implements AutoCloseable {
    private static final int BLOCK = 64;
    private static final int PAIR = 2;

    /** Values that are quantized at a time. */
    private static final long PIECE = 1L << 22;

    private static final double TINY = 1e-30;

    private final long rows;
    private final long columns;
    private final Codes codes;
    private final Tensor codes_N;
    private final Tensor largest_B;

    private QuantizedMatrix(long rows, long columns, Codes codes) {
        this.rows = rows;
        this.columns = columns;
        this.codes = codes;
        long values = rows * columns;
        codes_N = Tensor.zeros(DType.UINT8, values / codes.perByte()).unscoped();
        largest_B = Tensor.zeros(DType.BFLOAT16, values / BLOCK).unscoped();
    }

    /** Whether a matrix of this shape can be cut into blocks. */
    static boolean fits(long columns) {
        return columns % BLOCK == 0;
    }

    /** The quantized values of a matrix (rows, columns) of any floating-point type. */
    static QuantizedMatrix of(Tensor values_RC, Codes codes) {
        long columns = values_RC.size(1);
        QuantizedMatrix matrix = new QuantizedMatrix(values_RC.size(0), columns, codes);
        long step = Math.max(1, PIECE / columns);
        for (long row = 0; row < matrix.rows; row += step) {
            try (TensorScope scope = TensorScope.open();
                    NoGrad guard = NoGrad.on()) {
                long count = Math.min(step, matrix.rows - row);
                matrix.set(row * columns, values_RC.narrow(0, row, count).to(DType.FLOAT32));
            }
        }
        return matrix;
    }

    private void set(long start, Tensor values_RC) {
        long length = values_RC.numel();
        Tensor values_BE = values_RC.reshape(-1, BLOCK);
        Tensor largest = largest_B.narrow(0, start / BLOCK, length / BLOCK);
        largest.copyFrom(values_BE
                .clamp(0, Float.MAX_VALUE)
                .sub(values_BE.clamp(-Float.MAX_VALUE, 0))
                .amax(1)
                .clamp(TINY, Float.MAX_VALUE));
        // The stored scale is a rounded one: codes are chosen for it, not for the exact one.
        Tensor share_BE = values_BE.div(largest.to(DType.FLOAT32).view(-1, 1)).clamp(-1, 1);
        codes_N.narrow(0, start / codes.perByte(), length / codes.perByte()).copyFrom(codes.encode(share_BE.view(-1)));
    }

    /** The matrix, (rows, columns) in bfloat16, in the open scope; no gradient goes to it. */
    Tensor values() {
        try (NoGrad guard = NoGrad.on()) {
            return TensorScope.keep(() -> codes.decode(codes_N)
                    .view(-1, BLOCK)
                    .mul(largest_B.view(-1, 1))
                    .view(rows, columns));
        }
    }

    long count() {
        return rows * columns;
    }

    @Override
    public void close() {
        codes_N.close();
        largest_B.close();
    }

    /** How a share between −1 and 1 becomes a code. */
    enum Codes {
        /** 255 equal steps, one byte each. */
        INT8 {
            @Override
            int perByte() {
                return 1;
            }

            @Override
            Tensor encode(Tensor share_N) {
                return share_N.mul(MOST).add(MIDDLE + 0.5).floor();
            }

            @Override
            Tensor decode(Tensor codes_N) {
                return codes_N.to(DType.BFLOAT16).add(-MIDDLE).mul(1 / MOST);
            }
        },
        /** Sixteen quantiles of a normal distribution (NormalFloat; appendix E), two in a byte, the first in the upper half. */
        NF4 {
            @Override
            int perByte() {
                return PAIR;
            }

            @Override
            Tensor encode(Tensor share_N) {
                Tensor code_N = Tensor.zeros(DType.FLOAT32, share_N.numel());
                for (int i = 1; i < LEVELS.length; i++) {
                    Tensor border = Tensor.full((LEVELS[i - 1] + LEVELS[i]) / 2, 1);
                    code_N.addInPlace(share_N.atLeast(border), 1);
                }
                Tensor pairs = code_N.view(-1, PAIR);
                return pairs.select(1, 0).mul(LEVELS.length).add(pairs.select(1, 1));
            }

            @Override
            Tensor decode(Tensor codes_N) {
                // Both values of a byte are one 32-bit element of the table.
                Tensor table = pairs().viewAs(DType.INT32, (long) LEVELS.length * LEVELS.length);
                Tensor both_N = table.indexSelect(0, codes_N.to(DType.INT32));
                return both_N.viewAs(DType.BFLOAT16, PAIR * codes_N.numel());
            }
        };

        private static final double MOST = 127;
        private static final double MIDDLE = 128;
        private static final double[] LEVELS = {
            -1.0,
            -0.6961928009986877,
            -0.5250730514526367,
            -0.39491748809814453,
            -0.28444138169288635,
            -0.18477343022823334,
            -0.09105003625154495,
            0.0,
            0.07958029955625534,
            0.16093020141124725,
            0.24611230194568634,
            0.33791524171829224,
            0.44070982933044434,
            0.5626170039176941,
            0.7229568362236023,
            1.0
        };

        abstract int perByte();

        abstract Tensor encode(Tensor share_N);

        abstract Tensor decode(Tensor codes_N);

        private static Tensor pairs() {
            float[] values = new float[PAIR * LEVELS.length * LEVELS.length];
            for (int i = 0; i < LEVELS.length * LEVELS.length; i++) {
                values[PAIR * i] = (float) LEVELS[i / LEVELS.length];
                values[PAIR * i + 1] = (float) LEVELS[i % LEVELS.length];
            }
            return Tensor.of(values, values.length).to(DType.BFLOAT16);
        }
    }
}
