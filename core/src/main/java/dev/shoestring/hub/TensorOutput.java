package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.Supplier;

/**
 * A tensor to be written, whose values are made when its turn comes: a model is written without a second copy of it in memory.
 *
 * @param info name, type on disk and shape
 * @param values makes the tensor, of that shape and any type that can become the one on disk, in the scope that is open
 */
public record TensorOutput(TensorInfo info, Supplier<Tensor> values) {
    private static final long PIECE = 4L << 20;
    private static final double LARGEST_HALF = 65504;

    /** What becomes of the values on their way to disk: floats of {@link #info}'s type, or quantized blocks. */
    @FunctionalInterface
    interface Packing {
        /** Bytes of some whole rows, taken out of a float tensor of one dimension. */
        Tensor pack(Tensor values);
    }

    /**
     * Writes the values, little-endian and row-major, in pieces.
     *
     * @throws InputException if a value is too large for half precision
     */
    void write(WritableByteChannel out) throws IOException {
        DType type =
                switch (info.type()) {
                    case F32 -> DType.FLOAT32;
                    case F16 -> DType.FLOAT16;
                    case BF16 -> DType.BFLOAT16;
                    case F64 -> DType.FLOAT64;
                    case I64 -> DType.INT64;
                    case I32 -> DType.INT32;
                    case U8 -> DType.UINT8;
                    case I16, I8, BOOL -> throw new IllegalStateException(info + " is of no type that is written");
                };
        write(out, PIECE, piece -> {
            if (type == DType.FLOAT16 && piece.dtype() != DType.FLOAT16) {
                requireHalf(piece);
            }
            return piece.to(type);
        });
    }

    /** Writes pieces of that many elements, each packed. */
    void write(WritableByteChannel out, long pieceSize, Packing packing) throws IOException {
        try (TensorScope whole = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor all = values.get().detach().contiguous().view(-1);
            if (all.numel() != info.elements()) {
                throw new IllegalStateException(info + " comes with " + all.numel() + " values");
            }
            for (long start = 0; start < all.numel(); start += pieceSize) {
                try (TensorScope piece = TensorScope.open()) {
                    Tensor some = all.narrow(0, start, Math.min(pieceSize, all.numel() - start));
                    packing.pack(some).readBytes(bytes -> write(out, bytes));
                }
            }
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    private static void write(WritableByteChannel out, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void requireHalf(Tensor piece) {
        double largest = Math.max(piece.amax(0).item(), -piece.amin(0).item());
        if (!(largest <= LARGEST_HALF)) {
            throw new InputException(info.name() + " has the value " + largest
                    + ", which half precision cannot hold; choose bf16 or fp32");
        }
    }
}
