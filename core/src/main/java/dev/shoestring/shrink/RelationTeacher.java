package dev.shoestring.shrink;

import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Mode;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;

/**
 * A classifier that reads along up to one of its layers. A class and no record, for what it reads is compared nowhere.
 */
public final class RelationTeacher {
    // B batch, T tokens, E width
    private final Bert teacher;
    private final int layer;
    private final List<Encoded> texts;
    private final int paddingId;

    /**
     * It.
     *
     * @param layer the layer whose queries, keys and values are asked for, the first is 0
     * @param texts every text in the teacher's own tokens, by its number
     * @param paddingId token id that fills rows up
     */
    public RelationTeacher(Bert teacher, int layer, List<Encoded> texts, int paddingId) {
        this.teacher = teacher;
        this.layer = layer;
        this.texts = texts;
        this.paddingId = paddingId;
    }

    /** Queries, keys and values of the texts of these numbers, (B, T, 3 · E), without gradients. */
    Tensor queriesKeysValues(int[] numbers) {
        return TensorScope.keep(() -> {
            try (NoGrad guard = NoGrad.on()) {
                BertInput input = BertInput.of(TokenBatch.of(
                        Arrays.stream(numbers).mapToObj(texts::get).toList(), paddingId));
                return teacher.queriesKeysValues(
                        layer, teacher.into(layer, input.ids_BT(), input.bias_B11T(), Mode.EVALUATE));
            }
        });
    }
}
