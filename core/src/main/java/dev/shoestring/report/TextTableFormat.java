package dev.shoestring.report;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Tables for a terminal: columns two spaces apart, padded to their widest cell, a rule under the headings.
 *
 * @param columns the columns, from left to right
 */
public record TextTableFormat(List<Column> columns) {
    /** Copies the columns. */
    public TextTableFormat {
        columns = List.copyOf(columns);
    }

    /** Where a cell stands in its column. */
    public enum Align {
        /** At the left: words. */
        LEFT,
        /** At the right: numbers. */
        RIGHT
    }

    /**
     * One column.
     *
     * @param heading its heading
     * @param align where its cells stand
     */
    public record Column(String heading, Align align) {
        /** A column of words. */
        public static Column words(String heading) {
            return new Column(heading, Align.LEFT);
        }

        /** A column of numbers. */
        public static Column numbers(String heading) {
            return new Column(heading, Align.RIGHT);
        }
    }

    /** A table with these columns. */
    public static TextTableFormat of(Column... columns) {
        return new TextTableFormat(List.of(columns));
    }

    /**
     * The table as lines, each ended by a line feed. Line breaks and other control characters inside a cell become spaces.
     *
     * @throws IllegalArgumentException if a row has another number of cells than there are columns
     */
    public String format(List<List<String>> rows) {
        int[] widths =
                columns.stream().mapToInt(column -> width(column.heading())).toArray();
        List<List<String>> clean = rows.stream()
                .map(row -> row.stream().map(TextTableFormat::oneLine).toList())
                .toList();
        for (List<String> row : clean) {
            if (row.size() != widths.length) {
                throw new IllegalArgumentException(
                        "a row has " + row.size() + " cells for " + widths.length + " columns");
            }
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        StringBuilder out = new StringBuilder();
        appendRow(out, columns.stream().map(Column::heading).toList(), widths);
        appendRow(out, java.util.Arrays.stream(widths).mapToObj("-"::repeat).collect(Collectors.toList()), widths);
        for (List<String> row : clean) {
            appendRow(out, row, widths);
        }
        return out.toString();
    }

    private void appendRow(StringBuilder out, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - width(cells.get(i)));
            line.append(i == 0 ? "" : "  ");
            switch (columns.get(i).align()) {
                case LEFT -> line.append(cells.get(i)).append(padding);
                case RIGHT -> line.append(padding).append(cells.get(i));
            }
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    private static String oneLine(String cell) {
        return cell.replaceAll("\\p{Cntrl}+", " ");
    }
}
