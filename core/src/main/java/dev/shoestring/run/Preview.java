package dev.shoestring.run;

import dev.shoestring.augment.ImageAugmentations;
import dev.shoestring.augment.MixedImages;
import dev.shoestring.data.ImageData;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import dev.shoestring.report.ContactSheet;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.ImageForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What the network will see of the training images: each beside what augmentation makes of it in the first epochs. */
public final class Preview {
    private static final int IMAGES = 10;
    private static final int EPOCHS = 6;

    private Preview() {}

    /**
     * Draws a recipe's augmented images; trains nothing.
     *
     * @throws InputException if the recipe is not one of images
     */
    public static ContactSheet of(Recipe recipe, RunListener listener) {
        if (recipe.task() != Task.IMAGE_CLASSIFICATION) {
            throw new InputException("preview: shows images, but " + recipe.name() + " is a recipe of texts");
        }
        try (ImageInputs inputs = ImageInputs.of(recipe, listener)) {
            ImageData data = inputs.data();
            ImageForm form = new ImageForm(data.store(), inputs.config());
            ImageAugmentations augmentations = new ImageAugmentations(recipe.augment(), recipe.seed());
            int[] images = Arrays.copyOf(data.train(), Math.min(IMAGES, data.train().length));
            List<List<ContactSheet.Tile>> columns = new ArrayList<>();
            try (TensorScope scope = TensorScope.open();
                    NoGrad guard = NoGrad.on()) {
                Tensor pixels = form.pixels(form.gather(images), images.length);
                columns.add(tiles(pixels, data, images, null));
                int steps = Math.max(1, data.train().length / recipe.batch().global());
                for (int epoch = 0; epoch < EPOCHS; epoch++) {
                    MixedImages mixed = augmentations.apply(pixels, images, epoch, (long) epoch * steps);
                    columns.add(tiles(mixed.pixels(), data, images, mixed));
                }
            }
            List<String> headings = new ArrayList<>(List.of("as it is"));
            for (int epoch = 1; epoch <= EPOCHS; epoch++) {
                headings.add("epoch " + epoch);
            }
            return new ContactSheet(recipe.name(), headings, columns);
        }
    }

    private static List<ContactSheet.Tile> tiles(
            Tensor pixels_BCHW, ImageData data, int[] images, @org.jspecify.annotations.Nullable MixedImages mixed) {
        float[] values = pixels_BCHW.toFloats();
        int channels = (int) pixels_BCHW.size(1);
        int size = (int) pixels_BCHW.size(2);
        List<ContactSheet.Tile> tiles = new ArrayList<>();
        for (int i = 0; i < images.length; i++) {
            byte[] bytes = new byte[size * size * channels];
            for (int c = 0; c < channels; c++) {
                for (int at = 0; at < size * size; at++) {
                    float value = values[(i * channels + c) * size * size + at];
                    bytes[at * channels + c] = (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
                }
            }
            tiles.add(new ContactSheet.Tile(bytes, size, channels, caption(data, images, i, mixed)));
        }
        return tiles;
    }

    private static String caption(
            ImageData data, int[] images, int i, @org.jspecify.annotations.Nullable MixedImages mixed) {
        String own = data.labels().get(data.labelOf(images[i]));
        int[] partners = mixed == null ? null : mixed.partners();
        if (mixed == null || partners == null || mixed.share() == 1) {
            return own;
        }
        String other = data.labels().get(data.labelOf(images[partners[i]]));
        return String.format(Locale.ROOT, "%.2f %s + %.2f %s", mixed.share(), own, 1 - mixed.share(), other);
    }
}
