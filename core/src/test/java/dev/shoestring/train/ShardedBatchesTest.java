package dev.shoestring.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ShardedBatchesTest {
    private record Numbered(int number) implements MicroBatch {
        @Override
        public int examples() {
            return 1;
        }

        @Override
        public double flops() {
            return 0;
        }
    }

    private static List<Numbered> numbered(int count) {
        return IntStream.range(0, count).mapToObj(Numbered::new).toList();
    }

    @Test
    void everyMicroBatchIsTrainedOnByOneProcess() {
        StepBatches<Numbered> all = step -> numbered(5);
        List<Integer> seen = new ArrayList<>();
        for (int rank = 0; rank < 3; rank++) {
            new ShardedBatches<>(all, rank, 3).step(0).forEach(micro -> seen.add(micro.number()));
        }
        assertThat(seen).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }

    @Test
    void aProcessMayHaveNothingInAStep() {
        assertThat(new ShardedBatches<>(step -> numbered(1), 1, 2).step(0)).isEmpty();
    }

    @Test
    void noMicroBatchIsTooLargeAndEvenPartsAreTheWholeSharesOfProcesses() {
        for (int global = 1; global <= 96; global++) {
            for (int most = 1; most <= 40; most += 3) {
                for (int processes = 1; processes <= 9; processes++) {
                    int micro = ShardedBatches.micro(global, most, processes);
                    assertThat(micro).isBetween(1, most);
                    if (global % processes == 0 && global / processes <= most) {
                        assertThat(micro).isEqualTo(global / processes);
                    }
                }
            }
        }
    }
}
