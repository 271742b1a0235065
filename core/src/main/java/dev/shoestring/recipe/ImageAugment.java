package dev.shoestring.recipe;

import java.util.Locale;

/** Augmentations of images; each has a probability and one number that says how strong it is. */
public enum ImageAugment {
    /** Mirrors left and right. */
    FLIP(0.5, 1, 1, "nothing"),
    /** Mirrors each image in every other epoch (arXiv 2404.00498, section 3.6). */
    ALTERNATING_FLIP(1, 1, 1, "nothing"),
    /** Pads by reflection and cuts out the original size at a random place. */
    CROP(1, 0.125, 0.5, "padding, as a share of the size"),
    /** Cuts out a random part and enlarges it (arXiv 1409.4842, section 6). */
    RESIZED_CROP(1, 0.5, 1, "smallest share of the area"),
    /** Moves by a random distance; what comes in is black, also where other augmentations move the image. */
    TRANSLATE(1, 0.1, 1, "largest distance, as a share of the size"),
    /** Turns by a random angle. */
    ROTATE(1, 15, 180, "largest angle, degrees"),
    /** Enlarges or shrinks. */
    SCALE(1, 0.2, 0.9, "largest change of the size"),
    /** Slants. */
    SHEAR(1, 10, 45, "largest angle, degrees"),
    /** Changes brightness, contrast and saturation. */
    COLOR(1, 0.3, 1, "largest change"),
    /** Gaussian blur. */
    BLUR(0.2, 1, 10, "largest standard deviation, pixels"),
    /** Fills a random rectangle with noise (arXiv 1708.04896). */
    ERASE(0.25, 0.2, 1, "largest share of the area"),
    /** One random operation at a random magnitude (arXiv 2103.10158). */
    TRIVIAL_AUGMENT(1, 1, 1, "scale of the magnitudes"),
    /** Two random operations at one magnitude (arXiv 1909.13719). */
    RAND_AUGMENT(1, 0.3, 1, "magnitude"),
    /** Mixes two images and their labels (arXiv 1710.09412). */
    MIXUP(1, 0.2, 10, "alpha of the Beta distribution"),
    /** Puts a rectangle of one image into another and mixes their labels by area (arXiv 1905.04899). */
    CUTMIX(1, 1, 10, "alpha of the Beta distribution");

    private final double rate;
    private final double strength;
    private final double strongest;
    private final String meaning;

    ImageAugment(double rate, double strength, double strongest, String meaning) {
        this.rate = rate;
        this.strength = strength;
        this.strongest = strongest;
        this.meaning = meaning;
    }

    /** Probability for each image (for each batch, where images are mixed) if none is given. */
    public double rate() {
        return rate;
    }

    /** How strong it is if nothing is given. */
    public double strength() {
        return strength;
    }

    /** The largest strength there is. */
    public double strongest() {
        return strongest;
    }

    /** What the strength is, and its unit. */
    public String meaning() {
        return meaning;
    }

    /** Whether it mixes images with each other. */
    public boolean mixes() {
        return this == MIXUP || this == CUTMIX;
    }

    /** Its name in a recipe. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
