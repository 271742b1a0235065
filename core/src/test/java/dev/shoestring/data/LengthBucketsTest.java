package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LengthBucketsTest {
    @Test
    void everyExampleIsInExactlyOneBatchOfEveryEpoch() {
        for (int examples : new int[] {0, 1, 31, 32, 33, 1000}) {
            for (int window : new int[] {1, 3, 50}) {
                LengthBuckets buckets = new LengthBuckets(lengths(examples), 32, window, 1);
                for (int epoch = 0; epoch < 3; epoch++) {
                    List<int[]> batches = buckets.epoch(epoch);
                    assertThat(batches).hasSize(buckets.batchesPerEpoch());
                    assertThat(batches.stream()
                                    .filter(batch -> batch.length < 32)
                                    .count())
                            .isLessThanOrEqualTo(1);
                    assertThat(batches.stream()
                                    .flatMapToInt(Arrays::stream)
                                    .sorted()
                                    .toArray())
                            .isEqualTo(IntStream.range(0, examples).toArray());
                }
            }
        }
    }

    @Test
    void anEpochDependsOnSeedAndNumberAlone() {
        LengthBuckets buckets = new LengthBuckets(lengths(500), 16, 10, 1);
        buckets.epoch(0);
        List<int[]> later = buckets.epoch(7);
        List<int[]> fresh = new LengthBuckets(lengths(500), 16, 10, 1).epoch(7);
        assertThat(later).usingRecursiveComparison().isEqualTo(fresh);
        assertThat(flat(buckets.epoch(8))).isNotEqualTo(flat(later));
        assertThat(flat(new LengthBuckets(lengths(500), 16, 10, 2).epoch(7))).isNotEqualTo(flat(later));
    }

    @Test
    void bucketsPadFarLessThanRandomBatches() {
        int[] lengths = lengths(6000);
        double random = new LengthBuckets(lengths, 32, 1, 1).paddingShare(0);
        double bucketed = new LengthBuckets(lengths, 32, LengthBuckets.DEFAULT_WINDOW, 1).paddingShare(0);
        assertThat(random).isGreaterThan(0.3);
        assertThat(bucketed).isLessThan(random / 5);
    }

    @Test
    void theOrderIsTheSameOnEveryMachine() {
        SplitMix random = SplitMix.of(1, 2, 3);
        assertThat(new long[] {random.nextLong(), random.nextInt(1000), random.nextInt(1000)})
                .containsExactly(expectedDraws());
        assertThat(SplitMix.of(1, 2).nextLong()).isNotEqualTo(SplitMix.of(2, 1).nextLong());
        assertThatThrownBy(() -> SplitMix.of(1).nextInt(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void batchesArePaddedAtTheEnd() {
        TokenBatch batch =
                TokenBatch.of(List.of(new Encoded(new int[] {1, 2, 3}, 4), new Encoded(new int[] {5}, 6)), 9);
        assertThat(batch.ids()).containsExactly(1, 2, 3, 5, 9, 9);
        assertThat(batch.lengths()).containsExactly(3, 1);
        assertThat(batch.labels()).containsExactly(4, 6);
        assertThat(batch.maxLength()).isEqualTo(3);
        assertThat(batch.size()).isEqualTo(2);
        assertThat(batch.realTokens()).isEqualTo(4);
        assertThat(batch.slots()).isEqualTo(6);
        assertThat(batch.paddingShare()).isCloseTo(1.0 / 3, within(1e-12));
        assertThatThrownBy(() -> TokenBatch.of(new ArrayList<>(), 0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** From a second implementation, in Python; a change here changes what every seed means. */
    private static long[] expectedDraws() {
        return new long[] {8137338547440760092L, 395, 58};
    }

    private static int[] flat(List<int[]> batches) {
        return batches.stream().flatMapToInt(Arrays::stream).toArray();
    }

    /** Skewed lengths as of sentences. */
    private static int[] lengths(int count) {
        SplitMix random = SplitMix.of(42);
        int[] lengths = new int[count];
        Arrays.setAll(lengths, i -> 4 + (int) (60 * Math.pow(random.nextDouble(), 3)));
        return lengths;
    }
}
