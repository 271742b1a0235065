package dev.shoestring.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.StringReader;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * YAML as a tree, with the dangerous parts of the format refused: anchors and aliases, tags, deep nesting, more than one
 * document, keys given twice.
 */
final class YamlText {
    /** Most characters in one text. */
    static final int MOST_CHARACTERS = 1 << 20;

    private static final int DEEPEST = 12;
    private static final int MOST_DIGITS = 100;
    private static final ObjectReader READER = YAMLMapper.builder(
                    YAMLFactory.builder().loaderOptions(options()).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build()
            .reader();

    private YamlText() {}

    /**
     * The tree of one document; a missing node for a text without any.
     *
     * @param source names the text in messages
     */
    static JsonNode tree(String source, String yaml) {
        if (yaml.length() > MOST_CHARACTERS) {
            throw new InputException(
                    source + ": a recipe has at most 1 MiB, but this has " + yaml.length() + " characters");
        }
        try {
            checkEvents(source, yaml);
            return READER.readTree(yaml);
        } catch (MarkedYAMLException e) {
            throw new InputException(source + at(e.getProblemMark()) + ": is not YAML: " + e.getProblem(), e);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
            throw new InputException(
                    source + where + ": is not a valid recipe: " + firstLine(e.getOriginalMessage()), e);
        } catch (YAMLException e) {
            throw new InputException(source + ": is not YAML: " + firstLine(String.valueOf(e.getMessage())), e);
        }
    }

    private static void checkEvents(String source, String yaml) {
        ParserImpl parser = new ParserImpl(new StreamReader(new StringReader(yaml)), options());
        int depth = 0;
        int documents = 0;
        while (true) {
            Event event = parser.getEvent();
            if (event == null) {
                return;
            }
            if (event instanceof DocumentStartEvent && ++documents > 1) {
                throw refused(source, event, "a recipe is one YAML document, but a second starts here");
            }
            if (event instanceof AliasEvent || (event instanceof NodeEvent node && node.getAnchor() != null)) {
                throw refused(source, event, "anchors and aliases (& and *) are not allowed; write the value out");
            }
            if (tag(event) != null) {
                throw refused(source, event, "tags (!) are not allowed; write the plain value");
            }
            if (event instanceof ScalarEvent scalar && isEndlessNumber(scalar)) {
                throw refused(source, event, "a number has at most " + MOST_DIGITS + " digits");
            }
            if (event instanceof CollectionStartEvent && ++depth > DEEPEST) {
                throw refused(source, event, "is nested more than " + DEEPEST + " deep; no recipe needs that");
            }
            if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
    }

    private static boolean isEndlessNumber(ScalarEvent scalar) {
        String value = scalar.getValue();
        return scalar.isPlain()
                && value.length() > MOST_DIGITS
                && value.chars().allMatch(c -> (c >= '0' && c <= '9') || "+-._eE".indexOf(c) >= 0);
    }

    private static @Nullable String tag(Event event) {
        if (event instanceof ScalarEvent scalar) {
            return scalar.getTag();
        }
        return event instanceof CollectionStartEvent collection ? collection.getTag() : null;
    }

    private static InputException refused(String source, Event event, String rule) {
        return new InputException(source + at(event.getStartMark()) + ": " + rule);
    }

    private static String at(@Nullable Mark mark) {
        return mark == null ? "" : ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    private static LoaderOptions options() {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MOST_CHARACTERS);
        options.setNestingDepthLimit(DEEPEST + 4);
        options.setMaxAliasesForCollections(0);
        options.setAllowDuplicateKeys(false);
        return options;
    }
}
