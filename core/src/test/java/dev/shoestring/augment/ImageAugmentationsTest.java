package dev.shoestring.augment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.Close;
import dev.shoestring.data.SplitMix;
import dev.shoestring.recipe.AugmentSpec;
import dev.shoestring.recipe.ImageAugment;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ImageAugmentationsTest {
    private static final int[] IMAGES = {3, 1, 4, 15, 9, 2};

    private static Tensor pixels(int channels) {
        RandomState.seed(11);
        return Tensor.zeros(DType.FLOAT32, IMAGES.length, channels, 12, 12)
                .fillNormal(0.5, 0.2)
                .clamp(0, 1);
    }

    private static ImageAugmentations of(ImageAugment kind, double rate, double strength) {
        return new ImageAugmentations(List.of(new AugmentSpec.Image(kind, rate, strength)), 5);
    }

    @ParameterizedTest
    @EnumSource(ImageAugment.class)
    void everyKindKeepsShapeAndRangeAndIsDecidedByItsSeed(ImageAugment kind) {
        try (TensorScope scope = TensorScope.open()) {
            for (int channels : new int[] {1, 3}) {
                Tensor x = pixels(channels);
                ImageAugmentations augmentations = of(kind, 1, kind.strength());
                float[] once = augmentations.apply(x, IMAGES, 1, 7).pixels().toFloats();
                float[] twice = augmentations.apply(x, IMAGES, 1, 7).pixels().toFloats();
                assertThat(once).isEqualTo(twice).hasSize(x.toFloats().length);
                for (float value : once) {
                    assertThat(value).isBetween(-1e-5f, 1.00001f);
                }
                boolean changed = false;
                for (int epoch = 0; epoch < 4; epoch++) {
                    changed |= !Arrays.equals(
                            x.toFloats(),
                            augmentations
                                    .apply(x, IMAGES, epoch, epoch)
                                    .pixels()
                                    .toFloats());
                }
                assertThat(changed).as("%s changes something", kind).isTrue();
            }
        }
    }

    @Test
    void aFlipIsTheMirrorImage() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor x = pixels(3);
            MixedImages flipped = of(ImageAugment.FLIP, 1, 1).apply(x, IMAGES, 0, 0);
            Close.fp32("mirror", flipped.pixels().toFloats(), x.flip(3).toFloats());
        }
    }

    @Test
    void anAlternatingFlipShowsBothSidesInTwoEpochs() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor x = pixels(1);
            ImageAugmentations augmentations = of(ImageAugment.ALTERNATING_FLIP, 1, 1);
            Tensor first = augmentations.apply(x, IMAGES, 0, 0).pixels();
            Tensor second = augmentations.apply(x, IMAGES, 1, 1).pixels();
            Close.fp32("the other side", second.toFloats(), first.flip(3).toFloats());
        }
    }

    @Test
    void aCropMovesByWholePixelsAndReflects() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor x = pixels(1);
            float[] moved = of(ImageAugment.CROP, 1, 0.25)
                    .apply(x, IMAGES, 0, 0)
                    .pixels()
                    .toFloats();
            float[] plain = x.toFloats();
            for (int image = 0; image < IMAGES.length; image++) {
                float[] wanted = Arrays.copyOfRange(moved, image * 144, image * 144 + 144);
                boolean found = false;
                for (int dy = -3; dy <= 3 && !found; dy++) {
                    for (int dx = -3; dx <= 3 && !found; dx++) {
                        found = matches(wanted, plain, image * 144, dy, dx);
                    }
                }
                assertThat(found).as("image %s is a shifted copy", image).isTrue();
            }
        }
    }

    private static boolean matches(float[] moved, float[] plain, int from, int dy, int dx) {
        for (int y = 0; y < 12; y++) {
            for (int x = 0; x < 12; x++) {
                float wanted = plain[from + reflected(y + dy) * 12 + reflected(x + dx)];
                if (Math.abs(moved[y * 12 + x] - wanted) > 1e-4) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The pixel at the edge is repeated, as sampling between pixels does. */
    private static int reflected(int at) {
        return at < 0 ? -1 - at : at > 11 ? 23 - at : at;
    }

    @Test
    void mixingWithShareOneIsTheIdentity() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor x = pixels(3);
            int[] partners = {1, 2, 3, 4, 5, 0};
            Close.fp32(
                    "mixup", ImageAugmentations.mixUp(x, partners, 1).pixels().toFloats(), x.toFloats());
            MixedImages cut = ImageAugmentations.cutMix(x, partners, 1, SplitMix.of(1));
            Close.fp32("cutmix", cut.pixels().toFloats(), x.toFloats());
            assertThat(cut.share()).isEqualTo(1);
        }
    }

    @Test
    void labelsAreMixedByTheArea() {
        try (TensorScope scope = TensorScope.open()) {
            Tensor black = Tensor.zeros(DType.FLOAT32, 2, 1, 12, 12);
            black.narrow(0, 1, 1).fill(1);
            MixedImages cut = ImageAugmentations.cutMix(black, new int[] {1, 0}, 0.5, SplitMix.of(9));
            double white = cut.pixels().narrow(0, 0, 1).sum().item() / 144;
            assertThat(1 - cut.share()).isCloseTo(white, org.assertj.core.api.Assertions.within(1e-6));
            float[] targets = cut.targets(new int[] {0, 2}, 3, 0.3);
            assertThat(targets[0])
                    .isCloseTo((float) (0.1 + 0.7 * cut.share()), org.assertj.core.api.Assertions.within(1e-6f));
            assertThat(targets[2])
                    .isCloseTo((float) (0.1 + 0.7 * white), org.assertj.core.api.Assertions.within(1e-6f));
            assertThat(Objects.requireNonNull(cut.partners())).containsExactly(1, 0);
        }
    }

    @Test
    void betaVariatesHaveTheirMeanAndVariance() {
        for (double alpha : new double[] {0.2, 1, 3}) {
            SplitMix random = SplitMix.of(4, (long) (alpha * 10));
            double sum = 0;
            double squares = 0;
            int n = 20_000;
            for (int i = 0; i < n; i++) {
                double value = BetaDistribution.draw(alpha, random);
                sum += value;
                squares += value * value;
            }
            double variance = squares / n - sum / n * sum / n;
            assertThat(sum / n).isBetween(0.49, 0.51);
            assertThat(variance).isBetween(0.95 / (4 * (2 * alpha + 1)), 1.05 / (4 * (2 * alpha + 1)));
        }
    }
}
