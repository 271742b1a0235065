package dev.shoestring.run;

import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;

/** Stored weights as tensors. */
final class StoredTensors {
    private StoredTensors() {}

    /**
     * Reads a weight in its stored shape and type.
     *
     * @param source what the weights came from, for messages
     * @throws InputException if it is of no floating-point type
     */
    static Tensor load(Weights weights, TensorInfo info, String source) {
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        return Tensor.ofBytes(weights.read(info.name()), type(info, source), shape);
    }

    private static DType type(TensorInfo info, String source) {
        return switch (info.type()) {
            case F32 -> DType.FLOAT32;
            case F16 -> DType.FLOAT16;
            case BF16 -> DType.BFLOAT16;
            case F64 -> DType.FLOAT64;
            case I64, I32, I16, I8, U8, BOOL ->
                throw new InputException(source + ": tensor " + info.name() + " has element type " + info.type()
                        + ", weights are floating-point");
        };
    }
}
