package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.DataSpec.Split;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TextDataTest {
    private static final Split TENTH = new Split.Fraction(0.1);
    private static final Split FIFTH = new Split.Fraction(0.2);
    private static final Split NONE = new Split.Fraction(0);

    private final Path folder;

    TextDataTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void sharesAreStratifiedDisjointAndCovering() throws IOException {
        TextData data = load(write("a.csv", rows(1000)), TENTH, FIFTH, null, 1);
        assertThat(data.train()).hasSize(700);
        assertThat(data.validation()).hasSize(100);
        assertThat(data.test()).hasSize(200);
        for (DataReport.LabelCount count : data.report().labels()) {
            assertThat(count.validation()).isCloseTo(Math.round(0.1f * total(count)), within(1));
            assertThat(count.test()).isCloseTo(Math.round(0.2f * total(count)), within(1));
        }
        assertThat(texts(data)).hasSize(1000);
    }

    @Test
    void splitsDependOnTheSeedAndNotOnTheOrderOfRows() throws IOException {
        List<String> rows = rows(300);
        TextData first = load(write("a.csv", rows), TENTH, TENTH, 100, 1);
        Collections.shuffle(rows, new Random(5));
        TextData shuffled = load(write("b.csv", rows), TENTH, TENTH, 100, 1);
        assertThat(shuffled.train()).isEqualTo(first.train());
        assertThat(shuffled.validation()).isEqualTo(first.validation());
        assertThat(shuffled.test()).isEqualTo(first.test());
        TextData otherSeed = load(write("b.csv", rows), TENTH, TENTH, 100, 2);
        assertThat(otherSeed.test()).isNotEqualTo(first.test());
        assertThat(first.train()).hasSize(100);
        assertThat(first.report().dropped()).contains(new DataReport.Dropped("beyond data.train_examples", 140));
    }

    @Test
    void repeatsStayOnceAndContradictionsGo() throws IOException {
        List<String> rows = rows(100);
        rows.addAll(List.of("Same  Text,x", "same text,x", "SAME TEXT ,x", "torn,x", "Torn,y", "torn,x"));
        TextData data = load(write("a.csv", rows), TENTH, TENTH, null, 1);
        assertThat(texts(data)).hasSize(101).doesNotContain("torn");
        assertThat(data.report().dropped())
                .containsExactly(
                        new DataReport.Dropped("repeated, with the same text and label as another", 2),
                        new DataReport.Dropped("with a text that has several labels", 3));
        assertThat(data.report().warnings()).anyMatch(warning -> warning.contains("several labels"));
    }

    @Test
    void textsOfHeldOutFilesLeaveTraining() throws IOException {
        List<String> rows = rows(100);
        Path test = write("test.csv", List.of("row number 3,y", "new text,y"));
        Path validation = write("validation.csv", List.of("NEW  text,y", "row number 5,y"));
        TextData data = load(
                write("a.csv", rows), new Split.File(validation.toString()), new Split.File(test.toString()), null, 1);
        assertThat(data.test()).extracting(Example::text).containsExactly("row number 3", "new text");
        assertThat(data.validation()).extracting(Example::text).containsExactly("row number 5");
        assertThat(data.train()).extracting(Example::text).hasSize(98).doesNotContain("Row number 3", "Row number 5");
        assertThat(data.report().dropped())
                .containsExactly(new DataReport.Dropped("in training whose text is in a held-out file", 2));
    }

    @Test
    void numericLabelsAreSortedAsNumbers() throws IOException {
        TextData data = load(write("a.csv", List.of("a,10", "b,9", "c,-1", "d,9.5")), NONE, NONE, null, 1);
        assertThat(data.labels()).containsExactly("-1", "9", "9.5", "10");
        assertThat(data.train()).contains(new Example("a", 3), new Example("c", 0));
    }

    @Test
    void badSplitsHaveTheirMessage() throws IOException {
        Path one = write("one.csv", List.of("a,x", "b,x"));
        assertFails(one, TENTH, TENTH)
                .hasMessageContaining("at least two labels")
                .hasMessageContaining("\"x\"");
        Path few = write("few.csv", List.of("a,x", "b,x", "c,x", "d,y", "e,y"));
        assertFails(few, TENTH, TENTH)
                .hasMessageContaining("label \"y\" has 2 rows")
                .hasMessageContaining("at least 3");
        Path train = write("train.csv", rows(60));
        Path test = write("test.csv", List.of("q,xx", "r,z"));
        assertFails(train, TENTH, new Split.File(test.toString()))
                .hasMessageContaining("test.csv: label \"xx\" never occurs in training; nearest: \"x\"");
        Path same = write("same.csv", rows(60));
        assertFails(train, NONE, new Split.File(same.toString())).hasMessageContaining("no row is left to train on");
        Path other = Files.writeString(folder.resolve("other.csv"), "body,label\na,x\n");
        assertFails(train, TENTH, new Split.File(other.toString()))
                .hasMessageContaining("other.csv: has no column \"text\"");
    }

    @Test
    void imbalanceSmallSplitsAndSpellingsAreWarnedOf() throws IOException {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            rows.add("text " + i + (i % 20 == 0 ? ",spam" : ",Spam"));
        }
        DataReport report = load(write("a.csv", rows), TENTH, TENTH, null, 1).report();
        assertThat(report.imbalance()).isGreaterThan(10);
        assertThat(report.warnings())
                .anyMatch(warning -> warning.contains("uneven"))
                .anyMatch(warning -> warning.contains("test split has only"))
                .anyMatch(warning -> warning.contains("differ only in case"));
    }

    @Test
    void examplesOfAnotherTableTakeTheModelsLabels() throws IOException {
        Path file = write("a.csv", List.of("a,y", "a,y", "b,x"));
        assertThat(TextData.loadExamples(new Source.File(file.toString()), null, null, List.of("x", "y", "z")))
                .containsExactly(new Example("a", 1), new Example("a", 1), new Example("b", 0));
    }

    private static Set<String> texts(TextData data) {
        Set<String> texts = new HashSet<>();
        for (List<Example> split : List.of(data.train(), data.validation(), data.test())) {
            for (Example example : split) {
                assertThat(texts.add(UniqueTexts.normalized(example.text())))
                        .as(example.text())
                        .isTrue();
            }
        }
        return texts;
    }

    private static int total(DataReport.LabelCount count) {
        return count.train() + count.validation() + count.test();
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertFails(
            Path file, Split validation, Split test) {
        return assertThatThrownBy(() -> load(file, validation, test, null, 1)).isInstanceOf(InputException.class);
    }

    private static TextData load(Path file, Split validation, Split test, @Nullable Integer trainExamples, long seed) {
        Source source = new Source.File(file.toString());
        return TextData.load(new DataSpec(source, null, null, validation, test, trainExamples, 64), null, seed);
    }

    private static List<String> rows(int count) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add("Row number " + i + "," + (i % 6 == 0 ? "x" : i % 2 == 0 ? "z" : "y"));
        }
        return rows;
    }

    private Path write(String name, List<String> rows) throws IOException {
        return Files.writeString(folder.resolve(name), "text,label\n" + String.join("\n", rows) + "\n");
    }
}
