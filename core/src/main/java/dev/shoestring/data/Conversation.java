package dev.shoestring.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages in turn. At most the first is the system's, then a user begins, and an assistant has the last word.
 *
 * @param key hash of everything in it, 32 hexadecimal digits
 * @param messages the turns
 * @param toolsJson the tools that the assistant may call, as a JSON array; null for none
 */
public record Conversation(
        String key, List<Message> messages, @Nullable String toolsJson) {
    /** Copies the list. */
    public Conversation {
        messages = List.copyOf(messages);
    }

    /** A conversation with the key of its content. */
    public static Conversation of(List<Message> messages, @Nullable String toolsJson) {
        return new Conversation(keyOf(messages, toolsJson), messages, toolsJson);
    }

    /**
     * Hash of what stands before the first answer. Conversations are held out by it, so that a question with two answers is not in two
     * parts.
     */
    public String promptKey() {
        int answer = 0;
        while (answer < messages.size() && messages.get(answer).role() != Role.ASSISTANT) {
            answer++;
        }
        return keyOf(messages.subList(0, answer), null);
    }

    /** Hash of messages, with their lengths, so that no two lists of messages run together into the same text. */
    static String keyOf(List<Message> messages, @Nullable String toolsJson) {
        StringBuilder text = new StringBuilder();
        for (Message message : messages) {
            text.append(message.role())
                    .append(' ')
                    .append(message.content().length())
                    .append('\n')
                    .append(message.content());
        }
        return Document.keyOf(
                text.append(toolsJson == null ? "" : "\ntools " + toolsJson).toString());
    }
}
