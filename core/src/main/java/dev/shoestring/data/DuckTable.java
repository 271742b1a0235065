package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One table in an in-memory DuckDB that may load nothing from a network, and the reading of two of its columns. */
final class DuckTable implements AutoCloseable {
    private static final int LONGEST_TEXT = CellCheck.LONGEST_CELL;
    private static final long MOST_CHARACTERS =
            Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 4);

    private final String source;
    private final Connection connection;
    /** Names for the user; the SQL names are in {@link #sqlNames}. */
    private List<String> names = List.of();

    private List<String> sqlNames = List.of();
    private List<String> types = List.of();

    private DuckTable(String source, Connection connection) {
        this.source = source;
        this.connection = connection;
    }

    /** Opens an empty database; {@code source} names the table in messages. */
    static DuckTable open(String source) {
        Properties properties = new Properties();
        properties.setProperty("jdbc_stream_results", "true");
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        properties.setProperty("threads", "2");
        properties.setProperty("memory_limit", "2GB");
        // Its default is a folder beside the user's files.
        properties.setProperty("temp_directory", System.getProperty("java.io.tmpdir"));
        try {
            return new DuckTable(source, DriverManager.getConnection("jdbc:duckdb:", properties));
        } catch (SQLException e) {
            throw new IllegalStateException("cannot open an in-memory DuckDB", e);
        }
    }

    /** A file's absolute path as an SQL string that matches this file alone: DuckDB takes file names for patterns. */
    static String literal(Path file) {
        StringBuilder pattern = new StringBuilder();
        for (char letter : file.toAbsolutePath().toString().toCharArray()) {
            pattern.append("*?[".indexOf(letter) < 0 ? String.valueOf(letter) : "[" + letter + "]");
        }
        return literal(pattern.toString());
    }

    /** DuckDB's name of the file's compression, as an SQL string. */
    static String compression(Path file) {
        return TableFormat.gzipped(file) ? "'gzip'" : "'uncompressed'";
    }

    /** SQL name of the column at an index, for tables whose header is the user's. */
    static String column(int index) {
        return "c" + index;
    }

    /** Defines the table by a select of columns {@code c0, c1, …} of strings, with the user's names for them. */
    void defineCells(String select, List<String> header) {
        define(select);
        names = header;
    }

    /** Defines the table by a JSON file; every value is read as a string, as the file writes it. */
    void defineJson(Path file, boolean lines) {
        String open = "SELECT * FROM read_json(" + literal(file) + ", hive_partitioning = false, format = '"
                + (lines ? "newline_delimited" : "auto") + "', compression = " + compression(file);
        define(open + ", sample_size = -1)");
        List<String> detected = types;
        if (names.equals(List.of("json"))) {
            throw new InputException(
                    source + ": must hold JSON objects with a text and a label, {\"text\": …, \"label\": …},"
                            + " but holds other values");
        }
        String columns =
                names.stream().map(name -> literal(name) + ": 'VARCHAR'").collect(Collectors.joining(", "));
        define(open + ", columns = {" + columns + "})");
        types = detected;
    }

    /** Defines the table by a user's query, which runs once. */
    void defineQuery(String sql) {
        String query = sql.strip();
        while (query.endsWith(";")) {
            query = query.substring(0, query.length() - 1).stripTrailing();
        }
        if (query.isEmpty()) {
            throw new InputException(source + ": is blank, expected a SELECT over files");
        }
        if (query.replaceAll("'[^']*'|\"[^\"]*\"", "").contains(";")) {
            throw new InputException(
                    source + ": must be one SELECT, but has a semicolon in it; give one statement only");
        }
        execute("CREATE TEMP TABLE shoestring_rows AS SELECT * FROM (" + query + "\n)");
        describe();
    }

    /** Defines the table by a select of ours. */
    void define(String select) {
        execute("CREATE OR REPLACE TEMP VIEW shoestring_rows AS " + select);
        describe();
    }

    /** Chooses the columns and reads their rows. */
    LabelledTexts read(@Nullable String text, @Nullable String label) {
        boolean guess = text == null || label == null;
        ColumnChoice choice = ColumnChoice.of(source, guess ? measured() : unmeasured(), text, label);
        if (types.get(choice.text()).matches("(STRUCT|MAP|UNION).*|.*\\[\\d*\\]")) {
            throw new InputException(source + ": column \"" + names.get(choice.text())
                    + "\" must hold texts, but holds "
                    + types.get(choice.text()).toLowerCase(Locale.ROOT) + "; take its text out with data.query");
        }
        String sql = "SELECT CAST(" + sqlName(choice.text()) + " AS VARCHAR), CAST(" + sqlName(choice.label())
                + " AS VARCHAR) FROM shoestring_rows";
        List<LabelledText> rows = new ArrayList<>();
        int withoutText = 0;
        int withoutLabel = 0;
        long row = 0;
        long characters = 0;
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                row++;
                String body = result.getString(1);
                String name = result.getString(2);
                if (body == null || body.isBlank()) {
                    withoutText++;
                } else if (name == null || name.isBlank()) {
                    withoutLabel++;
                } else {
                    checkLength(row, body);
                    checkLength(row, name);
                    characters += body.length();
                    if (characters > MOST_CHARACTERS) {
                        throw new InputException(
                                source + ": holds more than " + MOST_CHARACTERS
                                        + " characters of text, the most this process has memory for; select fewer rows with data.query");
                    }
                    rows.add(new LabelledText(body, name.strip()));
                }
            }
        } catch (SQLException e) {
            throw failed(e);
        }
        if (rows.isEmpty()) {
            throw new InputException(source + ": has no row with both a text (\"" + names.get(choice.text())
                    + "\") and a label (\"" + names.get(choice.label()) + "\")"
                    + (row == 0 ? "; it has no rows at all" : " among " + row + " rows; are these the right columns?"));
        }
        return new LabelledTexts(
                source,
                rows,
                names.get(choice.text()),
                names.get(choice.label()),
                withoutText,
                withoutLabel,
                choice.guesses());
    }

    /**
     * Streams one column; null is given for a missing value.
     *
     * @param text name of the column, null to guess
     * @return the name of the column
     */
    String eachText(@Nullable String text, Consumer<@Nullable String> rows) {
        int column = ColumnChoice.text(source, text == null ? measured() : unmeasured(), text);
        stream("SELECT CAST(" + sqlName(column) + " AS VARCHAR) FROM shoestring_rows", rows);
        return names.get(column);
    }

    /** Streams the rows, each as a JSON object of its columns. */
    void eachJson(Consumer<@Nullable String> rows) {
        StringBuilder columns = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            columns.append(i == 0 ? "" : ", ")
                    .append(literal(names.get(i)))
                    .append(", ")
                    .append(sqlName(i));
        }
        stream("SELECT CAST(json_object(" + columns + ") AS VARCHAR) FROM shoestring_rows", rows);
    }

    private void stream(String sql, Consumer<@Nullable String> rows) {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.accept(result.getString(1));
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot close an in-memory DuckDB", e);
        }
    }

    private void checkLength(long row, String value) {
        if (value.length() > LONGEST_TEXT) {
            throw new InputException(source + ", row " + row + ": a cell of " + value.length()
                    + " characters is longer than 1 MiB, the most a cell may hold; cut it or leave the row out");
        }
    }

    private void describe() {
        List<String> found = new ArrayList<>();
        List<String> foundTypes = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("DESCRIBE shoestring_rows")) {
            while (result.next()) {
                found.add(result.getString(1));
                foundTypes.add(result.getString(2));
            }
        } catch (SQLException e) {
            throw failed(e);
        }
        names = List.copyOf(found);
        sqlNames = names;
        types = List.copyOf(foundTypes);
    }

    private List<ColumnChoice.Column> unmeasured() {
        return names.stream()
                .map(name -> new ColumnChoice.Column(name, true, 0, 0, 0))
                .toList();
    }

    private List<ColumnChoice.Column> measured() {
        StringBuilder sql = new StringBuilder("SELECT 0");
        for (int i = 0; i < names.size(); i++) {
            String text = "CAST(" + sqlName(i) + " AS VARCHAR)";
            sql.append(", avg(length(")
                    .append(text)
                    .append(")), count(DISTINCT ")
                    .append(text)
                    .append("), count(")
                    .append(sqlName(i))
                    .append("), bool_and(")
                    .append("TRY_CAST(")
                    .append(text)
                    .append(" AS DOUBLE) IS NOT NULL)");
        }
        List<ColumnChoice.Column> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        sql.append(" FROM shoestring_rows").toString())) {
            if (!result.next()) {
                throw new IllegalStateException("an aggregate without a row");
            }
            for (int i = 0; i < names.size(); i++) {
                int at = 2 + 4 * i;
                boolean isText = types.get(i).equals("VARCHAR") && !result.getBoolean(at + 3);
                columns.add(new ColumnChoice.Column(
                        names.get(i), isText, result.getDouble(at), result.getLong(at + 1), result.getLong(at + 2)));
            }
        } catch (SQLException e) {
            throw failed(e);
        }
        return columns;
    }

    private void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private String sqlName(int index) {
        return "\"" + sqlNames.get(index).replace("\"", "\"\"") + "\"";
    }

    private InputException failed(SQLException cause) {
        String message = cause.getMessage() == null ? "unknown failure" : cause.getMessage();
        // The first line sometimes only says that a query was not successful; the next then says why.
        String said = message.lines()
                .filter(line -> !line.isBlank() && !line.contains("unsuccessful or closed pending query result"))
                .findFirst()
                .orElse(message);
        return new InputException(source + ": " + said.strip().replaceFirst("^Error: ", ""), cause);
    }

    private static String literal(String value) {
        return "'" + value.replace("'", "''") + "'";
    }
}
