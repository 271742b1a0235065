package dev.shoestring.optim;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A moment in one byte an element, and a float32 for each block of 256 elements: the largest absolute value of the block (block-wise
 * quantization after Dettmers et al. 2022, arXiv 2110.02861, section 2.1). Where their 256 values form a tree, ours are powers: a
 * first moment is kept by the square root of its share of the largest, with its sign, a second moment, which is never negative, by the
 * fourth root and never as zero, as a zero there would make its step as large as {@code eps} allows (Li et al. 2023, arXiv 2309.01507).
 */
final class ByteMoment implements StoredMoment {
    static final int BLOCK = 256;
    private static final double MIDDLE = 128;
    private static final double SIGNED = 127;
    private static final double UNSIGNED = 255;
    private static final double TINY = 1e-38;

    private final long elements;
    private final RoundingNoise.Kind kind;
    private final Tensor codes_N;
    private final Tensor largest_B;

    private ByteMoment(long elements, RoundingNoise.Kind kind) {
        this.elements = elements;
        this.kind = kind;
        long blocks = (elements + BLOCK - 1) / BLOCK;
        codes_N = Tensor.zeros(DType.UINT8, blocks * BLOCK).unscoped();
        largest_B = Tensor.zeros(DType.FLOAT32, blocks).unscoped();
    }

    static ByteMoment zeros(long elements, RoundingNoise.Kind kind) {
        return new ByteMoment(elements, kind);
    }

    private boolean signed() {
        return kind == RoundingNoise.Kind.FIRST;
    }

    @Override
    public Tensor read(long start, long length) {
        long blocks = blocks(start, length);
        Tensor codes_BE =
                codes_N.narrow(0, start, blocks * BLOCK).to(DType.FLOAT32).view(blocks, BLOCK);
        Tensor share_BE;
        if (signed()) {
            Tensor root_BE = codes_BE.add(-MIDDLE).mul(1 / SIGNED);
            Tensor positive_BE = root_BE.clamp(0, 2);
            Tensor negative_BE = root_BE.clamp(-2, 0);
            share_BE = positive_BE.mul(positive_BE).sub(negative_BE.mul(negative_BE));
        } else {
            Tensor root_BE = codes_BE.mul(1 / UNSIGNED);
            Tensor square_BE = root_BE.mul(root_BE);
            share_BE = square_BE.mul(square_BE);
        }
        return share_BE.mul(scales(start, blocks)).view(-1).narrow(0, 0, length);
    }

    @Override
    public void write(long start, Tensor values_N, RoundingNoise noise) {
        long length = values_N.numel();
        long blocks = blocks(start, length);
        long missing = blocks * BLOCK - length;
        Tensor whole_N =
                missing == 0 ? values_N : Tensor.cat(List.of(values_N, Tensor.zeros(DType.FLOAT32, missing)), 0);
        Tensor values_BE = whole_N.view(blocks, BLOCK);
        Tensor positive_BE = values_BE.clamp(0, Float.MAX_VALUE);
        Tensor negative_BE = values_BE.mul(-1).clamp(0, Float.MAX_VALUE);
        Tensor most_B = positive_BE.add(negative_BE).amax(1).clamp(TINY, Float.MAX_VALUE);
        largest_B.narrow(0, start / BLOCK, blocks).copyFrom(most_B);
        Tensor codes_BE = signed()
                ? positive_BE
                        .div(most_B.view(blocks, 1))
                        .sqrt()
                        .sub(negative_BE.div(most_B.view(blocks, 1)).sqrt())
                        .mul(SIGNED)
                        .add(MIDDLE)
                : positive_BE.div(most_B.view(blocks, 1)).sqrt().sqrt().mul(UNSIGNED);
        Tensor rounded_N = noise.whole(codes_BE.view(-1), kind).clamp(1, UNSIGNED);
        codes_N.narrow(0, start, blocks * BLOCK).copyFrom(rounded_N);
    }

    private Tensor scales(long start, long blocks) {
        return largest_B.narrow(0, start / BLOCK, blocks).view(blocks, 1);
    }

    private long blocks(long start, long length) {
        if (start % BLOCK != 0 || start + length > elements) {
            throw new IllegalArgumentException(
                    "elements " + start + " to " + (start + length) + " of " + elements + ", in blocks of " + BLOCK);
        }
        return (length + BLOCK - 1) / BLOCK;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put("", codes_N);
        state.put(".largest", largest_B);
        return state;
    }
}
