package dev.shoestring.hub;

import org.jspecify.annotations.Nullable;

/** Element types of stored weights, named as safetensors names them. */
public enum ElementType {
    /** 64-bit float. */
    F64(8),
    /** 32-bit float. */
    F32(4),
    /** IEEE half precision. */
    F16(2),
    /** bfloat16. */
    BF16(2),
    /** 64-bit integer. */
    I64(8),
    /** 32-bit integer. */
    I32(4),
    /** 16-bit integer. */
    I16(2),
    /** 8-bit integer. */
    I8(1),
    /** 8-bit unsigned integer. */
    U8(1),
    /** Truth value, one byte. */
    BOOL(1);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    static @Nullable ElementType named(String name) {
        for (ElementType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        return null;
    }
}
