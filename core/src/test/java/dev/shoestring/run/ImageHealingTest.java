package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ImageHealingTest {
    @Test
    void aBriefHealingIsAtMostAFifthOfAnEpoch() {
        assertThat(ImageHealing.briefSteps(40, 48)).isEqualTo(10);
        assertThat(ImageHealing.briefSteps(120, 1000)).isEqualTo(120);
        // Of very few images a fifth of an epoch would be no step at all.
        assertThat(ImageHealing.briefSteps(40, 3)).isEqualTo(8);
        assertThat(ImageHealing.briefSteps(5, 3)).isEqualTo(5);
    }
}
