package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TextTableTest {
    private final Path folder;

    TextTableTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void readsCsvWithQuotesLineBreaksAndBlankLines() {
        Path file = write(
                "tickets.csv",
                "\uFEFF\"id\",body,topic\r\n1,\"a, \"\"b\"\"\nc\",x\r\n\r\n2,say \"hi\" now,y\n3,,x\n4,text,\n");
        LabelledTexts read = read(file, "body", "topic");
        assertThat(read.rows())
                .containsExactly(new LabelledText("a, \"b\"\nc", "x"), new LabelledText("say \"hi\" now", "y"));
        assertThat(read.withoutText()).isEqualTo(1);
        assertThat(read.withoutLabel()).isEqualTo(1);
        assertThat(read.guesses()).isEmpty();
    }

    @Test
    void quotesInTsvAreLetters() {
        String rows = "Label\tSMS\nham\t\"HEY HEY\nspam\tthe \"cave\"\nham\tfor at four.\"\nham\tGo, jurong; point..\n";
        for (String name : List.of("SMSSpamCollection", "sms.tsv", "sms.txt")) {
            LabelledTexts read = read(write(name, rows), null, null);
            assertThat(read.rows())
                    .as(name)
                    .containsExactly(
                            new LabelledText("\"HEY HEY", "ham"),
                            new LabelledText("the \"cave\"", "spam"),
                            new LabelledText("for at four.\"", "ham"),
                            new LabelledText("Go, jurong; point..", "ham"));
            assertThat(read.guesses()).hasSize(2).first().asString().contains("\"Label\"");
        }
    }

    @Test
    void textsKeepTheirSpacesAndLabelsTheirSpelling() {
        Path file = write("dev.tsv", "sentence\tlabel\nthe power \t01\n  well\t1\n");
        assertThat(read(file, null, null).rows())
                .containsExactly(new LabelledText("the power ", "01"), new LabelledText("  well", "1"));
    }

    @Test
    void otherDelimitersAreFoundInTheHeader() {
        assertThat(read(write("a.csv", "text;label\na, b;x\nc;y\n"), null, null).rows())
                .containsExactly(new LabelledText("a, b", "x"), new LabelledText("c", "y"));
    }

    @Test
    void readsJsonLinesAndArraysWithLabelsOfAnyType() {
        String objects =
                "{\"text\":\"2020-01-01\",\"label\":1}%s{\"text\":\"caf\\u00e9\",\"label\":true}%s{\"text\":\"b\",\"label\":\"z\"}";
        List<LabelledText> expected = List.of(
                new LabelledText("2020-01-01", "1"), new LabelledText("café", "true"), new LabelledText("b", "z"));
        assertThat(read(write("a.jsonl", objects.formatted("\n", "\n") + "\n"), "text", "label")
                        .rows())
                .isEqualTo(expected);
        assertThat(read(write("a.json", "[" + objects.formatted(",\n", ",") + "]"), "text", "label")
                        .rows())
                .isEqualTo(expected);
    }

    @Test
    void readsParquetWithTypedLabels() throws SQLException, IOException {
        Path file = folder.resolve("a'b.parquet");
        duck(
                "COPY (SELECT * FROM (VALUES ('one text', DATE '2020-01-02', 7), ('two texts', DATE '2021-01-02', 8)) t(words, day, n)) TO '"
                        + file.toString().replace("'", "''") + "' (FORMAT parquet)");
        List<LabelledText> expected =
                List.of(new LabelledText("one text", "2020-01-02"), new LabelledText("two texts", "2021-01-02"));
        assertThat(read(file, "words", "day").rows()).isEqualTo(expected);
        Path zipped = folder.resolve("a.parquet.gz");
        gzip(zipped, Files.readAllBytes(file));
        assertThat(read(zipped, "words", "day").rows()).isEqualTo(expected);
    }

    @Test
    void readsGzippedText() throws IOException {
        Path csv = folder.resolve("a.csv.gz");
        gzip(csv, "text,label\na b,x\nc d,y\n".getBytes(StandardCharsets.UTF_8));
        Path json = folder.resolve("a.jsonl.gz");
        gzip(
                json,
                "{\"text\":\"a b\",\"label\":\"x\"}\n{\"text\":\"c d\",\"label\":\"y\"}\n"
                        .getBytes(StandardCharsets.UTF_8));
        for (Path file : List.of(csv, json)) {
            assertThat(read(file, "text", "label").rows())
                    .containsExactly(new LabelledText("a b", "x"), new LabelledText("c d", "y"));
        }
    }

    @Test
    void readsQueriesOverFiles() {
        Path file = write("it's.csv", "body,topic\nlong text,x\nother text,y\n");
        String sql =
                "SELECT upper(body) AS words, topic FROM '" + file.toString().replace("'", "''") + "' -- all of it\n;";
        LabelledTexts read = TextTable.read(new Source.Query(sql), null, null);
        assertThat(read.rows())
                .containsExactly(new LabelledText("LONG TEXT", "x"), new LabelledText("OTHER TEXT", "y"));
    }

    @Test
    void fileNamesAreNeverPatternsOrSql() {
        write("a1.csv", "text,label\nwrong,x\nwrong,y\n");
        for (String name : List.of("a[1].csv", "a'); DROP.csv", "a?.csv", "k=v.csv")) {
            assertThat(read(write(name, "text,label\nright,x\nright too,y\n"), "text", "label")
                            .rows())
                    .as(name)
                    .extracting(LabelledText::text)
                    .containsExactly("right", "right too");
        }
    }

    @Test
    void guessesTheColumns() {
        StringBuilder rows = new StringBuilder("id,note,what,grade\n");
        for (int i = 0; i < 100; i++) {
            rows.append(i)
                    .append(",n")
                    .append(i)
                    .append(",this is the long text number ")
                    .append(i)
                    .append(',')
                    .append(i % 3)
                    .append('\n');
        }
        LabelledTexts read = read(write("a.csv", rows.toString()), null, null);
        assertThat(read.textColumn()).isEqualTo("what");
        assertThat(read.labelColumn()).isEqualTo("grade");
        assertThat(read.guesses()).hasSize(2);
    }

    @Test
    void eachBadInputHasItsMessage() throws IOException {
        write("tickets.csv", "text,label\na,x\nb,y\n");
        fails("tickest.csv").hasMessageContaining("no such file").hasMessageContaining("\"tickets.csv\"");
        fails("").hasMessageContaining("folder");
        fails(write("empty.csv", "")).hasMessageContaining("is empty");
        fails(write("blank.csv", " \n\n")).hasMessageContaining("is empty");
        fails(write("header.csv", "text,label\n"))
                .hasMessageContaining("no rows")
                .hasMessageContaining("text, label");
        fails(write("twice.csv", "text,label,Text\na,b,c\n")).hasMessageContaining("\"Text\" twice");
        fails(write("one.csv", "text\na\n")).hasMessageContaining("only column is \"text\"");
        fails(write("ragged.csv", "text,label\na,b\na,b,c\n")).hasMessageContaining("line 3: has 3 cells");
        fails(write("open.csv", "text,label\na,b\n\"c,d\ne,f\n"))
                .hasMessageContaining("line 3")
                .hasMessageContaining("never closes");
        fails(write("after.csv", "text,label\n\"a\"b,c\n"))
                .hasMessageContaining("line 2")
                .hasMessageContaining("closing quote");
        fails(write("a.xlsx", "PK")).hasMessageContaining("\".xlsx\"").hasMessageContaining(".parquet");
        fails(write("a.csv.gz", "text,label\na,b\n")).hasMessageContaining("not intact gzip");
        fails(write("a.parquet", "PAR1PAR1")).hasMessageContaining("a.parquet: ");
        fails(write("bad.jsonl", "{\"text\":\"a\",\"label\":1}\n{\"text\":\n")).hasMessageContaining("Malformed JSON");
        fails(write("list.jsonl", "[1,2]\n3\n")).hasMessageContaining("JSON objects");
        fails(write("none.csv", "text,label\n ,x\nb,\n")).hasMessageContaining("no row with both");
        fails(write("cell.csv", "text,label\na,x\n" + "a".repeat(10 << 20) + ",y\n"))
                .hasMessageContaining("line 3: cell 1 is longer than 1 MiB");
        fails(write("cell.jsonl", "{\"text\":\"" + "a".repeat(10 << 20) + "\",\"label\":1}\n"))
                .hasMessageContaining("longer than 1 MiB");
        Path nested = write("nested.jsonl", "{\"text\":{\"a\":1},\"label\":1}\n");
        fails(nested).hasMessageContaining("\"text\" must hold texts");
        Path cut = folder.resolve("cut.csv.gz");
        gzip(cut, "text,label\na,b\n".repeat(1000).getBytes(StandardCharsets.UTF_8));
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 40));
        fails(cut).hasMessageContaining("ends too early");
    }

    @Test
    void bytesThatAreNotUtf8AreNamedWithTheirLine() throws IOException {
        Path latin = folder.resolve("latin.csv");
        Files.write(latin, "text,label\na,x\ncaf\u00e9,y\n".getBytes(StandardCharsets.ISO_8859_1));
        fails(latin).hasMessageContaining("line 3").hasMessageContaining("0xE9").hasMessageContaining("UTF-8");
        Path wide = folder.resolve("wide.csv");
        Files.write(wide, "text,label\na,x\n".getBytes(StandardCharsets.UTF_16));
        fails(wide).hasMessageContaining("UTF-16");
        Path cut = folder.resolve("cut.csv");
        Files.write(cut, new byte[] {'a', ',', 'b', '\n', 'c', ',', (byte) 0xE2, (byte) 0x82});
        fails(cut).hasMessageContaining("middle of a letter");
        Path good = write("good.csv", "text,label\n\u00e9\u20ac\uD83D\uDE00,x\nb,y\n");
        assertThat(read(good, null, null).rows()).first().isEqualTo(new LabelledText("é€😀", "x"));
    }

    @Test
    void unknownColumnsAreAnsweredWithTheNearest() {
        Path file = write("a.csv", "body,topic\na,x\nb,y\n");
        assertThatThrownBy(() -> read(file, "bdy", "topic"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "no column \"bdy\" (data.text); nearest: \"body\"; the columns are \"body\", \"topic\"");
        assertThatThrownBy(() -> read(file, "body", "body")).hasMessageContaining("must differ");
    }

    @Test
    void failingQueriesGiveDuckDbsFirstLine() {
        assertThatThrownBy(() -> TextTable.read(new Source.Query("SELEC 1"), null, null))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("data.query: Parser Error")
                .message()
                .doesNotContain("\n");
        assertThatThrownBy(
                        () -> TextTable.read(new Source.Query("SELECT * FROM 'https://localhost/a.csv'"), null, null))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("httpfs");
        assertThatThrownBy(() -> TextTable.read(new Source.Query(" ; "), null, null))
                .hasMessageContaining("blank");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> fails(String name) {
        return fails(folder.resolve(name));
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> fails(Path file) {
        var failure = assertThatThrownBy(() -> read(file, "text", "label"))
                .as(file.toString())
                .isInstanceOf(InputException.class);
        failure.message().doesNotContain("\n");
        return failure;
    }

    private static LabelledTexts read(Path file, @Nullable String text, @Nullable String label) {
        return TextTable.read(new Source.File(file.toString()), text, label);
    }

    private Path write(String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void gzip(Path file, byte[] content) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(content);
        }
    }

    private static void duck(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
