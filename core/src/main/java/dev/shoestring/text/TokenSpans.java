package dev.shoestring.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import org.jspecify.annotations.Nullable;

/** Tokens with their places in the text. */
final class TokenSpans {
    private final int[] ids;
    private final int[] starts;

    private TokenSpans(int[] ids, int[] starts) {
        this.ids = ids;
        this.starts = starts;
    }

    /** The tokens. */
    int[] ids() {
        return ids;
    }

    /** Index of the first {@code char} of each token; for one that stands for no text, that of the token before it. */
    int[] starts() {
        return starts;
    }

    static TokenSpans of(Encoding encoding, String text, TokenizerFile file) {
        int[] ids = file.checked(encoding.getIds());
        @Nullable CharSpan[] spans = encoding.getCharTokenSpans();
        int[] starts = new int[ids.length];
        int point = 0;
        int index = 0;
        int before = 0;
        for (int i = 0; i < ids.length; i++) {
            CharSpan span = spans[i];
            if (span != null) {
                // the library counts code points, and tokens may share one
                int wanted = Math.max(0, span.getStart());
                if (wanted < point) {
                    point = 0;
                    index = 0;
                }
                while (point < wanted && index < text.length()) {
                    index += Character.charCount(text.codePointAt(index));
                    point++;
                }
                before = index;
            }
            starts[i] = before;
        }
        return new TokenSpans(ids, starts);
    }
}
