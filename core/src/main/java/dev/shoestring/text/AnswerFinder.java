package dev.shoestring.text;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the assistant's answers in a rendered conversation. An answer is what rendering gains when it is added to the messages
 * before it, with the assistant's turn opened. Where a template writes an earlier answer otherwise than the last (without its
 * thoughts, say), the answer is looked for by its text.
 */
final class AnswerFinder {
    private static final String END_OF_THOUGHT = "</think>";

    /** No message holds this. */
    private static final String PROBE = "\uFDD0answer\uFDD0";

    private final ChatTemplate template;
    private final String source;

    AnswerFinder(ChatTemplate template, String source) {
        this.template = template;
        this.source = source;
    }

    /** Where an answer stands. */
    private record Span(int from, int to) {}

    List<ChatSegment> segments(Conversation conversation) {
        String whole = template.render(conversation, NextTurn.NONE);
        List<ChatSegment> segments = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < conversation.messages().size(); i++) {
            if (!conversation.isAnswer(i)) {
                continue;
            }
            String before = attempt(conversation.first(i), NextTurn.ASSISTANT);
            String through = attempt(conversation.first(i + 1), NextTurn.NONE);
            String content = conversation.messages().get(i).path("content").asText("");
            Span found = gained(whole, before, through, content, at);
            if (found == null) {
                found = sought(whole, conversation.first(i + 1), content, at);
            }
            if (found == null) {
                throw new InputException(source + ": the answer in messages[" + i + "] cannot be found in the rendered"
                        + " conversation, so that training on answers is not possible; use another template");
            }
            add(segments, whole.substring(at, found.from()), false);
            add(segments, whole.substring(found.from(), found.to()), true);
            at = found.to();
        }
        add(segments, whole.substring(at), false);
        return segments;
    }

    private static void add(List<ChatSegment> segments, String text, boolean trained) {
        if (!text.isEmpty()) {
            segments.add(new ChatSegment(text, trained));
        }
    }

    /** A rendering of the beginning; null if the template refuses to end there. */
    private @Nullable String attempt(Conversation beginning, NextTurn next) {
        try {
            return template.render(beginning, next);
        } catch (InputException refused) {
            return null;
        }
    }

    private static @Nullable Span gained(
            String whole, @Nullable String before, @Nullable String through, String content, int at) {
        if (before == null
                || through == null
                || before.length() < at
                || !whole.startsWith(through)
                || !through.startsWith(before)) {
            return null;
        }
        return new Span(before.length(), before.length() + withoutSpace(through.substring(before.length()), content));
    }

    /** Length of an answer and its end mark, without the white space between that and the next turn. */
    private static int withoutSpace(String answer, String content) {
        int end = answer.stripTrailing().length();
        return !content.isBlank() && answer.substring(0, end).endsWith(content.strip()) ? answer.length() : end;
    }

    /** Looks for the answer's text before the mark that ends a turn, which another answer in its place shows. */
    private @Nullable Span sought(String whole, Conversation answered, String content, int at) {
        String probed = attempt(answered.withLast(PROBE), NextTurn.NONE);
        int place = probed == null ? -1 : probed.lastIndexOf(PROBE);
        if (probed == null || place < 0) {
            return null;
        }
        String mark = probed.substring(place + PROBE.length());
        int thought = content.lastIndexOf(END_OF_THOUGHT);
        String spoken = thought < 0 ? content : content.substring(thought + END_OF_THOUGHT.length());
        for (String text : List.of(content, content.strip(), spoken, spoken.strip())) {
            String answer = (text + mark).substring(0, withoutSpace(text + mark, text));
            if (text.isBlank()) {
                continue;
            }
            if (place >= at && whole.startsWith(probed.substring(0, place)) && whole.startsWith(answer, place)) {
                return new Span(place, place + answer.length());
            }
            int from = whole.indexOf(answer, at);
            if (from >= 0 && whole.indexOf(answer, from + 1) < 0) {
                return new Span(from, from + answer.length());
            }
        }
        return null;
    }
}
