package dev.shoestring.text;

import java.util.Arrays;

/**
 * Makes text of ids that come one by one, for a terminal: a character is given when all its bytes are there, and spaces stand as
 * they do in the whole text. The concatenation of all that it gives equals the text of all ids. Not safe for use by several
 * threads.
 *
 * <p>It decodes a window of the last tokens, for whether a piece begins with a space depends on its neighbours only.
 */
public final class StreamingDecoder {
    private static final int LONGEST_WINDOW = 64;
    private static final char INCOMPLETE = '\uFFFD';

    private final LanguageTokenizer tokenizer;
    private final SpecialTokens specialTokens;
    private int[] window = new int[LONGEST_WINDOW];
    private int length;
    private int given;
    private int unsettled;

    StreamingDecoder(LanguageTokenizer tokenizer, SpecialTokens specialTokens) {
        this.tokenizer = tokenizer;
        this.specialTokens = specialTokens;
    }

    /**
     * Takes the next id and gives the text that is complete with it, often none.
     *
     * @throws IllegalArgumentException if the id is not in the vocabulary
     */
    public String accept(int id) {
        if (specialTokens == SpecialTokens.SKIPPED && tokenizer.isSpecial(id)) {
            return "";
        }
        window[length++] = id;
        unsettled++;
        String text = decoded();
        int complete = text.length();
        while (complete > 0 && text.charAt(complete - 1) == INCOMPLETE) {
            complete--;
        }
        boolean settled = complete == text.length() && complete > given;
        boolean full = length == LONGEST_WINDOW;
        if (full && !settled) {
            complete = text.length();
        }
        String added = text.substring(Math.min(given, complete), complete);
        given = Math.max(given, complete);
        if (settled || full) {
            slide();
        }
        return added;
    }

    /** Ends the text and gives what was held back: U+FFFD for a character whose bytes did not all come. */
    public String finish() {
        String text = length == 0 ? "" : decoded();
        String added = text.substring(Math.min(given, text.length()));
        length = 0;
        given = 0;
        unsettled = 0;
        return added;
    }

    /** Keeps the tokens since the window last slid: they are the neighbours of what comes next. */
    private void slide() {
        int kept = Math.min(unsettled, LONGEST_WINDOW / 2);
        window = Arrays.copyOf(Arrays.copyOfRange(window, length - kept, length), LONGEST_WINDOW);
        length = kept;
        unsettled = 0;
        given = decoded().length();
    }

    private String decoded() {
        return tokenizer.decode(Arrays.copyOf(window, length), specialTokens);
    }
}
