package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.util.Arrays;

/** Stored weights as tensors. */
public final class StoredTensors {
    private StoredTensors() {}

    /**
     * Reads a weight in its stored shape and type.
     *
     * @param source what the weights came from, for messages
     * @throws InputException if it is of no floating-point type
     */
    public static Tensor load(Weights weights, TensorInfo info, String source) {
        return Tensor.ofBytes(weights.read(info.name()), type(info, source), shape(info));
    }

    /**
     * The element type of a weight.
     *
     * @param source what the weights came from, for messages
     * @throws InputException if it is no floating-point type
     */
    public static DType type(TensorInfo info, String source) {
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

    /** What a tensor's elements are called in a file. */
    public static ElementType elementType(Tensor tensor) {
        return switch (tensor.dtype()) {
            case FLOAT32 -> ElementType.F32;
            case BFLOAT16 -> ElementType.BF16;
            case FLOAT16 -> ElementType.F16;
            case FLOAT64 -> ElementType.F64;
            case INT64 -> ElementType.I64;
            case INT32 -> ElementType.I32;
            case UINT8 -> ElementType.U8;
            case BOOL -> ElementType.BOOL;
        };
    }

    /** How a tensor stands in a file. */
    public static TensorInfo info(String name, Tensor tensor) {
        return new TensorInfo(
                name, elementType(tensor), Arrays.stream(tensor.shape()).boxed().toList());
    }

    /**
     * The type of a tensor with such elements.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static DType dtype(ElementType type) {
        return switch (type) {
            case F32 -> DType.FLOAT32;
            case BF16 -> DType.BFLOAT16;
            case F16 -> DType.FLOAT16;
            case F64 -> DType.FLOAT64;
            case I64 -> DType.INT64;
            case I32 -> DType.INT32;
            case U8 -> DType.UINT8;
            case BOOL -> DType.BOOL;
            case I16, I8 -> throw new IllegalArgumentException("no tensor has elements of type " + type);
        };
    }

    /** The sizes of a tensor. */
    public static long[] shape(TensorInfo info) {
        return info.shape().stream().mapToLong(Long::longValue).toArray();
    }
}
