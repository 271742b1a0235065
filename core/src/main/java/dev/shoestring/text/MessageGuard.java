package dev.shoestring.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Breaks what is written like a control token in messages with a mark, so that it can be told from the template's after rendering. */
final class MessageGuard {
    /** Unicode's noncharacters; one that the conversation lacks is the mark. */
    private static final char FIRST_MARK = '\uFDD2';

    private static final char LAST_MARK = '\uFDEF';

    private final List<String> controls;
    private final List<String> special;

    MessageGuard(LanguageTokenizer tokenizer) {
        controls = tokenizer.controlTokens().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        special = controls.stream()
                .filter(token -> tokenizer.idOf(token).stream().anyMatch(tokenizer::isSpecial))
                .toList();
    }

    /**
     * A conversation that forges nothing.
     *
     * @param changed whether it was changed
     */
    record Guarded(Conversation conversation, char mark, boolean changed) {}

    Guarded guarded(Conversation conversation) {
        char mark = FIRST_MARK;
        String all = conversation.messages() + String.valueOf(conversation.tools());
        while (all.indexOf(mark) >= 0) {
            if (++mark > LAST_MARK) {
                throw new InputException(
                        "messages: hold all of Unicode's noncharacters U+FDD2 to U+FDEF; take them out");
            }
        }
        List<JsonNode> messages = new ArrayList<>();
        for (int i = 0; i < conversation.messages().size(); i++) {
            List<String> forbidden = conversation.isAnswer(i) ? special : controls;
            messages.add(broken(conversation.messages().get(i), forbidden, mark));
        }
        JsonNode tools = conversation.tools();
        Conversation safe = new Conversation(messages, tools == null ? null : broken(tools, controls, mark));
        return new Guarded(safe, mark, !safe.equals(conversation));
    }

    /** The longest control token that stands at a place, or null. */
    @Nullable
    String longestAt(String text, int at) {
        return longestAt(text, at, controls);
    }

    private static @Nullable String longestAt(String text, int at, List<String> tokens) {
        for (String token : tokens) {
            if (text.startsWith(token, at)) {
                return token;
            }
        }
        return null;
    }

    private static JsonNode broken(JsonNode node, List<String> forbidden, char mark) {
        if (node.isTextual()) {
            return JsonNodeFactory.instance.textNode(broken(node.textValue(), forbidden, mark));
        }
        if (node instanceof ArrayNode array) {
            ArrayNode made = JsonNodeFactory.instance.arrayNode();
            array.forEach(item -> made.add(broken(item, forbidden, mark)));
            return made;
        }
        if (node instanceof ObjectNode object) {
            ObjectNode made = JsonNodeFactory.instance.objectNode();
            object.properties()
                    .forEach(entry -> made.set(
                            broken(entry.getKey(), forbidden, mark), broken(entry.getValue(), forbidden, mark)));
            return made;
        }
        return node;
    }

    private static String broken(String text, List<String> forbidden, char mark) {
        StringBuilder made = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            made.append(text.charAt(i));
            if (longestAt(text, i, forbidden) != null) {
                made.append(mark);
            }
        }
        return made.toString();
    }
}
