package dev.shoestring.plan;

import dev.shoestring.recipe.DataSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * How much text a recipe trains on, without reading all of it.
 *
 * @param train training examples in an epoch
 * @param validation validation examples
 * @param test test examples
 * @param meanTokens tokens in an example, special tokens included
 * @param labels labels
 * @param basis what the numbers rest on, in words
 */
public record TextEstimate(double train, double validation, double test, double meanTokens, int labels, String basis) {
    private static final int SAMPLE = 256 << 10;
    private static final double TOKENS_IN_A_WORD = 1.35;
    private static final double SPECIAL_TOKENS = 2;
    private static final double UNKNOWN_ROWS = 10_000;
    private static final int USUAL_LABELS = 20;

    // WordNet 3.1's noun definitions: measured with the tokenizer of MiniLM at data.max_tokens 64.
    private static final int DEFINITION_TOPICS = 25;
    private static final double DEFINITION_TOKENS = 15.88;
    private static final double DEFINITIONS = 76_000;
    private static final double DEFINITIONS_HELD_OUT = 2_000;

    /** Estimates the data of a recipe. */
    public static TextEstimate of(DataSpec data) {
        if (data.source() instanceof DataSpec.Source.Bundled) {
            return new TextEstimate(
                    limited(data, DEFINITIONS),
                    DEFINITIONS_HELD_OUT,
                    DEFINITIONS_HELD_OUT,
                    Math.min(DEFINITION_TOKENS, data.maxTokens()),
                    DEFINITION_TOPICS,
                    "lengths measured on all definitions");
        }
        if (data.source() instanceof DataSpec.Source.File file) {
            String lower = file.path().toLowerCase(Locale.ROOT);
            if (lower.endsWith(".csv") || lower.endsWith(".tsv") || lower.endsWith(".jsonl")) {
                return sampled(data, Path.of(file.path()));
            }
        }
        return split(
                data,
                UNKNOWN_ROWS,
                data.maxTokens() / 2.0,
                "rows and lengths assumed: the data is not read before the run");
    }

    private static TextEstimate sampled(DataSpec data, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(SAMPLE);
            String text = new String(bytes, StandardCharsets.UTF_8);
            double lines =
                    Math.max(1, text.lines().filter(line -> !line.isBlank()).count());
            double words = text.split("[\\s,;\\t]+", -1).length;
            double rows = lines * Files.size(file) / Math.max(1, bytes.length);
            double tokens = Math.min(data.maxTokens(), words / lines * TOKENS_IN_A_WORD + SPECIAL_TOKENS);
            return split(data, rows, tokens, "rows and lengths estimated from the first 256 KiB of " + file);
        } catch (IOException unreadable) {
            throw new dev.shoestring.recipe.InputException(
                    "data.train: " + file + " cannot be read (" + unreadable + ")", unreadable);
        }
    }

    private static TextEstimate split(DataSpec data, double rows, double tokens, String basis) {
        double validation = share(data.validation()) * rows;
        double test = share(data.test()) * rows;
        double train = limited(data, rows - validation - test);
        return new TextEstimate(train, validation, test, tokens, USUAL_LABELS, basis);
    }

    private static double share(DataSpec.Split split) {
        return split instanceof DataSpec.Split.Fraction fraction ? fraction.share() : 0.1;
    }

    private static double limited(DataSpec data, double rows) {
        Integer most = data.trainExamples();
        return most == null ? rows : Math.min(most, rows);
    }
}
