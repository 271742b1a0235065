package dev.shoestring.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.data.Example;
import dev.shoestring.data.SplitMix;
import dev.shoestring.data.TextData;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class BagOfWordsTest {
    private static final BagOfWordsSettings SETTINGS = BagOfWordsSettings.defaults();
    private static final List<String> LEFT = List.of("river", "boat", "water", "sail");
    private static final List<String> RIGHT = List.of("forest", "tree", "leaf", "root");

    @Test
    void learnsWordsThatTellLabelsApart() {
        List<BagOfWords.Epoch> epochs = new ArrayList<>();
        BagOfWords model = BagOfWords.train(examples(200, 1), examples(50, 2), 2, SETTINGS, 1, epochs::add);
        assertThat(model.accuracy(examples(200, 3))).isEqualTo(1);
        float[] probabilities = model.probabilities("A leaf; the TREE.");
        assertThat(probabilities[1]).isGreaterThan(0.9f);
        assertThat(probabilities[0] + probabilities[1]).isEqualTo(1, within(1e-6f));
        assertThat(epochs).hasSizeBetween(SETTINGS.patience(), SETTINGS.epochs());
        assertThat(epochs.get(1).loss()).isLessThan(epochs.get(0).loss());
        assertThat(model.flops("leaf tree")).isPositive();
    }

    @Test
    void orderOfWordsCounts() {
        List<Example> train = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            train.add(new Example("dog bites man", 0));
            train.add(new Example("man bites dog", 1));
        }
        BagOfWords model = BagOfWords.train(train, List.of(), 2, SETTINGS, 1, epoch -> {});
        assertThat(model.predict("dog bites man")).isEqualTo(0);
        assertThat(model.predict("man bites dog")).isEqualTo(1);
    }

    @Test
    void textsWithoutKnownWordsGetTheBias() {
        BagOfWords model = BagOfWords.train(examples(200, 1), List.of(), 2, SETTINGS, 1, epoch -> {});
        assertThat(model.probabilities("")).hasSize(2).doesNotContain(Float.NaN);
        assertThat(model.probabilities("\u4f60\u597d \uD83D\uDE00 zzz")).isEqualTo(model.probabilities(""));
        assertThat(model.flops("")).isZero();
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        BagOfWordsWeights first = train(1).stored();
        assertThat(train(1).stored().weights()).isEqualTo(first.weights());
        assertThat(train(2).stored().weights()).isNotEqualTo(first.weights());
    }

    @Test
    void aStoredModelGivesTheSameProbabilities() {
        BagOfWords model = train(1);
        BagOfWordsWeights stored = model.stored();
        BagOfWords loaded = new BagOfWords(SETTINGS, stored);
        assertThat(loaded.parameterCount())
                .isEqualTo(stored.weights().length + 2L)
                .isEqualTo(model.parameterCount());
        for (Example example : examples(50, 9)) {
            assertThat(loaded.probabilities(example.text())).isEqualTo(model.probabilities(example.text()));
        }
    }

    @Test
    void hostileNumbersAreRefused() {
        refuses(new int[] {1, 2}, new float[2], new float[3], "sizes");
        refuses(new int[] {1, 2}, new float[1], new float[4], "sizes");
        refuses(new int[] {2, 2}, new float[2], new float[4], "ascending");
        refuses(new int[] {-1, 2}, new float[2], new float[4], "ascending");
        refuses(new int[] {1, 2}, new float[] {1, Float.NaN}, new float[4], "finite");
        BagOfWordsWeights far =
                new BagOfWordsWeights("model", new int[] {1 << 20}, new float[1], new float[2], new float[2]);
        assertThatThrownBy(() -> new BagOfWords(SETTINGS, far))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("2^19");
        assertThatThrownBy(() -> new BagOfWordsSettings(40, 3, 5, 1, 5, 6, 2))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("bits must be in [8, 24], but is 40");
    }

    /** Measured over three seeds: 0.623 to 0.636; a hundred labels' worth of margin. */
    @Test
    void sortsDefinitionsIntoTheirTopics() throws IOException, URISyntaxException {
        DataSpec.Split share = new DataSpec.Split.Fraction(0.1);
        DataSpec.Source source = new DataSpec.Source.Bundled("maven:a:b:c", TextData.WORDNET_DEFINITIONS);
        TextData data = TextData.load(new DataSpec(source, null, null, share, share, 2_000, 64), jar(), 1);
        BagOfWords model =
                BagOfWords.train(data.train(), data.validation(), data.labels().size(), SETTINGS, 1, epoch -> {});
        assertThat(model.accuracy(data.test())).isBetween(0.61, 0.66);
    }

    private static void refuses(int[] buckets, float[] scales, float[] weights, String message) {
        assertThatThrownBy(() -> new BagOfWordsWeights("model", buckets, scales, weights, new float[2]))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("model: ")
                .hasMessageContaining(message);
    }

    private static BagOfWords train(long seed) {
        return BagOfWords.train(examples(200, 1), examples(50, 2), 2, SETTINGS, seed, epoch -> {});
    }

    private static List<Example> examples(int count, long seed) {
        SplitMix random = SplitMix.of(seed);
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int label = random.nextInt(2);
            List<String> words = label == 0 ? LEFT : RIGHT;
            examples.add(new Example(
                    "the " + words.get(random.nextInt(4)) + " and a " + words.get(random.nextInt(4)), label));
        }
        return examples;
    }

    private static Path jar() throws IOException, URISyntaxException {
        URL nouns = Objects.requireNonNull(
                BagOfWordsTest.class.getClassLoader().getResource("net/sf/extjwnl/data/wordnet/wn31/data.noun"));
        return Path.of(
                ((JarURLConnection) nouns.openConnection()).getJarFileURL().toURI());
    }
}
