package dev.shoestring.recipe;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the valid choice that a mistyped one was probably meant to be, by edit distance; {@code -} and {@code _} are alike. */
public final class NearestChoice {
    private static final int LONGEST = 100;

    private NearestChoice() {}

    /** The nearest candidate; null if none shares at least half its letters. */
    public static @Nullable String to(String found, Collection<String> candidates) {
        String wanted = folded(found);
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            if (wanted.length() > LONGEST || candidate.length() > LONGEST) {
                continue;
            }
            int distance = distance(wanted, folded(candidate));
            if (distance < bestDistance && 2 * distance <= Math.max(wanted.length(), candidate.length())) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** What to append to a message: {@code ; nearest: lr; valid: lr, eps}, the nearest only where there is one. */
    public static String hint(String found, Collection<String> candidates) {
        String nearest = to(found, candidates);
        return (nearest == null ? "" : "; nearest: " + nearest) + "; valid: " + String.join(", ", candidates);
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT).replace('-', '_');
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
