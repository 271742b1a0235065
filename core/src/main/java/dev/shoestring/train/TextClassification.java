package dev.shoestring.train;

import dev.shoestring.models.Bert;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Mode;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;

/**
 * Cross-entropy of a text's label, with label smoothing (arXiv 1512.00567, section 7).
 *
 * @param model the classifier
 * @param labelSmoothing share of each target that is spread over all labels, in [0, 1)
 */
public record TextClassification(Bert model, double labelSmoothing) implements Objective<TextBatch> {
    @Override
    public Tensor lossSum(TextBatch batch) {
        BertInput input = BertInput.of(batch.tokens());
        Tensor logits_BC = model.logits(input.ids_BT(), input.bias_B11T(), Mode.TRAIN);
        Tensor labels_B = Tensor.of(batch.tokens().labels(), batch.tokens().size());
        return logits_BC.to(DType.FLOAT32).crossEntropySum(labels_B, labelSmoothing);
    }
}
