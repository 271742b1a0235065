package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.hub.ModelFolder;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.shrink.ImageCut;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.TensorFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a network of images is refused, no tensor stays behind. */
final class RefusedImagesTest {
    private static final ImageConfig CONFIG =
            new ImageConfig("resnet20", 1, 16, List.of(0.5), List.of(0.5), 0, 1e-5, false);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** A ResNet-20 in a folder. Its {@code config.json} says three labels. */
    private Path model(int labels, Consumer<ObjectNode> change) {
        Path model = folder.resolve("model");
        try (ParameterStore store = ParameterStore.fresh(1)) {
            ImageNetworks.of(CONFIG, labels, store);
            ObjectNode json = ImageNetworks.write(CONFIG, List.of("a", "b", "c"), 64);
            change.accept(json);
            TensorFiles.lend(store.all(), tensors -> ModelFolder.write(model, json, tensors));
        }
        return model;
    }

    private Recipe recipe(String model) throws IOException {
        for (String label : List.of("a", "b", "c")) {
            Path photos = Files.createDirectories(folder.resolve("photos").resolve(label));
            for (int i = 0; i < 10; i++) {
                BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
                // No two alike.
                image.setRGB(i, label.charAt(0) - 'a', 0xFFFFFF);
                ImageIO.write(image, "png", photos.resolve(i + ".png").toFile());
            }
        }
        return Recipes.parse(
                "photos",
                "{task: image-classification, model: " + model + ", data: {train: \"" + folder.resolve("photos")
                        + "\", size: 16}, adapt: full}",
                List.of());
    }

    @Test
    void weightsThatDoNotFitTheirLabels() {
        Path model = model(5, json -> {});
        long before = LiveTensors.count();
        assertThatThrownBy(() -> ImageClassifier.open(model))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("fc.weight");
        assertThat(LiveTensors.count()).isEqualTo(before);
    }

    @Test
    void aCheckpointOfImagesOfNoSuchKind() throws IOException {
        Path model = model(
                3,
                json -> json.putObject("pretrained_cfg").putArray("input_size").add(2));
        Recipe recipe = recipe("{from: \"" + model + "\"}");
        long before = LiveTensors.count();
        assertThatThrownBy(() -> ImageInputs.of(recipe, RunListener.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("images have 1 or 3 channels, not 2");
        assertThat(LiveTensors.count()).isEqualTo(before);
    }

    @Test
    void aCutOfChannelsThatThereAreNot() throws IOException {
        Path model = model(3, json -> {});
        Recipe recipe = recipe("{fresh: resnet20}");
        ImageCut cut = new ImageCut(
                List.of(List.of(0, 1, 2), List.of(0, 1, 2), List.of(0, 1, 2)), Map.of("layer3", List.of(0, 900)));
        try (ImageInputs inputs = ImageInputs.of(recipe, RunListener.silent());
                ImageClassifier source = ImageClassifier.open(model)) {
            ImageHealing healing = new ImageHealing(
                    recipe,
                    inputs,
                    16,
                    new int[] {0, 1},
                    Arithmetic.FP32,
                    RunListener.silent(),
                    Ledger.start(PriceList.load()));
            long before = LiveTensors.count();
            assertThatThrownBy(() -> new ImageCandidate(source, cut, healing)).isInstanceOf(RuntimeException.class);
            assertThat(LiveTensors.count()).isEqualTo(before);
        }
    }
}
