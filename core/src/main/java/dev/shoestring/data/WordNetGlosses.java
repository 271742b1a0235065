package dev.shoestring.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads WordNet's synsets as texts: {@code car, auto: a motor vehicle …} and, on the lines that follow, the examples. */
final class WordNetGlosses {
    private static final List<String> FILES = List.of("data.noun", "data.verb", "data.adj", "data.adv");
    private static final Pattern EXAMPLE = Pattern.compile("\"([^\"]+)\"");
    /** Where an adjective may stand: {@code galore(ip)}. */
    private static final Pattern PLACE = Pattern.compile("\\([a-z]+\\)$");

    private WordNetGlosses() {}

    static void read(TextSource.WordNet source, DocumentSink sink) {
        Set<String> without = new HashSet<>();
        source.without().forEach(word -> without.add(word.toLowerCase(Locale.ROOT)));
        for (String name : FILES) {
            WordNetNouns synsets = WordNetNouns.read(source.jar(), name);
            int end;
            for (int offset = synsets.first(); offset >= 0; offset = synsets.next(end)) {
                end = synsets.end(offset);
                List<String> words = words(synsets, offset);
                if (words.stream().anyMatch(word -> without.contains(word.toLowerCase(Locale.ROOT)))) {
                    sink.leftOut("left for a test");
                } else {
                    sink.text(text(words, synsets.gloss(offset, end)));
                }
            }
        }
    }

    /** The synset's words as a reader writes them. */
    static List<String> words(WordNetNouns synsets, int offset) {
        List<String> words = new ArrayList<>();
        for (String word : synsets.words(offset)) {
            words.add(PLACE.matcher(word).replaceFirst("").replace('_', ' '));
        }
        return words;
    }

    private static String text(List<String> words, String gloss) {
        String definition = WordNetDefinitions.withoutExamples(gloss);
        StringBuilder text =
                new StringBuilder(String.join(", ", words)).append(": ").append(definition);
        Matcher examples = EXAMPLE.matcher(gloss.substring(Math.min(gloss.length(), definition.length())));
        while (examples.find()) {
            text.append('\n').append(examples.group(1).strip());
        }
        return text.toString();
    }
}
