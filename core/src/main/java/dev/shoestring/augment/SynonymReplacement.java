package dev.shoestring.augment;

import dev.shoestring.data.Synonyms;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Replaces each word that has synonyms by one of them with a fixed probability; a capital at the front stays one.
 *
 * <p>Source: Jason Wei and Kai Zou, "EDA: Easy Data Augmentation Techniques for Boosting Performance on Text Classification Tasks",
 * arXiv 1901.11196, section 2. Departure: a probability for each word, not a number of words for each text.
 *
 * @param rate probability for each word that has synonyms, in [0, 1]
 * @param synonyms where they come from
 */
public record SynonymReplacement(double rate, Synonyms synonyms) implements TextAugmentation {
    /** Checks the rate. */
    public SynonymReplacement {
        Augmentations.requireProbability(rate);
    }

    @Override
    public String apply(String text, RandomGenerator random) {
        if (rate == 0) {
            return text;
        }
        StringBuilder changed = new StringBuilder(text.length() + 16);
        int at = 0;
        while (at < text.length()) {
            int start = at;
            while (at < text.length() && Character.isLetter(text.charAt(at))) {
                at++;
            }
            if (at == start) {
                changed.append(text.charAt(at++));
            } else {
                changed.append(replaced(text.substring(start, at), random));
            }
        }
        return changed.toString();
    }

    private String replaced(String word, RandomGenerator random) {
        List<String> choices = synonyms.of(word.toLowerCase(Locale.ROOT));
        if (choices.isEmpty() || random.nextDouble() >= rate) {
            return word;
        }
        String choice = choices.get(random.nextInt(choices.size()));
        return Character.isUpperCase(word.charAt(0))
                ? Character.toUpperCase(choice.charAt(0)) + choice.substring(1)
                : choice;
    }
}
