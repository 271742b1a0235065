package dev.shoestring.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages between a user and an assistant.
 *
 * @param messages objects with {@code role}, {@code content} and what else the template knows, such as {@code tool_calls}
 * @param tools the tools that the assistant may call, or null
 */
public record Conversation(
        List<JsonNode> messages, @Nullable JsonNode tools) {
    private static final String ASSISTANT = "assistant";

    /** Checks that each message has a role. */
    public Conversation {
        messages = List.copyOf(messages);
        for (int i = 0; i < messages.size(); i++) {
            if (!messages.get(i).path("role").isTextual()) {
                throw new InputException("messages[" + i + "] must be an object with a role and a content");
            }
        }
    }

    /** Messages of texts: role, content, role, content … */
    public static Conversation of(String... rolesAndContents) {
        List<JsonNode> messages = new ArrayList<>();
        for (int i = 0; i + 1 < rolesAndContents.length; i += 2) {
            ObjectNode message = JsonNodeFactory.instance.objectNode();
            messages.add(message.put("role", rolesAndContents[i]).put("content", rolesAndContents[i + 1]));
        }
        return new Conversation(messages, null);
    }

    /** The first messages. */
    Conversation first(int count) {
        return new Conversation(messages.subList(0, count), tools);
    }

    /** The same with another text in the last message. */
    Conversation withLast(String content) {
        List<JsonNode> changed = new ArrayList<>(messages);
        ObjectNode last = messages.get(messages.size() - 1).deepCopy();
        changed.set(messages.size() - 1, last.put("content", content));
        return new Conversation(changed, tools);
    }

    /** Whether the assistant wrote that message. */
    boolean isAnswer(int index) {
        return messages.get(index).path("role").asText().equals(ASSISTANT);
    }
}
