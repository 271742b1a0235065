package dev.shoestring.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.Close;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against timm and torchvision: the fixtures are made by {@code compat/make_image_fixtures.py}. */
final class ImageParityTest {
    private static final int LABELS = 3;
    /** Share of the whole gradient below which a tensor's is nothing but rounding. */
    private static final double NOTHING = 1e-5;

    @ParameterizedTest
    @CsvSource({"resnet20, 16", "mobilenetv2_035, 33", "vit_tiny_patch16, 32"})
    void logitsLossGradientsAndStatisticsEqualTheirs(String name, int size) throws URISyntaxException {
        Path file = Path.of(Objects.requireNonNull(ImageParityTest.class.getResource(name + ".safetensors"))
                .toURI());
        try (TensorScope scope = TensorScope.open();
                Weights fixture = Safetensors.open(file);
                ParameterStore store = new ParameterStore(key -> load(fixture, "weights." + key), 0)) {
            ImageNetwork network = network(name, size, store);
            assertThat(store.initialized()).isEmpty();
            long stored = fixture.tensors().keySet().stream()
                    .filter(key -> key.startsWith("weights."))
                    .count();
            assertThat(store.all()).hasSize((int) stored);

            Tensor x = Objects.requireNonNull(load(fixture, "input"));
            Tensor y = Objects.requireNonNull(load(fixture, "labels")).to(DType.INT64);
            Close.deep("logits", network.logits(x, Mode.EVALUATE).toFloats(), floats(fixture, "evaluated"));
            Tensor loss = network.logits(x.channelsLast(), name.startsWith("mobile") ? Mode.EVALUATE : Mode.TRAIN)
                    .crossEntropySum(y, 0);
            Close.fp32("loss", loss.reshape(1).toFloats(), floats(fixture, "loss"));
            loss.backward();
            double whole = store.trainable().keySet().stream()
                    .mapToDouble(key -> floats(fixture, "norm." + key)[0])
                    .map(norm -> norm * norm)
                    .sum();
            store.trainable().forEach((key, parameter) -> {
                float[] all = Objects.requireNonNull(parameter.grad(), key).toFloats();
                float[] some = floats(fixture, "grad." + key);
                double norm = floats(fixture, "norm." + key)[0];
                if (norm < NOTHING * Math.sqrt(whole)) {
                    // A shift before a normalization has no gradient but rounding, here and there.
                    assertThat(norm(all)).as(key).isLessThan((float) (NOTHING * Math.sqrt(whole)));
                    return;
                }
                Close.againstNorm("gradient of " + key, Arrays.copyOf(all, some.length), some, norm);
                Close.againstNorm("norm of " + key, new float[] {norm(all)}, new float[] {(float) norm}, norm);
            });
            store.buffers()
                    .forEach((key, buffer) -> Close.fp32(key, buffer.toFloats(), floats(fixture, "after." + key)));
        }
    }

    private static ImageNetwork network(String name, int size, ParameterStore store) {
        boolean mobile = name.startsWith("mobile");
        List<Double> half = List.of(0.5, 0.5, 0.5);
        ImageConfig config = new ImageConfig(name, 3, size, half, half, 0, mobile ? 1e-3 : 1e-5, mobile);
        return name.startsWith("vit")
                ? new VisionTransformer(config, new VisionTransformer.Plan(48, 2, 3), LABELS, store)
                : ImageNetworks.of(config, LABELS, store);
    }

    /** Published sizes: timm's for one thousand classes; He et al. give 0.27 M for ResNet-20. */
    @ParameterizedTest
    @CsvSource({
        "resnet18, 224, 11689512, 3.64",
        "resnet34, 224, 21797672, 7.34",
        "resnet50, 224, 25557032, 8.22",
        "mobilenetv2_100, 224, 3504872, 0.60",
        "mobilenetv2_035, 224, 1677128, 0.12",
        "vit_tiny_patch16_224, 224, 5717416, 2.5",
        "vit_small_patch16_224, 224, 22050664, 9.2"
    })
    void countsAreThePublishedOnes(String name, int size, long parameters, double gigaFlops) {
        List<Double> half = List.of(0.5, 0.5, 0.5);
        ImageConfig config = new ImageConfig(name, 3, size, half, half, 0, 1e-5, false);
        var counter = ImageNetworks.count(config, size, 1000);
        assertThat(counter.parameters()).isEqualTo(parameters);
        assertThat(counter.forward() / 1e9).isBetween(0.97 * gigaFlops, 1.03 * gigaFlops);
        try (ParameterStore store = ParameterStore.fresh(1)) {
            ImageNetworks.of(config, 1000, store);
            assertThat(store.count()).isEqualTo(parameters);
        }
    }

    @Test
    void theSlimNetworkIsCountedAsItIs() {
        ImageConfig config = new ImageConfig(SlimNet.NAME, 1, 28, List.of(0.3), List.of(0.3), 32, 1e-5, false);
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(1)) {
            SlimNet network = new SlimNet(config, 10, store);
            assertThat(store.count())
                    .isEqualTo(ImageNetworks.count(config, 28, 10).parameters());
            Tensor images = Tensor.zeros(DType.FLOAT32, 40, 1, 28, 28).fillNormal(0, 1);
            network.whitenBy(images);
            assertThat(network.logits(images, Mode.EVALUATE).shape()).containsExactly(40, 10);
        }
    }

    private static float norm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return (float) Math.sqrt(sum);
    }

    private static Tensor load(Weights fixture, String name) {
        TensorInfo info = fixture.tensors().get(name);
        if (info == null) {
            throw new AssertionError("the fixture has no " + name);
        }
        return Tensor.ofBytes(
                fixture.read(name),
                DType.FLOAT32,
                info.shape().stream().mapToLong(Long::longValue).toArray());
    }

    private static float[] floats(Weights fixture, String name) {
        try (TensorScope scope = TensorScope.open()) {
            return load(fixture, name).toFloats();
        }
    }
}
