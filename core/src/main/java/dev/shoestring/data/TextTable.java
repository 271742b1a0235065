package dev.shoestring.data;

import dev.shoestring.recipe.DataSpec.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads labelled tables: CSV, TSV, JSON lines, JSON and Parquet files, each also gzipped, and SQL over files. DuckDB does the
 * reading; its native library loads with the first table. Text files are checked byte by byte before it sees them, so that a
 * user hears of a bad line by its number. Nothing is ever fetched from a network.
 */
public final class TextTable {
    private static final long LARGEST_UNPACKED = 4L << 30;

    private TextTable() {}

    /**
     * Reads a file.
     *
     * @param text name of the text column, null to guess
     * @param label name of the label column, null to guess
     * @throws dev.shoestring.recipe.InputException if the file is not a table with such columns
     */
    public static LabelledTexts read(Source.File source, @Nullable String text, @Nullable String label) {
        return with(source, table -> table.read(text, label));
    }

    /**
     * Reads the result of a query.
     *
     * @param text name of the text column, null to guess
     * @param label name of the label column, null to guess
     * @throws dev.shoestring.recipe.InputException if the query fails or its result has no such columns
     */
    public static LabelledTexts read(Source.Query source, @Nullable String text, @Nullable String label) {
        return with(source, table -> table.read(text, label));
    }

    /** Opens a query's result, uses it and closes it. */
    static <T> T with(Source.Query source, Function<DuckTable, T> use) {
        try (DuckTable table = DuckTable.open("data.query")) {
            table.defineQuery(source.sql());
            return use.apply(table);
        }
    }

    /** Opens a file's table, uses it and closes it. */
    static <T> T with(Source.File source, Function<DuckTable, T> use) {
        Path file = TableFile.require(source.path());
        TableFormat format = TableFormat.of(file);
        if (format == TableFormat.PARQUET) {
            return TableFormat.gzipped(file) ? withUnpacked(file, use) : withParquet(file, file, use);
        }
        CheckedFile checked = CheckedFile.of(file, format);
        try (DuckTable table = DuckTable.open(file.toString())) {
            switch (checked.format()) {
                case CSV, TSV -> table.defineCells(cellsSql(file, checked), checked.header());
                case JSON, JSON_LINES -> table.defineJson(file, checked.format() == TableFormat.JSON_LINES);
                case UNNAMED, PARQUET -> throw new IllegalStateException("not a text format: " + checked);
            }
            return use.apply(table);
        }
    }

    private static <T> T withParquet(Path file, Path named, Function<DuckTable, T> use) {
        try (DuckTable table = DuckTable.open(named.toString())) {
            table.define("SELECT * FROM read_parquet(" + DuckTable.literal(file) + ", hive_partitioning = false)");
            return use.apply(table);
        }
    }

    private static <T> T withUnpacked(Path file, Function<DuckTable, T> use) {
        try {
            Path unpacked = Files.createTempFile("shoestring", ".parquet");
            try {
                unpack(file, unpacked);
                return withParquet(unpacked, file, use);
            } finally {
                Files.delete(unpacked);
            }
        } catch (IOException e) {
            throw TableFile.unreadable(file.toString(), e);
        }
    }

    private static void unpack(Path file, Path unpacked) throws IOException {
        try (InputStream in = TableFile.open(file);
                OutputStream out = Files.newOutputStream(unpacked)) {
            byte[] buffer = new byte[1 << 16];
            long total = 0;
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                total += length;
                if (total > LARGEST_UNPACKED) {
                    throw new IOException(
                            "it unpacks to more than 4 GiB; unpack it yourself and name the .parquet file");
                }
                out.write(buffer, 0, length);
            }
        }
    }

    private static String cellsSql(Path file, CheckedFile checked) {
        String quote = checked.format() == TableFormat.TSV ? "''" : "'\"'";
        List<String> types = IntStream.range(0, checked.header().size())
                .mapToObj(i -> "'" + DuckTable.column(i) + "': 'VARCHAR'")
                .toList();
        // Strict mode refuses quotes inside unquoted cells and mixed line ends; CellCheck has refused what is really
        // broken.
        return "SELECT * FROM read_csv(" + DuckTable.literal(file) + ", auto_detect = false, header = true, delim = '"
                + checked.delimiter() + "', quote = " + quote + ", escape = " + quote + ", columns = {"
                + types.stream().collect(Collectors.joining(", ")) + "}, strict_mode = false, parallel = false,"
                + " max_line_size = 16777216, hive_partitioning = false, compression = " + DuckTable.compression(file)
                + ")";
    }
}
