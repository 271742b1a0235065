package dev.shoestring.train;

import dev.shoestring.models.Bert;
import dev.shoestring.nn.Mode;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;

/**
 * Cross-entropy of a label from cached features of a frozen encoder.
 *
 * @param model the classifier, whose pooler and classifier are trained
 * @param labelSmoothing share of each target that is spread over all labels, in [0, 1)
 */
public record HeadClassification(Bert model, double labelSmoothing) implements Objective<FeatureBatch> {
    @Override
    public Tensor lossSum(FeatureBatch batch) {
        int examples = batch.examples();
        Tensor first_BD = Tensor.of(batch.features(), examples, model.config().hiddenSize());
        Tensor logits_BC = model.classify(first_BD, Mode.TRAIN);
        return logits_BC.to(DType.FLOAT32).crossEntropySum(Tensor.of(batch.labels(), examples), labelSmoothing);
    }
}
