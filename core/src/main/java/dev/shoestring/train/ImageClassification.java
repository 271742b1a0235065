package dev.shoestring.train;

import dev.shoestring.augment.ImageAugmentations;
import dev.shoestring.augment.MixedImages;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.nn.Mode;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Cross-entropy of an image's label, or of the mixture that augmentation makes of two.
 *
 * @param network the classifier
 * @param form makes what it sees of bytes
 * @param augmentations what happens to training images
 * @param classes number of labels
 * @param labelSmoothing share of each target that is spread over all labels, in [0, 1)
 * @param selective share of a batch, the examples with the largest losses, that gradients are computed for ("biggest losers", arXiv
 *     1910.00762), in (0, 1]; the losses are found by a forward pass of their own
 */
public record ImageClassification(
        ImageNetwork network,
        ImageForm form,
        ImageAugmentations augmentations,
        int classes,
        double labelSmoothing,
        double selective)
        implements Objective<ImageBatch> {
    // B batch, C channels or classes, H height, W width

    @Override
    public Tensor lossSum(ImageBatch batch) {
        int examples = batch.examples();
        Tensor pixels_BCHW = form.pixels(batch.pixels(), examples);
        MixedImages mixed = augmentations.apply(pixels_BCHW, batch.images(), batch.epoch(), batch.step());
        Tensor x_BCHW = form.normalized(mixed.pixels(), batch.size());
        Tensor targets_BC = Tensor.of(mixed.targets(batch.labels(), classes, labelSmoothing), examples, classes);
        int kept = (int) Math.max(1, Math.round(selective * examples));
        if (kept < examples) {
            Tensor chosen = Tensor.of(hardest(x_BCHW, targets_BC, kept), kept);
            x_BCHW = x_BCHW.indexSelect(0, chosen).channelsLast();
            targets_BC = targets_BC.indexSelect(0, chosen);
        }
        Tensor logits_BC = network.logits(x_BCHW, Mode.TRAIN).to(DType.FLOAT32);
        return logits_BC.crossEntropySum(targets_BC).mul((double) examples / kept);
    }

    private int[] hardest(Tensor x_BCHW, Tensor targets_BC, int kept) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor logits_BC = network.logits(x_BCHW, Mode.EVALUATE).to(DType.FLOAT32);
            float[] agreement = logits_BC.logSoftmax(1).mul(targets_BC).sum(1).toFloats();
            int[] order = IntStream.range(0, agreement.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> agreement[i]))
                    .limit(kept)
                    .mapToInt(Integer::intValue)
                    .toArray();
            Arrays.sort(order);
            return order;
        }
    }
}
