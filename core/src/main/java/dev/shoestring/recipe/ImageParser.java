package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Reads the keys that only image classification has. */
final class ImageParser {
    private static final String[] KEYS = {"ema", "test_time_augmentation", "progressive_resizing", "selective_backprop"
    };

    private ImageParser() {}

    static ImageSpec read(Section recipe, Task task, AdaptSpec adapt) {
        if (task != Task.IMAGE_CLASSIFICATION) {
            recipe.noEffect("with task: " + Section.kebab(task), KEYS);
            return ImageSpec.PLAIN;
        }
        if (adapt instanceof AdaptSpec.Head) {
            recipe.noEffect("with adapt: head, whose features are computed once", KEYS);
        }
        // Other problems of data are found where it is read.
        JsonNode data = recipe.node("data");
        Section inData = recipe.partOf("data", data);
        return new ImageSpec(
                inData.integer("size", 8, 1024),
                inData.number("most_broken", ImageSpec.PLAIN.mostBroken(), Range.closed(0, 1)),
                recipe.number("ema", 0, Range.share()),
                recipe.flag("test_time_augmentation", false),
                progressive(recipe),
                recipe.number("selective_backprop", 1, Range.positive(1)));
    }

    private static ImageSpec.@Nullable Progressive progressive(Section recipe) {
        if (!recipe.has("progressive_resizing")) {
            return null;
        }
        Section progressive = recipe.section("progressive_resizing", "from", "until");
        return new ImageSpec.Progressive(
                progressive.number("from", 0.6, Range.rate()), progressive.number("until", 0.6, Range.positive(1)));
    }
}
