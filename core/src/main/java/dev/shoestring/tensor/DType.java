package dev.shoestring.tensor;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types of tensors. */
public enum DType {
    /** 32-bit float. */
    FLOAT32(ScalarType.Float, 4),
    /** bfloat16: the exponent of a float with 8 bits of precision. */
    BFLOAT16(ScalarType.BFloat16, 2),
    /** IEEE half precision. */
    FLOAT16(ScalarType.Half, 2),
    /** 64-bit float. */
    FLOAT64(ScalarType.Double, 8),
    /** 64-bit integer; the type of indices. */
    INT64(ScalarType.Long, 8),
    /** 32-bit integer. */
    INT32(ScalarType.Int, 4),
    /** 8-bit unsigned integer. */
    UINT8(ScalarType.Byte, 1),
    /** Truth values, one byte each. */
    BOOL(ScalarType.Bool, 1);

    private final ScalarType nativeType;
    private final int bytes;

    DType(ScalarType nativeType, int bytes) {
        this.nativeType = nativeType;
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    ScalarType nativeType() {
        return nativeType;
    }

    static DType of(ScalarType type) {
        for (DType candidate : values()) {
            if (candidate.nativeType.value == type.value) {
                return candidate;
            }
        }
        throw new IllegalStateException("tensor of unsupported element type " + type);
    }
}
