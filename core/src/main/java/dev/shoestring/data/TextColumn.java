package dev.shoestring.data;

import dev.shoestring.recipe.DataSpec.Source;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the texts in a column of a table, one row at a time. */
final class TextColumn {
    private TextColumn() {}

    static void read(TextSource.Table source, DocumentSink sink) {
        long[] row = {0};
        each(source, text -> {
            row[0]++;
            if (text == null) {
                sink.leftOut("without a text");
            } else if (text.length() > TextPieces.LARGEST) {
                sink.leftOut(DocumentSink.TOO_LONG, source.name() + ", row " + row[0]);
            } else {
                sink.text(text);
            }
        });
    }

    /** Of a file its contents; of a query the sum of its rows' hashes, for their order may change from one run of it to the next. */
    static String fingerprint(TextSource.Table source) {
        if (source.table() instanceof Source.File file) {
            return HashedFile.of(Path.of(file.path())).sha256();
        }
        long[] sums = new long[3];
        each(source, text -> {
            if (text != null) {
                String hash = ContentHash.of(text.getBytes(StandardCharsets.UTF_8));
                sums[0] += Long.parseUnsignedLong(hash, 0, 16, 16);
                sums[1] += Long.parseUnsignedLong(hash, 16, 32, 16);
                sums[2]++;
            }
        });
        return Long.toHexString(sums[0]) + Long.toHexString(sums[1]) + " " + sums[2];
    }

    private static void each(TextSource.Table source, Consumer<@Nullable String> rows) {
        Function<DuckTable, String> read = table -> table.eachText(source.column(), rows);
        if (source.table() instanceof Source.File file) {
            TextTable.with(file, read);
        } else if (source.table() instanceof Source.Query query) {
            TextTable.with(query, read);
        } else {
            throw new IllegalStateException("not a table: " + source.table());
        }
    }
}
