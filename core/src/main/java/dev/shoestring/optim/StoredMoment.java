package dev.shoestring.optim;

import dev.shoestring.tensor.Tensor;
import java.util.Map;

/** A moment of a parameter's gradients, kept in fewer bits than it is computed with; outside scopes. */
interface StoredMoment {
    /** Elements from {@code start} on, in float32: (length). */
    Tensor read(long start, long length);

    /** Replaces elements from {@code start} on, rounded without bias. */
    void write(long start, Tensor values_N, RoundingNoise noise);

    /** What a checkpoint must hold, by the endings of its names; live. */
    Map<String, Tensor> state();

    /** Frees its memory. */
    default void close() {
        state().values().forEach(Tensor::close);
    }
}
