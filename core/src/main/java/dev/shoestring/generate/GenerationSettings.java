package dev.shoestring.generate;

import dev.shoestring.recipe.InputException;
import java.util.List;

/**
 * How text is made.
 *
 * @param maxNewTokens most tokens of an answer; at least 1
 * @param sampling how each is chosen
 * @param repetitionPenalty from 0.1 to 10; 1 for none, above it what was there becomes less probable
 * @param stop strings that end the text and do not appear in it; none empty
 * @param seed of what is drawn: the same seed and prompt give the same text
 */
public record GenerationSettings(
        int maxNewTokens, Sampling sampling, double repetitionPenalty, List<String> stop, long seed) {
    private static final int MOST_NEW_TOKENS = 1 << 24;
    private static final int MOST_STOPS = 64;
    private static final int LONGEST_STOP = 1000;

    /** Checks the values. */
    public GenerationSettings {
        if (maxNewTokens < 1 || maxNewTokens > MOST_NEW_TOKENS) {
            throw new InputException(
                    "max_new_tokens: must be from 1 to " + MOST_NEW_TOKENS + ", but is " + maxNewTokens);
        }
        if (!(repetitionPenalty >= 0.1 && repetitionPenalty <= 10)) {
            throw new InputException(
                    "repetition_penalty: must be from 0.1 to 10, 1 for none, but is " + repetitionPenalty);
        }
        stop = List.copyOf(stop);
        if (stop.size() > MOST_STOPS) {
            throw new InputException("stop: there may be " + MOST_STOPS + " strings, but there are " + stop.size());
        }
        for (String text : stop) {
            if (text.isEmpty() || text.length() > LONGEST_STOP) {
                throw new InputException("stop: a string must have from 1 to " + LONGEST_STOP
                        + " characters, but one has " + text.length());
            }
        }
    }

    /** The most probable piece each time, nothing penalized, no stop strings. */
    public static GenerationSettings greedy(int maxNewTokens) {
        return new GenerationSettings(maxNewTokens, new Sampling.Greedy(), 1, List.of(), 0);
    }

    /** The same with another limit. */
    public GenerationSettings withMaxNewTokens(int tokens) {
        return new GenerationSettings(tokens, sampling, repetitionPenalty, stop, seed);
    }

    /** The same with another choice. */
    public GenerationSettings withSampling(Sampling other) {
        return new GenerationSettings(maxNewTokens, other, repetitionPenalty, stop, seed);
    }

    /** The same with another penalty. */
    public GenerationSettings withRepetitionPenalty(double penalty) {
        return new GenerationSettings(maxNewTokens, sampling, penalty, stop, seed);
    }

    /** The same with other stop strings. */
    public GenerationSettings withStop(List<String> strings) {
        return new GenerationSettings(maxNewTokens, sampling, repetitionPenalty, strings, seed);
    }

    /** The same with another seed. */
    public GenerationSettings withSeed(long other) {
        return new GenerationSettings(maxNewTokens, sampling, repetitionPenalty, stop, other);
    }
}
