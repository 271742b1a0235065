package dev.shoestring.train;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * Cross-entropy of a label from cached features of a frozen network.
 *
 * @param head the part that is trained: (examples, width) gives (examples, classes)
 * @param width length of an example's features
 * @param labelSmoothing share of each target that is spread over all labels, in [0, 1)
 */
public record HeadClassification(UnaryOperator<Tensor> head, int width, double labelSmoothing)
        implements Objective<FeatureBatch> {
    @Override
    public Tensor lossSum(FeatureBatch batch) {
        int examples = batch.examples();
        Tensor logits_BC = head.apply(Tensor.of(batch.features(), examples, width));
        return logits_BC.to(DType.FLOAT32).crossEntropySum(Tensor.of(batch.labels(), examples), labelSmoothing);
    }
}
