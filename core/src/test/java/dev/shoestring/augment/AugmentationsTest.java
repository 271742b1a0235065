package dev.shoestring.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.data.Encoded;
import dev.shoestring.data.SplitMix;
import dev.shoestring.data.Synonyms;
import dev.shoestring.recipe.AugmentSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AugmentationsTest {
    private static final int START = 101;
    private static final int SEPARATOR = 102;
    private static final int MASK = 103;
    private static final int MAX_TOKENS = 16;
    private static final Synonyms SYNONYMS =
            new Synonyms(Map.of("car", List.of("auto", "automobile"), "boat", List.of("ship")));

    @Test
    void rateZeroIsTheIdentity() {
        for (Encoded example : examples(50)) {
            SplitMix random = SplitMix.of(1);
            assertThat(new TokenDropout(0, MASK).apply(example.ids(), 0, random))
                    .isEqualTo(example.ids());
            assertThat(join(0).apply(example.ids(), 0, random)).isEqualTo(example.ids());
        }
        assertThat(new SynonymReplacement(0, SYNONYMS).apply("A car, a boat.", SplitMix.of(1)))
                .isEqualTo("A car, a boat.");
    }

    @Test
    void specialTokensStayAndLengthsAreBounded() {
        for (int seed = 0; seed < 200; seed++) {
            for (Encoded example : examples(20)) {
                int[] before = example.ids().clone();
                int[] masked = new TokenDropout(0.5, MASK).apply(example.ids(), example.label(), SplitMix.of(seed));
                int[] joined = join(0.9).apply(example.ids(), example.label(), SplitMix.of(seed));
                assertThat(example.ids()).as("the input is left alone").isEqualTo(before);
                assertThat(masked).hasSameSizeAs(before);
                assertThat(joined).hasSizeLessThanOrEqualTo(MAX_TOKENS).startsWith(before);
                for (int[] changed : List.of(masked, joined)) {
                    assertThat(changed[0]).isEqualTo(START);
                    assertThat(changed[changed.length - 1]).isEqualTo(SEPARATOR);
                }
            }
        }
    }

    @Test
    void rateOneMasksEveryTokenButTheSpecialOnes() {
        assertThat(new TokenDropout(1, MASK).apply(new int[] {START, 5, 6, SEPARATOR}, 0, SplitMix.of(1)))
                .containsExactly(START, MASK, MASK, SEPARATOR);
        assertThat(new TokenDropout(1, MASK).apply(new int[] {START, SEPARATOR}, 0, SplitMix.of(1)))
                .containsExactly(START, SEPARATOR);
    }

    @Test
    void joinedTextsHaveTheSameLabelAndAreCutToTheRoom() {
        List<Encoded> pool = List.of(
                new Encoded(new int[] {START, 7, 8, 9, SEPARATOR}, 1), new Encoded(new int[] {START, 4, SEPARATOR}, 0));
        JoinSameLabel whole = new JoinSameLabel(1, pool, SEPARATOR, 9);
        assertThat(whole.apply(new int[] {START, 5, SEPARATOR}, 1, SplitMix.of(1)))
                .containsExactly(START, 5, SEPARATOR, 7, 8, 9, SEPARATOR);
        JoinSameLabel cut = new JoinSameLabel(1, pool, SEPARATOR, 6);
        assertThat(cut.apply(new int[] {START, 5, SEPARATOR}, 1, SplitMix.of(1)))
                .containsExactly(START, 5, SEPARATOR, 7, 8, SEPARATOR);
        assertThat(cut.apply(new int[] {START, 5, SEPARATOR}, 2, SplitMix.of(1)))
                .as("a label without a pool")
                .containsExactly(START, 5, SEPARATOR);
        assertThat(whole.apply(new int[] {START, 4, SEPARATOR}, 0, SplitMix.of(1)))
                .as("a partner that is the example itself")
                .containsExactly(START, 4, SEPARATOR);
    }

    @Test
    void synonymsKeepCapitalsAndEverythingElse() {
        String changed = new SynonymReplacement(1, SYNONYMS).apply("Car, boat; cartoon – 2 BOATS.", SplitMix.of(3));
        assertThat(changed).matches("(Auto|Automobile), ship; cartoon – 2 BOATS\\.");
    }

    @Test
    void anExampleDependsOnSeedEpochAndIndexAlone() {
        List<Encoded> pool = examples(100);
        List<AugmentSpec> specs = List.of(
                new AugmentSpec.Synonyms(0.5), new AugmentSpec.TokenDropout(0.3), new AugmentSpec.JoinSameLabel(0.5));
        Augmentations first = augmentations(specs, pool, 1);
        Augmentations again = augmentations(specs, pool, 1);
        Augmentations otherSeed = augmentations(specs, pool, 2);
        int differentEpoch = 0;
        int differentSeed = 0;
        for (int i = pool.size() - 1; i >= 0; i--) {
            int[] ids = first.tokens(pool.get(i), 3, i).ids();
            assertThat(again.tokens(pool.get(i), 3, i).ids()).isEqualTo(ids);
            differentEpoch += Arrays.equals(first.tokens(pool.get(i), 4, i).ids(), ids) ? 0 : 1;
            differentSeed += Arrays.equals(otherSeed.tokens(pool.get(i), 3, i).ids(), ids) ? 0 : 1;
        }
        assertThat(differentEpoch).isGreaterThan(50);
        assertThat(differentSeed).isGreaterThan(50);
        assertThat(first.changesText()).isTrue();
        assertThat(first.text("a car and a boat", 1, 1)).isEqualTo(again.text("a car and a boat", 1, 1));
    }

    @Test
    void withoutAugmentationsNothingIsReadAndNothingChanges() {
        Augmentations none = augmentations(List.of(), List.of(), 1);
        Encoded example = new Encoded(new int[] {START, 5, SEPARATOR}, 0);
        assertThat(none.isEmpty()).isTrue();
        assertThat(none.changesText()).isFalse();
        assertThat(none.tokens(example, 0, 0)).isSameAs(example);
        assertThat(none.text("a car", 0, 0)).isEqualTo("a car");
        Augmentations dropoutOnly = Augmentations.of(
                List.of(new AugmentSpec.TokenDropout(0.1)),
                new Augmentations.Vocabulary(MASK, SEPARATOR, MAX_TOKENS),
                List.of(),
                () -> {
                    throw new AssertionError("synonyms were read without need");
                },
                1);
        assertThat(dropoutOnly.isEmpty()).isFalse();
    }

    @Test
    void aRateThatIsNoProbabilityIsRefused() {
        assertThatThrownBy(() -> new TokenDropout(Double.NaN, MASK)).hasMessageContaining("[0, 1]");
        assertThatThrownBy(() -> new SynonymReplacement(1.5, SYNONYMS)).hasMessageContaining("1.5");
    }

    private static Augmentations augmentations(List<AugmentSpec> specs, List<Encoded> pool, long seed) {
        return Augmentations.of(
                specs, new Augmentations.Vocabulary(MASK, SEPARATOR, MAX_TOKENS), pool, () -> SYNONYMS, seed);
    }

    private static JoinSameLabel join(double rate) {
        return new JoinSameLabel(rate, examples(50), SEPARATOR, MAX_TOKENS);
    }

    private static List<Encoded> examples(int count) {
        SplitMix random = SplitMix.of(7);
        List<Encoded> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] ids = new int[2 + random.nextInt(MAX_TOKENS - 1)];
            for (int token = 1; token < ids.length - 1; token++) {
                ids[token] = 1000 + random.nextInt(500);
            }
            ids[0] = START;
            ids[ids.length - 1] = SEPARATOR;
            examples.add(new Encoded(ids, random.nextInt(3)));
        }
        return examples;
    }
}
