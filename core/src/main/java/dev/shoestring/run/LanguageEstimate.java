package dev.shoestring.run;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;

/**
 * How many tokens a language model will be trained on, before a tokenizer has seen any text.
 *
 * @param bytes bytes of all texts in UTF-8
 * @param textTokens mean tokens of a document or conversation, at most a row's
 * @param tokens tokens of an epoch
 * @param losses tokens of them that have a loss
 * @param held tokens of the validation split
 * @param heldLosses tokens of them that have a loss
 * @param filled share of a row that is no padding
 * @param basis what the numbers rest on, in words
 */
record LanguageEstimate(
        double bytes,
        double textTokens,
        double tokens,
        double losses,
        double held,
        double heldLosses,
        double filled,
        String basis) {
    /** Bytes of English text in a token by the logarithm of the vocabulary, from 2⁸ pieces on: byte-level BPE. */
    private static final double[] BYTES_IN_A_TOKEN = {1, 1.7, 2.3, 2.8, 3.3, 3.7, 4.0, 4.2, 4.35, 4.45, 4.5};

    private static final int SMALLEST = 8;

    /** Control tokens around a message. */
    private static final double AROUND = 6;

    private static final double WELL_FILLED = 0.94;

    // WordNet 3.1, as its readers gave it (train glossary-base, glossary); how question and answer share a conversation
    // is assumed.
    private static final TextAmount WORDNET = new TextAmount(117_190, 1, 11.19e6, 11.19e6, 0, 0);
    private static final double QUESTION_BYTES = 30;
    private static final double DEFINITION_BYTES = 65;

    static LanguageEstimate of(Recipe recipe, int vocabulary) {
        boolean bundled = recipe.data().source() instanceof DataSpec.Source.Bundled;
        TextAmount amount = bundled ? known(recipe) : read(recipe);
        boolean chat = recipe.task() == Task.CHAT;
        double each = bytesInAToken(vocabulary);
        int row = recipe.language().sequenceLength();
        double around = chat ? AROUND * amount.messages() : 1;
        double whole = amount.bytes() / each / Math.max(1, amount.texts()) + around;
        double kept = Math.min(row, whole);
        // Conversations are cut to a row, documents are not.
        double cut = chat ? kept / whole : 1;
        double tokens = whole * amount.texts() * cut;
        double learned = (amount.learned() / each + amount.texts() * (chat ? amount.messages() / 2 : 1)) * cut;
        double held = amount.held() / Math.max(1, amount.bytes()) * tokens;
        double heldLearned = amount.heldLearned() / Math.max(1, amount.learned()) * learned;
        double filled = !chat ? 1 : 2 * kept > row ? kept / row : WELL_FILLED;
        String basis = (bundled ? "texts as the reader gives them" : "all texts counted")
                + String.format(
                        java.util.Locale.ROOT,
                        "; %.2f bytes of English in a token assumed for %,d pieces",
                        each,
                        vocabulary);
        return new LanguageEstimate(
                amount.bytes() + amount.held(),
                kept,
                tokens,
                Math.min(tokens, learned),
                held,
                heldLearned,
                filled,
                basis);
    }

    static double bytesInAToken(int vocabulary) {
        double place = Math.max(0, Math.log(vocabulary) / Math.log(2) - SMALLEST);
        int below = Math.min((int) place, BYTES_IN_A_TOKEN.length - 2);
        double share = Math.min(1, place - below);
        return BYTES_IN_A_TOKEN[below] + share * (BYTES_IN_A_TOKEN[below + 1] - BYTES_IN_A_TOKEN[below]);
    }

    private static TextAmount read(Recipe recipe) {
        RunListener silent = RunListener.silent();
        LanguageText text =
                recipe.task() == Task.LANGUAGE_MODEL ? CorpusData.of(recipe, silent) : ChatData.of(recipe, silent);
        return text.amount();
    }

    private static TextAmount known(Recipe recipe) {
        Integer most = recipe.data().trainExamples();
        if (recipe.task() == Task.LANGUAGE_MODEL) {
            double part = most == null ? 1 : Math.min(1, most / WORDNET.texts());
            double share =
                    recipe.data().validation() instanceof DataSpec.Split.Fraction fraction ? fraction.share() : 0;
            double all = WORDNET.bytes();
            return new TextAmount(
                    WORDNET.texts() * (1 - share) * part,
                    1,
                    all * (1 - share) * part,
                    all * (1 - share) * part,
                    all * share,
                    all * share);
        }
        double words = most == null ? ChatData.GLOSSARY : most;
        double held = CorpusData.HELD_OUT_WORDS;
        double both = QUESTION_BYTES + DEFINITION_BYTES;
        return new TextAmount(words, 2, words * both, words * DEFINITION_BYTES, held * both, held * DEFINITION_BYTES);
    }
}
