package dev.shoestring.data;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what a mistyped name was probably meant to be. */
final class Nearest {
    private static final int LONGEST = 200;

    private Nearest() {}

    /** The candidate with the smallest edit distance, case ignored; null if none shares at least half its letters. */
    static @Nullable String to(String name, Collection<String> candidates) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            if (name.length() > LONGEST || candidate.length() > LONGEST) {
                continue;
            }
            int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < bestDistance && 2 * distance <= Math.max(name.length(), candidate.length())) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** A hint to append to a message: {@code ; nearest: "tickets.csv"}, or nothing. */
    static String hint(String name, Collection<String> candidates) {
        String nearest = to(name, candidates);
        return nearest == null ? "" : "; nearest: \"" + nearest + "\"";
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
