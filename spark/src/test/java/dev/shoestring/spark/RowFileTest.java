package dev.shoestring.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.data.LabelledText;
import dev.shoestring.data.TextTable;
import dev.shoestring.recipe.DataSpec.Source;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Tuple2;
import scala.Tuple3;
import scala.jdk.javaapi.CollectionConverters;

final class RowFileTest {
    private static Tuple2<Tuple3<Integer, String, String>, Byte> row(@Nullable String text, @Nullable String label) {
        return new Tuple2<>(new Tuple3<>(0, text, label), (byte) 0);
    }

    @Test
    void whatGoesInComesOut(@TempDir Path folder) {
        Path file = folder.resolve("dataset.jsonl");
        RowFile.write(
                file,
                new DatasetColumns("the \"body\"", "topic"),
                CollectionConverters.asScala(List.of(
                                row("two\nlines, a \\ and a \"", "1"),
                                row("日本語 😀 \u2028", "007"),
                                row("{\"text\": 1}", "true"),
                                row(null, "1"),
                                row("no label", null))
                        .iterator()));
        var read = TextTable.read(new Source.File(file.toString()), "the \"body\"", "topic");
        assertThat(read.rows())
                .containsExactly(
                        new LabelledText("two\nlines, a \\ and a \"", "1"),
                        new LabelledText("日本語 😀 \u2028", "007"),
                        new LabelledText("{\"text\": 1}", "true"));
        assertThat(read.withoutText()).isEqualTo(1);
        assertThat(read.withoutLabel()).isEqualTo(1);
    }

    @Test
    void aConversationIsALineAsItIs(@TempDir Path folder) throws java.io.IOException {
        Path file = folder.resolve("dataset.jsonl");
        RowFile.write(
                file,
                new DatasetColumns(null, null),
                CollectionConverters.asScala(List.of(row("{\"messages\":[]}", null), row("{\"prompt\":\"é\"}", null))
                        .iterator()));
        assertThat(file).hasContent("{\"messages\":[]}\n{\"prompt\":\"é\"}\n");
    }
}
