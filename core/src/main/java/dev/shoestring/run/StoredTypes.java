package dev.shoestring.run;

import dev.shoestring.hub.TensorInfo;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;

/** The element types of stored weights as tensors have them. */
final class StoredTypes {
    private StoredTypes() {}

    /**
     * The type of a weight.
     *
     * @throws InputException if it is no floating-point type
     */
    static DType of(TensorInfo info, String source) {
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
