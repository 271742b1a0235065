package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.data.Packing.Longer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PackingTest {
    @Test
    void eachExampleIsInExactlyOneRowAndNoRowIsTooLong() {
        for (int trial = 0; trial < 200; trial++) {
            SplitMix random = SplitMix.of(23, trial);
            int rowLength = 1 + random.nextInt(64);
            int[] lengths = random.ints(random.nextInt(200), 0, rowLength + 10).toArray();
            for (Longer longer : Longer.values()) {
                Packing packing = Packing.bestFit(lengths, rowLength, longer, trial);
                int[] seen = new int[lengths.length];
                long slots = 0;
                for (int[] row : packing.epoch(trial)) {
                    int used = 0;
                    for (int example : row) {
                        seen[example]++;
                        used += packing.length(example);
                    }
                    assertThat(used).isBetween(1, rowLength);
                    slots += used;
                }
                int missing = 0;
                int cut = 0;
                for (int i = 0; i < lengths.length; i++) {
                    boolean fits = lengths[i] > 0 && (lengths[i] <= rowLength || longer == Longer.TRUNCATED);
                    assertThat(seen[i]).isEqualTo(fits ? 1 : 0);
                    missing += fits ? 0 : 1;
                    cut += fits && lengths[i] > rowLength ? 1 : 0;
                }
                assertThat(packing.leftOut()).isEqualTo(missing);
                assertThat(packing.truncated()).isEqualTo(cut);
                long least = (slots + rowLength - 1) / rowLength;
                assertThat((long) packing.rows()).isBetween(least, 2 * least + 1);
            }
        }
    }

    @Test
    void eachGoesWhereItLeavesTheLeastRoom() {
        Packing packing = Packing.bestFit(new int[] {7, 5, 3, 2, 5, 8}, 10, Longer.LEFT_OUT, 1);
        assertThat(packing.rows()).isEqualTo(3);
        assertThat(packing.efficiency()).isEqualTo(1.0);
        assertThat(packing.epoch(0).stream()
                        .map(row -> Arrays.stream(row).sorted().boxed().toList()))
                .containsExactlyInAnyOrder(List.of(0, 2), List.of(3, 5), List.of(1, 4));
    }

    @Test
    void manyExamplesFillNearlyAllSlots() {
        int[] lengths = SplitMix.of(1).ints(100_000, 20, 900).toArray();
        assertThat(Packing.bestFit(lengths, 2_048, Longer.LEFT_OUT, 1).efficiency())
                .isGreaterThan(0.995);
    }

    @Test
    void theOrderFollowsFromSeedAndEpoch() {
        int[] lengths = SplitMix.of(1).ints(500, 1, 90).toArray();
        Packing one = Packing.bestFit(lengths, 128, Longer.LEFT_OUT, 1);
        Packing same = Packing.bestFit(lengths, 128, Longer.LEFT_OUT, 1);
        Packing other = Packing.bestFit(lengths, 128, Longer.LEFT_OUT, 2);
        one.epoch(0);
        assertThat(flat(same.epoch(3))).isEqualTo(flat(one.epoch(3)));
        assertThat(flat(one.epoch(3))).isNotEqualTo(flat(one.epoch(4))).isNotEqualTo(flat(other.epoch(3)));
    }

    private static List<List<Integer>> flat(List<int[]> rows) {
        return rows.stream().map(row -> Arrays.stream(row).boxed().toList()).toList();
    }
}
