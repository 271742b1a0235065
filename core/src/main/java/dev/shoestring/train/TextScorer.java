package dev.shoestring.train;

import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Mode;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Runs a model over many texts: batches of texts of similar length, without gradients.
 *
 * @param model the classifier
 * @param arithmetic arithmetic of the forward pass
 * @param paddingId token id that fills rows up
 */
public record TextScorer(Bert model, Arithmetic arithmetic, int paddingId) {
    private static final int BATCH = 64;

    /** The logits of each text, in the order given; (texts, labels). */
    public float[][] logits(List<Encoded> texts) {
        return rows(texts, input -> model.logits(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE));
    }

    /** The encoder's output at the first token of each text, in the order given; (texts, width). */
    public float[][] features(List<Encoded> texts) {
        return rows(texts, input -> model.firstTokens(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE));
    }

    private float[][] rows(List<Encoded> texts, Function<BertInput, Tensor> forward) {
        int[] order = IntStream.range(0, texts.size())
                .boxed()
                .sorted(Comparator.comparingInt(index -> texts.get(index).ids().length))
                .mapToInt(Integer::intValue)
                .toArray();
        float[][] rows = new float[texts.size()][];
        for (int from = 0; from < order.length; from += BATCH) {
            int[] indices = Arrays.copyOfRange(order, from, Math.min(order.length, from + BATCH));
            List<Encoded> batch = new ArrayList<>(indices.length);
            for (int index : indices) {
                batch.add(texts.get(index));
            }
            float[][] outputs = forward(TokenBatch.of(batch, paddingId), forward);
            for (int row = 0; row < indices.length; row++) {
                rows[indices[row]] = outputs[row];
            }
        }
        return rows;
    }

    private float[][] forward(TokenBatch batch, Function<BertInput, Tensor> forward) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            BertInput input = BertInput.of(batch);
            float[] flat = arithmetic.run(() -> forward.apply(input)).toFloats();
            int width = flat.length / batch.size();
            float[][] rows = new float[batch.size()][];
            for (int row = 0; row < rows.length; row++) {
                rows[row] = Arrays.copyOfRange(flat, row * width, (row + 1) * width);
            }
            return rows;
        }
    }
}
