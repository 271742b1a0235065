package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WordNetTest {
    private static final String NOUNS = "net/sf/extjwnl/data/wordnet/wn31/data.noun";

    @Test
    void readsEveryDefinitionWithItsTopic() {
        List<LabelledText> definitions = WordNetDefinitions.read(WordNetJar.path());
        assertThat(definitions).hasSize(82_141);
        assertThat(definitions.get(2)).isEqualTo(new LabelledText("a kind act", "act"));
        assertThat(definitions)
                .noneMatch(row -> row.text().contains("; \"") || row.text().isBlank());
        assertThat(new HashSet<>(definitions.stream().map(LabelledText::label).toList()))
                .containsExactlyInAnyOrderElementsOf(WordNetDefinitions.topics())
                .hasSize(25);
    }

    @Test
    void usageExamplesAreCutOff() {
        assertThat(WordNetDefinitions.withoutExamples("a visible entity; one with a shadow; \"it was full\"; \"x\""))
                .isEqualTo("a visible entity; one with a shadow");
        assertThat(WordNetDefinitions.withoutExamples("female of cattle: \"`moo-cow' is a child's term\""))
                .isEqualTo("female of cattle");
        assertThat(WordNetDefinitions.withoutExamples("a demand in the phrase \"the call of duty\""))
                .isEqualTo("a demand in the phrase \"the call of duty\"");
    }

    @Test
    void heldOutSplitsDoNotDependOnTheSeed() {
        TextData first = load(6_000, 1);
        TextData second = load(2_000, 2);
        TextData sameSeed = load(2_000, 1);
        assertThat(first.test()).hasSize(2_000).isEqualTo(second.test());
        assertThat(first.validation()).hasSize(2_000).isEqualTo(second.validation());
        assertThat(first.train()).hasSize(6_000);
        assertThat(second.train()).hasSize(2_000).isNotEqualTo(first.train().subList(0, 2_000));
        assertThat(sameSeed.train()).isEqualTo(first.train().subList(0, 2_000));
        Set<String> texts = new HashSet<>();
        for (List<Example> split : List.of(first.train(), first.validation(), first.test())) {
            split.forEach(example -> texts.add(UniqueTexts.normalized(example.text())));
        }
        assertThat(texts).hasSize(10_000);
        assertThat(first.labels()).isEqualTo(WordNetDefinitions.topics());
        assertThat(load(null, 1).train()).hasSize(77_510);
    }

    @Test
    void synonymsAreOfTheMostFrequentSense() {
        Synonyms synonyms = Synonyms.read(WordNetJar.path());
        assertThat(synonyms.of("car")).contains("auto", "automobile").doesNotContain("car", "motorcar_2");
        assertThat(synonyms.of("person")).contains("individual", "someone");
        for (String word : List.of("he", "the", "are", "from", "with", "xyzzy")) {
            assertThat(synonyms.of(word)).as(word).isEmpty();
        }
    }

    @Test
    void otherFilesAreRefused(@TempDir Path folder) throws IOException {
        refuses(folder.resolve("absent.jar"), "no such file");
        Path text = Files.writeString(folder.resolve("text.jar"), "no jar at all");
        refuses(text, "not an intact jar");
        refuses(zip(folder.resolve("empty.jar"), "other", "x"), "holds no " + NOUNS);
        refuses(zip(folder.resolve("wrong.jar"), NOUNS, "hello\n"), "not WordNet's");
        refuses(zip(folder.resolve("short.jar"), NOUNS, "00001740 05"), "not WordNet's");
        refuses(zip(folder.resolve("words.jar"), NOUNS, "00001740 0x n 01 a 0 000 | b\n"), "not WordNet's");
        Path small = zip(folder.resolve("small.jar"), NOUNS, "00001740 05 n 01 dog 0 000 | an animal\n");
        assertThatThrownBy(() -> TextData.load(spec(10), small, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("only 1 definitions");
    }

    private static void refuses(Path file, String message) {
        assertThatThrownBy(() -> WordNetDefinitions.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    private static Path zip(Path file, String name, String content) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    private static TextData load(@Nullable Integer trainExamples, long seed) {
        return TextData.load(spec(trainExamples), WordNetJar.path(), seed);
    }

    private static DataSpec spec(@Nullable Integer trainExamples) {
        DataSpec.Source source = new DataSpec.Source.Bundled("maven:a:b:c", TextData.WORDNET_DEFINITIONS);
        DataSpec.Split share = new DataSpec.Split.Fraction(0.1);
        return new DataSpec(source, null, null, share, share, trainExamples, 64);
    }
}
