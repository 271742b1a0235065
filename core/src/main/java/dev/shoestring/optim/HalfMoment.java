package dev.shoestring.optim;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.util.Map;

/** A moment in bfloat16: two bytes an element. */
record HalfMoment(Tensor values, RoundingNoise.Kind kind) implements StoredMoment {
    static HalfMoment zeros(long elements, RoundingNoise.Kind kind) {
        return new HalfMoment(Tensor.zeros(DType.BFLOAT16, elements).unscoped(), kind);
    }

    @Override
    public Tensor read(long start, long length) {
        return values.narrow(0, start, length).to(DType.FLOAT32);
    }

    @Override
    public void write(long start, Tensor values_N, RoundingNoise noise) {
        values.narrow(0, start, values_N.numel()).copyFrom(noise.bf16(values_N, kind));
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of("", values);
    }
}
