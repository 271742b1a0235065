package dev.shoestring.text;

import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * Conversations as tokens. The ids are those that transformers gives, but a message cannot forge control tokens: what a user, a
 * system or a tool writes like one becomes ordinary pieces, and so does what an assistant writes like a token that is marked
 * special (it may write tags, such as those of its thoughts). Safe for use by several threads.
 */
public final class ChatEncoder {
    private final LanguageTokenizer tokenizer;
    private final ChatTemplate template;
    private final MessageGuard guard;

    /** An encoder; it does not close the tokenizer. */
    public ChatEncoder(LanguageTokenizer tokenizer, ChatTemplate template) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.guard = new MessageGuard(tokenizer);
    }

    /** A whole conversation, with the tokens marked that the assistant wrote. */
    public EncodedChat encode(Conversation conversation) {
        MessageGuard.Guarded safe = guard.guarded(conversation);
        return encoded(template.renderSegments(safe.conversation()), safe);
    }

    /** A conversation that the assistant is to answer next. */
    public int[] encodePrompt(Conversation conversation) {
        MessageGuard.Guarded safe = guard.guarded(conversation);
        String text = template.render(safe.conversation(), NextTurn.ASSISTANT);
        return encoded(List.of(new ChatSegment(text, false)), safe).ids();
    }

    private EncodedChat encoded(List<ChatSegment> segments, MessageGuard.Guarded safe) {
        StringBuilder text = new StringBuilder();
        BitSet trained = new BitSet();
        for (ChatSegment segment : segments) {
            int from = text.length();
            text.append(safe.changed() ? named(segment.text(), safe.mark()) : segment.text());
            trained.set(from, text.length(), segment.trained());
        }
        TokenSpans tokens =
                safe.changed() ? tokenizer.encodeGuarded(text.toString()) : tokenizer.encodeSpans(text.toString());
        int[] starts = tokens.starts();
        boolean[] flags = new boolean[starts.length];
        for (int i = 0; i < starts.length; i++) {
            flags[i] = trained.get(starts[i]);
        }
        return new EncodedChat(tokens.ids(), flags);
    }

    /** The template's control tokens under their secret names; the marks that broke the messages' are taken out. */
    private String named(String text, char mark) {
        Map<String, String> names = tokenizer.guardedNames();
        StringBuilder named = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            String control = guard.longestAt(text, i);
            if (control != null) {
                named.append(names.getOrDefault(control, control));
                i += control.length();
            } else {
                if (text.charAt(i) != mark) {
                    named.append(text.charAt(i));
                }
                i++;
            }
        }
        return named.toString();
    }
}
