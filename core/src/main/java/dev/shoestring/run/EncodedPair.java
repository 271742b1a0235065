package dev.shoestring.run;

import dev.shoestring.data.Message;
import dev.shoestring.data.PreferencePair;
import dev.shoestring.data.Role;
import dev.shoestring.text.ChatEncoder;
import dev.shoestring.text.EncodedChat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A preference pair as tokens.
 *
 * @param chosen prompt and better answer
 * @param rejected prompt and worse answer
 */
record EncodedPair(Row chosen, Row rejected) {
    /** A prompt and an answer. A class and no record, for its array is compared by content nowhere. */
    static final class Row {
        private final int[] ids;
        private final int answer;
        private final boolean cut;

        Row(int[] ids, int answer, boolean cut) {
            this.ids = ids;
            this.answer = answer;
            this.cut = cut;
        }

        /** The tokens, the one that ends the answer the last of them; not to be changed. */
        int[] ids() {
            return ids;
        }

        /** Place of the answer's first token, at least 1. */
        int answer() {
            return answer;
        }

        /** Tokens of the answer. */
        int losses() {
            return ids.length - answer;
        }
    }

    /**
     * Encodes a pair by a model's template, and cuts what is longer than {@code most} tokens off at its end, as conversations are cut.
     *
     * @return null if nothing is left of an answer, or of what the answers differ in
     */
    static @Nullable EncodedPair of(PreferencePair pair, ChatEncoder encoder, int most) {
        Row chosen = row(pair, pair.chosen(), encoder, most);
        Row rejected = row(pair, pair.rejected(), encoder, most);
        return chosen.losses() < 1 || rejected.losses() < 1 || Arrays.equals(chosen.ids, rejected.ids)
                ? null
                : new EncodedPair(chosen, rejected);
    }

    private static Row row(PreferencePair pair, String answer, ChatEncoder encoder, int most) {
        List<Message> messages = new ArrayList<>(pair.prompt());
        messages.add(new Message(Role.ASSISTANT, answer));
        EncodedChat chat = encoder.encode(ChatData.rendered(messages, pair.toolsJson()));
        int[] ids = chat.ids();
        boolean[] trained = chat.trained();
        // Earlier answers are part of the prompt; what a template writes after the last one says nothing of it.
        int end = ids.length;
        while (end > 0 && !trained[end - 1]) {
            end--;
        }
        int first = end;
        while (first > 1 && trained[first - 1]) {
            first--;
        }
        int kept = Math.min(end, most);
        return new Row(Arrays.copyOf(ids, kept), first, kept < end);
    }

    /** Tokens of the longer of the two. */
    int length() {
        return Math.max(chosen.ids.length, rejected.ids.length);
    }

    /** Whether an answer was cut. */
    boolean cut() {
        return chosen.cut || rejected.cut;
    }
}
