package dev.shoestring.augment;

import dev.shoestring.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** An augmented batch: the images, and how far each label is that of another image. A class, for its arrays are compared nowhere. */
public final class MixedImages {
    private final Tensor pixels_BCHW;
    private final int @Nullable [] partners;
    private final double share;

    MixedImages(Tensor pixels_BCHW, int @Nullable [] partners, double share) {
        this.pixels_BCHW = pixels_BCHW;
        this.partners = partners;
        this.share = share;
    }

    /** (B, C, H, W), from 0 to 1. */
    public Tensor pixels() {
        return pixels_BCHW;
    }

    /** For each image the place in the batch of the one mixed into it; null if none are mixed. Not to be changed. */
    public int @Nullable [] partners() {
        return partners;
    }

    /** Weight of an image's own label, in [0, 1]; the partner's has the rest. */
    public double share() {
        return share;
    }

    /**
     * The labels as distributions, (images, classes) row by row.
     *
     * @param labelSmoothing share of each target that is spread over all classes (arXiv 1512.00567, section 7)
     */
    public float[] targets(int[] labels, int classes, double labelSmoothing) {
        float[] targets = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            for (int c = 0; c < classes; c++) {
                targets[i * classes + c] = (float) (labelSmoothing / classes);
            }
            int partner = partners == null ? i : partners[i];
            targets[i * classes + labels[i]] += (float) ((1 - labelSmoothing) * share);
            targets[i * classes + labels[partner]] += (float) ((1 - labelSmoothing) * (1 - share));
        }
        return targets;
    }
}
