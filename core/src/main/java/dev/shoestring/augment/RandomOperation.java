package dev.shoestring.augment;

import dev.shoestring.data.SplitMix;

/** The operations that TrivialAugment (arXiv 2103.10158, table 1, "wide") and RandAugment (arXiv 1909.13719) draw from. */
enum RandomOperation {
    IDENTITY {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            // As it is.
        }
    },
    BRIGHTNESS {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            color.brightness(image, 1 + FACTOR * magnitude);
        }
    },
    SATURATION {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            color.saturation(image, 1 + FACTOR * magnitude);
        }
    },
    CONTRAST {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            color.contrast(image, 1 + FACTOR * magnitude);
        }
    },
    SHARPNESS {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            color.sharpness(image, 1 + FACTOR * magnitude);
        }
    },
    POSTERIZE {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            color.posterize(image, 8 - (int) Math.round(6 * Math.abs(magnitude)));
        }
    },
    SOLARIZE {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            color.solarize(image, 1 - Math.abs(magnitude));
        }
    },
    AUTOCONTRAST {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            color.autocontrast(image);
        }
    },
    EQUALIZE {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            color.equalize(image);
        }
    },
    ROTATE {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            affine.rotate(image, 135 * magnitude);
        }
    },
    SHEAR_X {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            affine.shear(image, FACTOR * magnitude, 0);
        }
    },
    SHEAR_Y {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            affine.shear(image, 0, FACTOR * magnitude);
        }
    },
    TRANSLATE_X {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            affine.move(image, MOVE * magnitude, 0);
        }
    },
    TRANSLATE_Y {
        @Override
        void plan(int image, double magnitude, AffinePlan affine, ColorPlan color) {
            affine.move(image, 0, MOVE * magnitude);
        }
    };

    private static final double FACTOR = 0.99;
    /** 32 pixels of an ImageNet image of 224, as a share. */
    private static final double MOVE = 32.0 / 224;

    /** Plans the operation; {@code magnitude} is in [−1, 1]. */
    abstract void plan(int image, double magnitude, AffinePlan affine, ColorPlan color);

    static RandomOperation draw(SplitMix random) {
        return values()[random.nextInt(values().length)];
    }
}
