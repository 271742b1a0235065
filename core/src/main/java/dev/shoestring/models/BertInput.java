package dev.shoestring.models;

import dev.shoestring.data.TokenBatch;
import dev.shoestring.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A batch as {@link Bert} takes it.
 *
 * @param ids_BT token ids, int64
 * @param bias_B11T 0 for tokens and a large negative number for padding; null if all rows have the same length
 */
public record BertInput(Tensor ids_BT, @Nullable Tensor bias_B11T) {
    /** Large enough that softmax gives padding exactly 0, small enough for every floating-point type. */
    private static final float MASKED = -30_000;

    /** Copies a batch into tensors of the current scope. */
    public static BertInput of(TokenBatch batch) {
        int rows = batch.size();
        int length = batch.maxLength();
        Tensor ids_BT = Tensor.of(batch.ids(), rows, length);
        if (batch.slots() == batch.realTokens()) {
            return new BertInput(ids_BT, null);
        }
        float[] bias = new float[rows * length];
        for (int row = 0; row < rows; row++) {
            for (int token = batch.lengths()[row]; token < length; token++) {
                bias[row * length + token] = MASKED;
            }
        }
        return new BertInput(ids_BT, Tensor.of(bias, rows, 1, 1, length));
    }
}
