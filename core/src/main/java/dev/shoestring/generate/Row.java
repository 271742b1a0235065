package dev.shoestring.generate;

import dev.shoestring.data.SplitMix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One prompt and what has come after it. */
final class Row {
    private final int index;
    private final int[] prompt;
    private final SplitMix random;
    private final SeenPieces seen = new SeenPieces();
    private final List<Integer> made = new ArrayList<>();
    private @Nullable EndReason reason;

    /**
     * A row at its beginning.
     *
     * @param index the prompt's place in the caller's list
     * @param random draws for this row alone
     */
    Row(int index, int[] prompt, SplitMix random) {
        this.index = index;
        this.prompt = prompt;
        this.random = random;
        Arrays.stream(prompt).forEach(seen::add);
    }

    int index() {
        return index;
    }

    int[] prompt() {
        return prompt;
    }

    int length() {
        return prompt.length + made.size();
    }

    int last() {
        return made.get(made.size() - 1);
    }

    boolean live() {
        return reason == null;
    }

    void end(EndReason why) {
        reason = why;
    }

    /** Chooses the next token. */
    int next(float[] logits, GenerationSettings settings) {
        if (settings.repetitionPenalty() != 1) {
            seen.penalize(logits, settings.repetitionPenalty());
        }
        int id = settings.sampling().next(logits, random);
        made.add(id);
        seen.add(id);
        return id;
    }

    int made() {
        return made.size();
    }

    Continuation continuation() {
        return new Continuation(made, reason == null ? EndReason.INTERRUPTED : reason);
    }
}
