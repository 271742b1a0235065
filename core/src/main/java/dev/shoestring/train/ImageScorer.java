package dev.shoestring.train;

import dev.shoestring.models.ImageNetwork;
import dev.shoestring.nn.Mode;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Runs a network over many images, without gradients.
 *
 * @param network the classifier
 * @param form makes what it sees of bytes
 * @param size height and width that it is to see, pixels
 * @param arithmetic arithmetic of the forward pass
 * @param views the copies of an image whose class scores are averaged (test-time augmentation)
 */
public record ImageScorer(ImageNetwork network, ImageForm form, int size, Arithmetic arithmetic, Views views) {
    // B batch, C channels, H height, W width
    private static final int BATCH = 256;
    private static final long LARGEST_BATCH = 8L << 20;

    /** The copies of an image that are looked at. */
    public enum Views {
        /** The image alone. */
        ONE,
        /** The image, and moved by a pixel up and left, and down and right (arXiv 2404.00498, section 3.5, without its mirroring). */
        SHIFTED,
        /** Those three, and each of them mirrored. */
        SHIFTED_AND_MIRRORED;

        /** How many copies there are. */
        public int count() {
            return switch (this) {
                case ONE -> 1;
                case SHIFTED -> 3;
                case SHIFTED_AND_MIRRORED -> 6;
            };
        }

        List<Tensor> of(Tensor x_BCHW) {
            if (this == ONE) {
                return List.of(x_BCHW);
            }
            long height = x_BCHW.size(2);
            long width = x_BCHW.size(3);
            Tensor padded = ImageOperators.reflectionPad(x_BCHW, 1);
            List<Tensor> views = new ArrayList<>(List.of(
                    x_BCHW,
                    padded.narrow(2, 0, height).narrow(3, 0, width).channelsLast(),
                    padded.narrow(2, 2, height).narrow(3, 2, width).channelsLast()));
            if (this == SHIFTED_AND_MIRRORED) {
                views.addAll(views.stream().map(view -> view.flip(3)).toList());
            }
            return views;
        }
    }

    /** The logits of each image of the store, in the order given; (images, labels). */
    public float[][] logits(int[] images) {
        return rows(images, x_BCHW -> {
            List<Tensor> views = views().of(x_BCHW);
            Tensor sum = network.logits(views.get(0), Mode.EVALUATE).to(DType.FLOAT32);
            for (Tensor view : views.subList(1, views.size())) {
                sum = sum.add(network.logits(view, Mode.EVALUATE).to(DType.FLOAT32));
            }
            return sum.mul(1.0 / views.size());
        });
    }

    /** What the classifier would see of each image, in the order given; (images, width). */
    public float[][] features(int[] images) {
        return rows(images, x_BCHW -> network.features(x_BCHW, Mode.EVALUATE));
    }

    private float[][] rows(int[] images, UnaryOperator<Tensor> forward) {
        float[][] rows = new float[images.length][];
        int batch = (int) Math.max(1, Math.min(BATCH, LARGEST_BATCH / ((long) size * size)));
        for (int from = 0; from < images.length; from += batch) {
            int[] part = Arrays.copyOfRange(images, from, Math.min(images.length, from + batch));
            try (TensorScope scope = TensorScope.open();
                    NoGrad guard = NoGrad.on()) {
                Tensor x_BCHW = form.normalized(form.pixels(form.gather(part), part.length), size);
                float[] flat = arithmetic.run(() -> forward.apply(x_BCHW)).toFloats();
                int width = flat.length / part.length;
                for (int i = 0; i < part.length; i++) {
                    rows[from + i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
                }
            }
        }
        return rows;
    }
}
