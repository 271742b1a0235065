package dev.shoestring.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Labelled texts, each once: two texts are the same if they differ only in case and spaces. Of a text with one label the first in
 * alphabetical order of its spellings stays; a text with several labels goes. The result does not depend on the order of the rows.
 */
final class UniqueTexts {
    private final Map<String, Row> byText;
    private final int repeated;
    private final int conflicting;

    private UniqueTexts(Map<String, Row> byText, int repeated, int conflicting) {
        this.byText = byText;
        this.repeated = repeated;
        this.conflicting = conflicting;
    }

    static UniqueTexts of(List<LabelledText> rows) {
        Map<String, Row> byText = new HashMap<>(2 * rows.size());
        for (LabelledText row : rows) {
            String text = normalized(row.text());
            Row known = byText.get(text);
            if (known == null) {
                byText.put(text, new Row(text, row));
            } else {
                known.add(row);
            }
        }
        int repeated = 0;
        int conflicting = 0;
        for (Iterator<Row> all = byText.values().iterator(); all.hasNext(); ) {
            Row row = all.next();
            if (row.conflicting) {
                conflicting += row.count;
                all.remove();
            } else {
                repeated += row.count - 1;
            }
        }
        return new UniqueTexts(byText, repeated, conflicting);
    }

    /** Rows left out because another row has the same text and label. */
    int repeated() {
        return repeated;
    }

    /** Rows left out because their text has several labels. */
    int conflicting() {
        return conflicting;
    }

    int size() {
        return byText.size();
    }

    /** Leaves out every text that a row here holds, and returns how many went. */
    int remove(List<LabelledText> rows) {
        int before = byText.size();
        for (LabelledText row : rows) {
            byText.remove(normalized(row.text()));
        }
        return before - byText.size();
    }

    /** The texts in an order that depends on nothing but them and the seed. */
    List<LabelledText> shuffled(long seed) {
        return shuffled(seed, byText.size());
    }

    /** The first of them in that order, at most {@code most}; the rest is never sorted. */
    List<LabelledText> shuffled(long seed, int most) {
        int taken = Math.min(most, byText.size());
        if (taken == 0) {
            return List.of();
        }
        long salt = SplitMix.of(seed).nextLong();
        long[] keys = new long[byText.size()];
        int next = 0;
        for (Row row : byText.values()) {
            keys[next++] = row.key(salt);
        }
        Arrays.sort(keys);
        long last = keys[taken - 1];
        List<Keyed> first = new ArrayList<>(taken);
        for (Row row : byText.values()) {
            long key = row.key(salt);
            if (key <= last) {
                first.add(new Keyed(key, row));
            }
        }
        return first.stream()
                .sorted()
                .limit(taken)
                .map(keyed -> keyed.row.spelled)
                .toList();
    }

    /** Lower case, runs of white space made one space, none at the ends. */
    static String normalized(String text) {
        return isNormal(text) ? text : collapsed(text).toLowerCase(Locale.ROOT);
    }

    private static String collapsed(String text) {
        StringBuilder collapsed = new StringBuilder(text.length());
        boolean space = false;
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (Character.isWhitespace(letter) || Character.isSpaceChar(letter)) {
                space = true;
            } else {
                if (space && !collapsed.isEmpty()) {
                    collapsed.append(' ');
                }
                collapsed.append(letter);
                space = false;
            }
        }
        return collapsed.toString();
    }

    /** Whether the text is plain ASCII that needs no change; most are. */
    private static boolean isNormal(String text) {
        char previous = ' ';
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            boolean plain =
                    letter == ' ' ? previous != ' ' : letter > ' ' && letter < 0x7F && (letter < 'A' || letter > 'Z');
            if (!plain) {
                return false;
            }
            previous = letter;
        }
        return previous != ' ';
    }

    /** One text and the row that stands for it. */
    private static final class Row {
        private final String text;
        private LabelledText spelled;
        private int count = 1;
        private boolean conflicting;

        Row(String text, LabelledText spelled) {
            this.text = text;
            this.spelled = spelled;
        }

        void add(LabelledText other) {
            count++;
            conflicting |= !spelled.label().equals(other.label());
            if (other.text().compareTo(spelled.text()) < 0) {
                spelled = other;
            }
        }

        /** Place in the order of a salt. The language defines a string's hash code, so it is the same on every machine. */
        long key(long salt) {
            return SplitMix.mix(text.hashCode() ^ salt);
        }
    }

    private record Keyed(long key, Row row) implements Comparable<Keyed> {
        @Override
        public int compareTo(Keyed other) {
            int byKey = Long.compare(key, other.key);
            return byKey != 0 ? byKey : row.text.compareTo(other.row.text);
        }
    }
}
