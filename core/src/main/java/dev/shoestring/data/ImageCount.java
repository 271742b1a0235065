package dev.shoestring.data;

import dev.shoestring.plan.TextEstimate;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.DataSpec.Split;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How many images a recipe's data has, without decoding any.
 *
 * @param train training images
 * @param validation validation images
 * @param labels labels
 * @param size height and width that all have; null if they differ
 * @param channels channels that they are read with
 * @param heldBytes bytes of pixels that are held in Java's heap
 * @param basis what the counts rest on, in words
 */
public record ImageCount(
        double train,
        double validation,
        int labels,
        @Nullable Integer size,
        int channels,
        double heldBytes,
        String basis) {
    /** Counts. */
    public static ImageCount of(DataSpec spec) {
        Source source = spec.source();
        @Nullable
        Path folder = source instanceof Source.Bundled bundled
                ? DataPackage.find(bundled.from())
                : source instanceof Source.File file && Files.isDirectory(ImageData.path(file.path()))
                        ? ImageData.path(file.path())
                        : null;
        double held = share(spec.validation());
        if (folder != null && IdxImages.in(folder)) {
            IdxImages images = IdxImages.read(folder, "train");
            double all = images.count();
            double train = limited(spec, all * (1 - held));
            return new ImageCount(
                    train, all * held, 10, images.size(), 1, all * images.bytes(), "images counted in " + folder);
        }
        if (folder != null) {
            Path training = ImageFolder.part(folder, "train").orElse(folder);
            ImageFolder found = ImageFolder.list(training);
            long labels = found.images().stream()
                    .map(ImageFolder.Labelled::label)
                    .distinct()
                    .count();
            double all = found.images().size();
            double train = limited(spec, all * (1 - held - share(spec.test())));
            return new ImageCount(train, all * held, (int) labels, null, 3, 0, "images counted in " + training);
        }
        TextEstimate rows = TextEstimate.of(spec);
        return new ImageCount(rows.train(), rows.validation(), rows.labels(), null, 3, 0, rows.basis());
    }

    private static double limited(DataSpec spec, double train) {
        Integer most = spec.trainExamples();
        return most == null ? train : Math.min(most, train);
    }

    private static double share(Split split) {
        return split instanceof Split.Fraction fraction ? fraction.share() : 0;
    }
}
