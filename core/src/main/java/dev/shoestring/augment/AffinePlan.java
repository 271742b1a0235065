package dev.shoestring.augment;

import dev.shoestring.tensor.Tensor;

/**
 * An affine map for each image of a batch, from places in the result to places in the image, both axes from −1 to 1, x to the right and
 * y down. What is planned later happens to the image earlier; all of it is done in one sampling, so that an image is blurred once at
 * most.
 */
final class AffinePlan {
    private final double[][] maps;
    private boolean identity = true;

    AffinePlan(int images) {
        maps = new double[images][];
        for (int i = 0; i < images; i++) {
            maps[i] = new double[] {1, 0, 0, 0, 1, 0};
        }
    }

    /** Whether nothing moves. */
    boolean isIdentity() {
        return identity;
    }

    void mirror(int image) {
        then(image, -1, 0, 0, 0, 1, 0);
    }

    /** Moves the image by shares of its size: to the right and down. */
    void move(int image, double right, double down) {
        then(image, 1, 0, -2 * right, 0, 1, -2 * down);
    }

    /** Turns the image clockwise. */
    void rotate(int image, double degrees) {
        double angle = Math.toRadians(degrees);
        then(image, Math.cos(angle), Math.sin(angle), 0, -Math.sin(angle), Math.cos(angle), 0);
    }

    /** Enlarges the image by these factors. */
    void scale(int image, double across, double down) {
        then(image, 1 / across, 0, 0, 0, 1 / down, 0);
    }

    /** Slants the image by these tangents. */
    void shear(int image, double across, double down) {
        then(image, 1, across, 0, down, 1, 0);
    }

    /** Cuts out a part, given by its centre and half its sides, and enlarges it. */
    void cut(int image, double centreX, double centreY, double halfWidth, double halfHeight) {
        then(image, halfWidth, 0, centreX, 0, halfHeight, centreY);
    }

    /** Result → earlier map → this map → image. */
    private void then(int image, double a, double b, double c, double d, double e, double f) {
        double[] m = maps[image];
        maps[image] = new double[] {
            a * m[0] + b * m[3], a * m[1] + b * m[4], a * m[2] + b * m[5] + c,
            d * m[0] + e * m[3], d * m[1] + e * m[4], d * m[2] + e * m[5] + f
        };
        identity = false;
    }

    /** (images, 2, 3). */
    Tensor toTensor() {
        float[] values = new float[maps.length * 6];
        for (int i = 0; i < maps.length; i++) {
            for (int j = 0; j < 6; j++) {
                values[i * 6 + j] = (float) maps[i][j];
            }
        }
        return Tensor.of(values, maps.length, 2, 3);
    }
}
