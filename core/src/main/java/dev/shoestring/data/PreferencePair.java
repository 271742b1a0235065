package dev.shoestring.data;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two answers to the same conversation, of which one is better.
 *
 * @param key hash of everything in it
 * @param prompt the conversation so far; a user or a tool has the last word
 * @param chosen the better answer
 * @param rejected the worse answer, never the same
 * @param toolsJson the tools that the assistant may call, as a JSON array; null for none
 */
public record PreferencePair(
        String key,
        List<Message> prompt,
        String chosen,
        String rejected,
        @Nullable String toolsJson) {
    /** Copies the list. */
    public PreferencePair {
        prompt = List.copyOf(prompt);
    }

    static PreferencePair of(List<Message> prompt, String chosen, String rejected, @Nullable String toolsJson) {
        List<Message> all = new ArrayList<>(prompt);
        all.add(new Message(Role.ASSISTANT, chosen));
        all.add(new Message(Role.ASSISTANT, rejected));
        return new PreferencePair(Conversation.keyOf(all, toolsJson), prompt, chosen, rejected, toolsJson);
    }

    /** Hash of the prompt, by which pairs are held out. */
    public String promptKey() {
        return Conversation.keyOf(prompt, null);
    }
}
