package dev.shoestring.augment;

import dev.shoestring.data.SplitMix;
import dev.shoestring.recipe.AugmentSpec;
import dev.shoestring.recipe.ImageAugment;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.ImageOperators.Outside;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import java.util.List;

/**
 * Augments batches of images. What happens to an image is planned from the seed, the epoch and the image alone, and is then done to the
 * whole batch by a few tensor operations: all that moves pixels in one sampling, then what changes their values, then erasing, then
 * mixing. Outside an image lies its reflection, or black if the recipe translates.
 */
public final class ImageAugmentations {
    // B batch, C channels, H height, W width
    private static final long MIXING = 0x6d69;
    private static final long NOISE = 0x6e6f;
    private static final double SMALLEST_ASPECT = 0.75;
    private static final int RAND_AUGMENT_OPERATIONS = 2;

    private final List<AugmentSpec.Image> specs;
    private final long seed;
    private final Outside outside;

    /** The augmentations of a recipe, in its order. */
    public ImageAugmentations(List<AugmentSpec> specs, long seed) {
        this.specs = specs.stream()
                .filter(AugmentSpec.Image.class::isInstance)
                .map(AugmentSpec.Image.class::cast)
                .toList();
        this.seed = seed;
        this.outside = this.specs.stream().anyMatch(spec -> spec.kind() == ImageAugment.TRANSLATE)
                ? Outside.ZEROS
                : Outside.REFLECTION;
    }

    /** Whether images are mirrored. */
    public boolean mirrors() {
        return specs.stream()
                .anyMatch(spec -> spec.kind() == ImageAugment.FLIP || spec.kind() == ImageAugment.ALTERNATING_FLIP);
    }

    /**
     * Augments a batch.
     *
     * @param x_BCHW pixels from 0 to 1
     * @param images a number for each image that stays the same over the epochs
     * @param step number of the optimizer's step, by which images are mixed
     */
    public MixedImages apply(Tensor x_BCHW, int[] images, long epoch, long step) {
        if (specs.isEmpty()) {
            return new MixedImages(x_BCHW, null, 1);
        }
        try (NoGrad guard = NoGrad.on()) {
            int count = images.length;
            int size = (int) x_BCHW.size(2);
            AffinePlan affine = new AffinePlan(count);
            ColorPlan color = new ColorPlan(count);
            BoxPlan erased = new BoxPlan(count, size, (int) x_BCHW.size(3));
            for (int i = 0; i < count; i++) {
                SplitMix random = SplitMix.of(seed, epoch, images[i]);
                for (AugmentSpec.Image spec : specs) {
                    if (!spec.kind().mixes() && random.nextDouble() < spec.rate()) {
                        plan(spec, i, images[i], epoch, size, random, affine, color, erased);
                    }
                }
            }
            Tensor x = affine.isIdentity() ? x_BCHW : ImageOperators.affine(x_BCHW, affine.toTensor(), outside);
            x = color.apply(x);
            if (!erased.isEmpty()) {
                Tensor mask = erased.toTensor();
                RandomState.seed(seed, step, NOISE);
                Tensor noise = x.detach().copy().fillNormal(0.5, 0.25).clamp(0, 1);
                x = x.add(noise.sub(x).mul(mask));
            }
            return mixed(x, count, step);
        }
    }

    private void plan(
            AugmentSpec.Image spec,
            int i,
            int image,
            long epoch,
            int size,
            SplitMix random,
            AffinePlan affine,
            ColorPlan color,
            BoxPlan erased) {
        double strength = spec.strength();
        switch (spec.kind()) {
            case FLIP -> affine.mirror(i);
            case ALTERNATING_FLIP -> {
                // The first epoch decides by chance, then it alternates.
                if ((SplitMix.of(seed, image).nextInt(2) + epoch) % 2 == 0) {
                    affine.mirror(i);
                }
            }
            case CROP -> {
                int most = (int) Math.round(strength * size);
                affine.move(i, pixels(random, most) / (double) size, pixels(random, most) / (double) size);
            }
            case RESIZED_CROP -> {
                double area = strength + (1 - strength) * random.nextDouble();
                double ratio = Math.exp((2 * random.nextDouble() - 1) * -Math.log(SMALLEST_ASPECT));
                double width = Math.min(1, Math.sqrt(area * ratio));
                double height = Math.min(1, Math.sqrt(area / ratio));
                affine.cut(i, signed(random) * (1 - width), signed(random) * (1 - height), width, height);
            }
            case TRANSLATE -> affine.move(i, signed(random) * strength, signed(random) * strength);
            case ROTATE -> affine.rotate(i, signed(random) * strength);
            case SCALE -> {
                double factor = Math.exp(signed(random) * -Math.log(1 - strength));
                affine.scale(i, factor, factor);
            }
            case SHEAR -> affine.shear(i, Math.tan(Math.toRadians(signed(random) * strength)), 0);
            case COLOR -> {
                color.brightness(i, 1 + signed(random) * strength);
                color.contrast(i, 1 + signed(random) * strength);
                color.saturation(i, 1 + signed(random) * strength);
            }
            case BLUR -> color.blur(i, Math.max(0.1, random.nextDouble() * strength));
            case ERASE -> {
                double area = strength * (0.1 + 0.9 * random.nextDouble());
                double ratio = Math.exp(signed(random) * Math.log(3));
                erased.box(
                        i, random.nextDouble(), random.nextDouble(), Math.sqrt(area * ratio), Math.sqrt(area / ratio));
            }
            case TRIVIAL_AUGMENT -> RandomOperation.draw(random).plan(i, signed(random) * strength, affine, color);
            case RAND_AUGMENT -> {
                for (int n = 0; n < RAND_AUGMENT_OPERATIONS; n++) {
                    double sign = random.nextInt(2) == 0 ? -1 : 1;
                    RandomOperation.draw(random).plan(i, sign * strength, affine, color);
                }
            }
            case MIXUP, CUTMIX -> throw new IllegalStateException("mixes: " + spec);
        }
    }

    private MixedImages mixed(Tensor x_BCHW, int count, long step) {
        for (AugmentSpec.Image spec : specs) {
            SplitMix random = SplitMix.of(seed, step, MIXING);
            if (spec.kind().mixes() && count > 1 && random.nextDouble() < spec.rate()) {
                int[] partners = new int[count];
                for (int i = 0; i < count; i++) {
                    partners[i] = i;
                }
                random.shuffle(partners);
                double share = BetaDistribution.draw(spec.strength(), random);
                return spec.kind() == ImageAugment.MIXUP
                        ? mixUp(x_BCHW, partners, share)
                        : cutMix(x_BCHW, partners, share, random);
            }
        }
        return new MixedImages(x_BCHW, null, 1);
    }

    static MixedImages mixUp(Tensor x_BCHW, int[] partners, double share) {
        Tensor others_BCHW = x_BCHW.indexSelect(0, Tensor.of(partners, partners.length));
        return new MixedImages(x_BCHW.mul(share).add(others_BCHW.mul(1 - share)), partners, share);
    }

    static MixedImages cutMix(Tensor x_BCHW, int[] partners, double share, SplitMix random) {
        BoxPlan box = new BoxPlan(1, (int) x_BCHW.size(2), (int) x_BCHW.size(3));
        double side = Math.sqrt(1 - share);
        box.box(0, random.nextDouble(), random.nextDouble(), side, side);
        Tensor mask = box.toTensor();
        Tensor others_BCHW = x_BCHW.indexSelect(0, Tensor.of(partners, partners.length));
        return new MixedImages(x_BCHW.add(others_BCHW.sub(x_BCHW).mul(mask)), partners, 1 - box.share(0));
    }

    private static double signed(SplitMix random) {
        return 2 * random.nextDouble() - 1;
    }

    private static int pixels(SplitMix random, int most) {
        return random.nextInt(2 * most + 1) - most;
    }

    /** A rectangle for each image, or none. */
    private static final class BoxPlan {
        private final int height;
        private final int width;
        private final float[] rows;
        private final float[] columns;
        private final double[] shares;

        BoxPlan(int images, int height, int width) {
            this.height = height;
            this.width = width;
            rows = new float[images * height];
            columns = new float[images * width];
            shares = new double[images];
        }

        /** Centre and sides as shares; what is outside the image is cut off. */
        void box(int image, double centreX, double centreY, double boxWidth, double boxHeight) {
            int tall = fill(rows, image, height, centreY, boxHeight);
            int broad = fill(columns, image, width, centreX, boxWidth);
            shares[image] = (double) tall * broad / ((double) height * width);
        }

        private static int fill(float[] line, int image, int length, double centre, double share) {
            int from = Math.max(0, (int) Math.round((centre - share / 2) * length));
            int to = Math.min(length, (int) Math.round((centre + share / 2) * length));
            for (int i = 0; i < length; i++) {
                line[image * length + i] = i >= from && i < to ? 1 : 0;
            }
            return Math.max(0, to - from);
        }

        boolean isEmpty() {
            for (double share : shares) {
                if (share > 0) {
                    return false;
                }
            }
            return true;
        }

        double share(int image) {
            return shares[image];
        }

        /** 1 inside the rectangles: (images, 1, H, W). */
        Tensor toTensor() {
            long images = shares.length;
            return Tensor.of(rows, images, 1, height, 1).mul(Tensor.of(columns, images, 1, 1, width));
        }
    }
}
