package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.Close;
import dev.shoestring.models.ChannelMap;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is cut out of convolutional networks with random weights. */
final class ImagePruningTest {
    @ParameterizedTest
    @ValueSource(strings = {"slimnet", "resnet20", "resnet18", "resnet50", "mobilenetv2_035", "mobilenetv2_010"})
    void cuttingNothingIsTheIdentityToTheBit(String name) {
        ImageConfig config = CutImages.config(name);
        ChannelMap map = ImageNetworks.channelMap(config);
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = CutImages.filled(config);
                ParameterStore same = cut(full, config, ImageCut.nothing(map))) {
            Tensor images = CutImages.images(3);
            assertThat(ImageCut.nothing(map).config(config)).isEqualTo(config);
            assertThat(same.all().keySet()).isEqualTo(full.all().keySet());
            assertThat(CutImages.logits(config, same, images)).isEqualTo(CutImages.logits(config, full, images));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"slimnet", "resnet20", "resnet18", "resnet50", "mobilenetv2_035", "mobilenetv2_010"})
    void withoutChannelsAndBlocksIsAsWithThoseAtZero(String name) {
        ImageConfig config = CutImages.config(name);
        ChannelMap map = ImageNetworks.channelMap(config);
        ImageCut cut = some(map);
        ImageConfig smaller = cut.config(config);
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = CutImages.filled(config);
                ParameterStore small = cut(full, config, cut)) {
            Tensor images = CutImages.images(3);
            float[] without = CutImages.logits(smaller, small, images);
            assertThat(small.count())
                    .isEqualTo(ImageNetworks.count(smaller, CutImages.SIZE, CutImages.LABELS)
                            .parameters())
                    .isLessThan(full.count());
            assertThat(ImageNetworks.channelMap(smaller).groups())
                    .hasSize(map.groups().size() - missingGroups(map, cut));
            silence(full, map, cut);
            float[] silenced = CutImages.logits(config, full, images);
            Close.deep("logits", without, silenced);
        }
    }

    @Test
    void aCutNetworkIsCutAgain() {
        ImageConfig config = CutImages.config("resnet20");
        ImageCut first = some(ImageNetworks.channelMap(config));
        ImageConfig smaller = first.config(config);
        ChannelMap map = ImageNetworks.channelMap(smaller);
        ImageCut second =
                new ImageCut(List.of(List.of(0), List.of(0), List.of(0)), Map.of("layer1.0.conv1", List.of(0, 1, 5)));
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = CutImages.filled(config);
                ParameterStore small = cut(full, config, first);
                ParameterStore smallest = cut(small, smaller, second)) {
            ImageConfig end = second.config(smaller);
            assertThat(end.shape().blocks()).containsExactly(1, 1, 1);
            assertThat(end.shape().channels("layer1.0.conv1", 16)).isEqualTo(3);
            assertThat(end.shape().channels("layer2", 32))
                    .isEqualTo(Objects.requireNonNull(first.channels().get("layer2"))
                            .size());
            float[] without = CutImages.logits(end, smallest, CutImages.images(2));
            silence(small, map, second);
            Close.deep("logits", without, CutImages.logits(smaller, small, CutImages.images(2)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"slimnet", "resnet18", "mobilenetv2_035"})
    void configJsonSaysTheShape(String name) {
        ImageConfig whole = CutImages.config(name);
        ImageConfig config = some(ImageNetworks.channelMap(whole)).config(whole);
        ObjectNode json = ImageNetworks.write(config, List.of("a", "b"), 8);
        assertThat(ImageNetworks.read(json, "here")).isEqualTo(config);
        if (name.equals("resnet18")) {
            assertThat(json.at("/model_args/layers").toString()).isEqualTo("[1,1,1,1]");
        }
        ObjectNode shape = (ObjectNode) json.get("shoestring_shape");
        ((ObjectNode) shape.get("channels")).put("nowhere", 3);
        assertThatThrownBy(() -> ImageNetworks.read(json, "here"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("here: config.json: shoestring_shape.channels.nowhere: " + name
                        + " has no such group of channels; it has");
        ((ObjectNode) shape.get("channels")).remove("nowhere");
        shape.putArray("blocks").add(1).add(90);
        assertThatThrownBy(() -> ImageNetworks.read(json, "here"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("here: config.json: shoestring_shape.blocks: must have a number for each of the");
    }

    @Test
    void whatASmallerNetworkMissesOnAverageIsMadeUpByItsNormalizations() {
        // Read by a convolution of single pixels, so that no border tells a constant from nothing.
        ImageConfig config = CutImages.config("resnet50");
        String group = "layer1.0.conv2";
        List<Integer> kept = new ArrayList<>(BertCut.upTo(64));
        kept.remove(Integer.valueOf(7));
        ImageCut cut =
                new ImageCut(ImageCut.nothing(ImageNetworks.channelMap(config)).blocks(), Map.of(group, kept));
        ImageConfig smaller = cut.config(config);
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = CutImages.filled(config)) {
            try (NoGrad guard = NoGrad.on()) {
                CutImages.tensor(full, "layer1.0.bn2.weight").narrow(0, 7, 1).fill(0);
                CutImages.tensor(full, "layer1.0.bn2.bias").narrow(0, 7, 1).fill(3);
            }
            try (ParameterStore small = cut(full, config, cut)) {
                Tensor images = CutImages.images(8);
                measure(config, full, images);
                float[] before = CutImages.logits(config, full, images);
                double missing;
                try (ParameterStore blind = cut(full, config, cut)) {
                    missing = distance(CutImages.logits(smaller, blind, images), before);
                }
                measure(smaller, small, images);
                String next = "layer1.0.bn3.running_";
                float[] mean = CutImages.tensor(full, next + "mean").toFloats();
                float[] read = CutImages.tensor(full, "layer1.0.conv3.weight")
                        .detach()
                        .narrow(1, 7, 1)
                        .reshape(-1)
                        .toFloats();
                for (int i = 0; i < mean.length; i++) {
                    mean[i] -= 3 * read[i];
                }
                Close.fp32("mean", CutImages.tensor(small, next + "mean").toFloats(), mean);
                Close.fp32(
                        "variance",
                        CutImages.tensor(small, next + "var").toFloats(),
                        CutImages.tensor(full, next + "var").toFloats());
                assertThat(distance(CutImages.logits(smaller, small, images), before))
                        .isLessThan(missing / 1000);
            }
        }
    }

    @Test
    void statisticsAreTheMeansOverTheBatches() {
        ImageConfig config = CutImages.config("resnet20");
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = CutImages.filled(config)) {
            Tensor images = CutImages.images(8);
            float[] expected = images.conv2d(CutImages.tensor(store, "conv1.weight"), 1, 1)
                    .detach()
                    .mean(0, 2, 3)
                    .toFloats();
            try (ParameterStore own = new ParameterStore(store.all()::get, 0)) {
                ImageNetwork again = ImageNetworks.of(config, CutImages.LABELS, own);
                NormStatistics.measure(again, config, own, 2, batch -> images.narrow(0, 4L * batch, 4));
                Close.fp32("means", CutImages.tensor(own, "bn1.running_mean").toFloats(), expected);
                long live = LiveTensors.count();
                for (int i = 0; i < 10; i++) {
                    NormStatistics.measure(again, config, own, 2, batch -> images.narrow(0, 4L * batch, 4));
                }
                assertThat(LiveTensors.count()).isEqualTo(live);
            }
        }
    }

    @Test
    void importanceFindsWhatHasBeenMadeUseless() {
        ImageConfig config = CutImages.config("resnet20");
        ChannelMap map = ImageNetworks.channelMap(config);
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = CutImages.filled(config)) {
            Map<String, List<Integer>> useful =
                    Map.of("layer1.1.conv1", List.of(2, 9), "layer2", List.of(0, 1, 30, 31), "layer3", List.of(5, 6));
            silence(full, map, new ImageCut(ImageCut.nothing(map).blocks(), useful));
            fill(full, "layer3.1.bn2", 0);
            try (ParameterStore own = new ParameterStore(full.all()::get, 0)) {
                ImageNetwork network = ImageNetworks.of(config, CutImages.LABELS, own);
                ImageImportance taylor = taylor(network, own, map);
                useful.forEach((group, channels) ->
                        assertThat(taylor.most(group, channels.size())).isEqualTo(channels));
                assertThat(taylor.blocks(2)[1]).isZero();
                assertThat(taylor.blocks(2)[2]).isPositive();
                ImageImportance magnitude = ImageImportance.magnitude(own, map, taylor);
                useful.forEach((group, channels) ->
                        assertThat(magnitude.most(group, channels.size())).isEqualTo(channels));
                assertThat(own.all().values())
                        .allSatisfy(parameter -> assertThat(parameter.grad()).isNull());
                long live = LiveTensors.count();
                for (int i = 0; i < 10; i++) {
                    taylor(network, own, map);
                }
                assertThat(LiveTensors.count()).isEqualTo(live);
            }
        }
    }

    private static ImageImportance taylor(ImageNetwork network, ParameterStore store, ChannelMap map) {
        return ImageImportance.taylor(
                network,
                store,
                map,
                2,
                batch -> new ImageImportance.Labelled(CutImages.images(3), Tensor.of(new int[] {0, 1, batch}, 3)));
    }

    private static void measure(ImageConfig config, ParameterStore store, Tensor images) {
        try (ParameterStore own = new ParameterStore(store.all()::get, 0);
                NoGrad guard = NoGrad.on()) {
            ImageNetwork network = ImageNetworks.of(config, CutImages.LABELS, own);
            NormStatistics.measure(network, config, own, 1, batch -> images);
            store.buffers().forEach((name, buffer) -> buffer.copyFrom(CutImages.tensor(own, name)));
        }
    }

    private static double distance(float[] actual, float[] expected) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            sum += Math.pow(actual[i] - expected[i], 2);
        }
        return Math.sqrt(sum);
    }

    /** A third of each group, and of each stage the blocks that can go but one in two. */
    private static ImageCut some(ChannelMap map) {
        List<List<Integer>> blocks = new ArrayList<>();
        for (ChannelMap.Stage stage : map.stages()) {
            List<Integer> kept = new ArrayList<>(List.of(0));
            for (int i = 1; i < stage.blocks().size(); i++) {
                if (stage.blocks().get(i).branchEnd() == null || i % 2 == 0) {
                    kept.add(i);
                }
            }
            blocks.add(kept);
        }
        Map<String, List<Integer>> channels = new HashMap<>();
        for (String group : map.groups()) {
            int gone = map.size(group) / 3;
            channels.put(
                    group,
                    BertCut.upTo(map.size(group)).stream()
                            .filter(channel -> channel % 3 != 1 || channel / 3 >= gone)
                            .toList());
        }
        return new ImageCut(blocks, channels);
    }

    private static int missingGroups(ChannelMap map, ImageCut cut) {
        int missing = 0;
        for (int stage = 0; stage < map.stages().size(); stage++) {
            for (int block = 0; block < map.stages().get(stage).blocks().size(); block++) {
                String prefix = map.stages().get(stage).prefix() + block + ".";
                if (!cut.keeps(stage, block)) {
                    missing += (int) map.groups().stream()
                            .filter(group -> group.startsWith(prefix))
                            .count();
                }
            }
        }
        return missing;
    }

    /** Makes everything read zero from the channels that a cut leaves out, and blocks that it leaves out add nothing. */
    private static void silence(ParameterStore full, ChannelMap map, ImageCut cut) {
        try (NoGrad guard = NoGrad.on()) {
            for (ChannelMap.Layer layer : map.layers()) {
                String group = layer.reads();
                List<Integer> kept = group == null ? null : cut.channels().get(group);
                for (int channel = 0; group != null && kept != null && channel < map.size(group); channel++) {
                    if (!kept.contains(channel)) {
                        CutImages.tensor(full, layer.name() + ".weight")
                                .narrow(1, channel, 1)
                                .fill(0);
                    }
                }
            }
            for (int stage = 0; stage < map.stages().size(); stage++) {
                List<ChannelMap.Block> blocks = map.stages().get(stage).blocks();
                for (int block = 0; block < blocks.size(); block++) {
                    if (!cut.keeps(stage, block)) {
                        fill(full, Objects.requireNonNull(blocks.get(block).branchEnd()), 0);
                    }
                }
            }
        }
    }

    private static void fill(ParameterStore store, String norm, double value) {
        try (NoGrad guard = NoGrad.on()) {
            CutImages.tensor(store, norm + ".weight").fill(value);
            CutImages.tensor(store, norm + ".bias").fill(value);
        }
    }

    private static ParameterStore cut(ParameterStore full, ImageConfig config, ImageCut cut) {
        ParameterStore small =
                new ParameterStore(new ImagePruning(full.all(), ImageNetworks.channelMap(config), cut), 0);
        ImageNetworks.of(cut.config(config), CutImages.LABELS, small);
        assertThat(small.initialized()).isEmpty();
        return small;
    }
}
