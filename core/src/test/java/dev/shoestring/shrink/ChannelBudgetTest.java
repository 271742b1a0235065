package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.models.ChannelMap;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which networks are proposed for a limit. */
final class ChannelBudgetTest {
    private static double flops(ImageConfig config) {
        return ImageNetworks.count(config, CutImages.SIZE, CutImages.LABELS).forward();
    }

    /** The cut with one step more of a group: 8 channels, 4 below 64, 1 below 16. */
    private static ImageCut wider(ImageCut cut, ChannelMap map, ImageImportance importance, String group) {
        int size = map.size(group);
        int step = size >= 64 ? 8 : size >= 16 ? 4 : 1;
        Map<String, List<Integer>> kept = new HashMap<>(cut.channels());
        kept.computeIfPresent(group, (name, some) -> importance.most(name, Math.min(size, some.size() + step)));
        return new ImageCut(cut.blocks(), kept);
    }

    @ParameterizedTest
    @CsvSource({"slimnet, 1", "resnet20, 7", "mobilenetv2_035, 11"})
    void networksAreWithinTheLimitAndAsLargeAsItAllows(String name, int choices) {
        ImageConfig full = CutImages.config(name);
        ChannelMap map = ImageNetworks.channelMap(full);
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            ImageNetwork network = ImageNetworks.of(full, CutImages.LABELS, store);
            ImageImportance importance = ImageImportance.taylor(
                    network,
                    store,
                    map,
                    1,
                    batch -> new ImageImportance.Labelled(CutImages.images(2), Tensor.of(new int[] {0, 1}, 2)));
            for (double share : new double[] {1, 0.5, 0.3}) {
                double most = share * flops(full);
                ChannelBudget budget =
                        new ChannelBudget(full, map, config -> flops(config) <= most, ChannelBudgetTest::flops);
                List<List<List<Integer>>> blocks = budget.blocks(importance);
                assertThat(blocks).hasSize(choices);
                for (ChannelBudget.Division division : ChannelBudget.Division.values()) {
                    Optional<ImageCut> found = budget.cut(blocks.get(0), division, importance);
                    if (found.isEmpty()) {
                        // What stands outside the blocks costs too much to be kept whole.
                        assertThat(division).isEqualTo(ChannelBudget.Division.INSIDE);
                        continue;
                    }
                    ImageCut cut = found.get();
                    double flops = flops(cut.config(full));
                    // Groups of 16 channels go in steps of a quarter.
                    assertThat(flops).as(share + " " + division).isBetween(0.9 * most, most);
                    assertThat(cut.channels().keySet())
                            .as(share + " " + division)
                            .allSatisfy(group -> assertThat(flops(
                                            wider(cut, map, importance, group).config(full)))
                                    .isGreaterThan(most));
                    if (share == 1) {
                        assertThat(cut).isEqualTo(ImageCut.nothing(map));
                    }
                }
                ImageConfig smallest = budget.smallest(importance);
                assertThat(flops(smallest)).isLessThan(0.2 * flops(full));
            }
        }
    }
}
