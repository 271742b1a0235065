package dev.shoestring.run;

import dev.shoestring.generate.StopText;
import dev.shoestring.text.LanguageTokenizer;
import dev.shoestring.text.SpecialTokens;
import dev.shoestring.text.StreamingDecoder;
import java.util.List;

/** The text of one prompt's continuation while its tokens come. */
final class WrittenText {
    /** Tokens of the prompt that the decoder sees first, for whether a piece begins with a space depends on those before it. */
    private static final int NEIGHBOURS = 16;

    private final int prompt;
    private final StreamingDecoder decoder;
    private final StopText stop;
    private final TextListener listener;
    private final StringBuilder text = new StringBuilder();

    WrittenText(int prompt, int[] promptIds, LanguageTokenizer tokenizer, List<String> stops, TextListener listener) {
        this.prompt = prompt;
        this.listener = listener;
        this.stop = new StopText(stops);
        decoder = tokenizer.streamingDecoder(SpecialTokens.SKIPPED);
        for (int i = Math.max(0, promptIds.length - NEIGHBOURS); i < promptIds.length; i++) {
            decoder.accept(promptIds[i]);
        }
    }

    /** Takes a token and says whether there is to be another. */
    boolean accept(int id) {
        show(stop.accept(decoder.accept(id)));
        return !stop.stopped();
    }

    /** Ends the text and gives all of it. */
    String finish() {
        show(stop.accept(decoder.finish()));
        show(stop.finish());
        return text.toString();
    }

    private void show(String more) {
        if (!more.isEmpty()) {
            text.append(more);
            listener.text(prompt, more);
        }
    }
}
