package dev.shoestring.hub;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How a GGUF file keeps its matrices; the numbers are those of ggml and of llama.cpp's file types. */
public enum GgufType {
    /** Single precision. */
    F32(0, 0),
    /** Half precision. */
    F16(1, 1),
    /** bfloat16. */
    BF16(30, 32),
    /** Blocks of 32 whole numbers of 8 bits that share a factor in half precision: 8.5 bits a weight. */
    Q8_0(8, 7);

    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = BLOCK + 2;
    private static final float LARGEST = 127;
    /** Elements that are packed at a time: whole blocks. */
    static final long PIECE = 1L << 20;

    private final int number;
    private final int fileType;

    GgufType(int number, int fileType) {
        this.number = number;
        this.fileType = fileType;
    }

    int number() {
        return number;
    }

    /** The number by which llama.cpp says what most matrices of a file are. */
    public int fileType() {
        return fileType;
    }

    /** The type in which a tensor of that shape is kept in a file of this type: what has one dimension stays whole. */
    GgufType of(TensorInfo info) {
        if (info.shape().size() < 2) {
            return F32;
        }
        boolean blocks = info.shape().get(info.shape().size() - 1) % BLOCK == 0;
        return this == Q8_0 && !blocks ? F16 : this;
    }

    long bytes(long elements) {
        return switch (this) {
            case F32 -> 4 * elements;
            case F16, BF16 -> 2 * elements;
            case Q8_0 -> elements / BLOCK * BLOCK_BYTES;
        };
    }

    Tensor pack(Tensor values) {
        return switch (this) {
            case F32 -> values.to(DType.FLOAT32);
            case F16 -> values.to(DType.FLOAT16);
            case BF16 -> values.to(DType.BFLOAT16);
            case Q8_0 -> quantized(values.to(DType.FLOAT32).toFloats());
        };
    }

    /** Each block's largest size becomes 127, as ggml's reference does it; halves are rounded away from zero. */
    private static Tensor quantized(float[] values) {
        int blocks = values.length / BLOCK;
        float[] factors = new float[blocks];
        ByteBuffer packed = ByteBuffer.allocateDirect(blocks * BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int block = 0; block < blocks; block++) {
            float largest = 0;
            for (int i = 0; i < BLOCK; i++) {
                largest = Math.max(largest, Math.abs(values[block * BLOCK + i]));
            }
            factors[block] = largest / LARGEST;
            float inverse = factors[block] == 0 ? 0 : 1 / factors[block];
            for (int i = 0; i < BLOCK; i++) {
                float scaled = values[block * BLOCK + i] * inverse;
                packed.put(block * BLOCK_BYTES + 2 + i, (byte)
                        (Math.signum(scaled) * Math.floor(Math.abs(scaled) + 0.5f)));
            }
        }
        ByteBuffer halves = Tensor.of(factors, blocks).to(DType.FLOAT16).toBytes();
        for (int block = 0; block < blocks; block++) {
            packed.putShort(block * BLOCK_BYTES, halves.getShort(2 * block));
        }
        return Tensor.ofBytes(packed, DType.UINT8, packed.capacity());
    }
}
