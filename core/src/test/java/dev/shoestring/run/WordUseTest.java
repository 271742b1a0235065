package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WordUseTest {
    @Test
    void theMostFrequentPiecesCoverAShareOfAllPlaces() {
        BitSet required = new BitSet();
        required.set(0);
        // Of ten places piece 3 has five, piece 1 three, pieces 2 and 5 one each; 0 is required and occurs nowhere.
        List<int[]> texts = List.of(new int[] {3, 3, 3, 1, 1}, new int[] {3, 3, 1, 2, 5});
        WordUse use = new WordUse(8, texts, required);
        assertThat(use.covering(0.5)).isEqualTo(2);
        assertThat(use.covering(0.51)).isEqualTo(3);
        assertThat(use.covering(0.8)).isEqualTo(3);
        assertThat(use.covering(1)).isEqualTo(5).isEqualTo(use.used());
        assertThat(use.covering(0)).isEqualTo(use.fewest()).isEqualTo(1);
        assertThat(use.most(3).stream().boxed()).containsExactly(0, 1, 3);
    }
}
