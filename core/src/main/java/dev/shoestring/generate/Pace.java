package dev.shoestring.generate;

/**
 * How fast a model read and wrote.
 *
 * @param promptTokens tokens of prompts; what fills rows up is not counted
 * @param promptSeconds time until the scores after the prompts were there
 * @param newTokens tokens made after that, one a step in each row: all but the first of each
 * @param newSeconds time of those steps
 */
public record Pace(long promptTokens, double promptSeconds, long newTokens, double newSeconds) {
    /** Nothing yet. */
    public static final Pace NONE = new Pace(0, 0, 0, 0);

    /** Both together. */
    public Pace plus(Pace other) {
        return new Pace(
                promptTokens + other.promptTokens,
                promptSeconds + other.promptSeconds,
                newTokens + other.newTokens,
                newSeconds + other.newSeconds);
    }

    /** Prompt tokens a second; 0 if none were read. */
    public double promptTokensPerSecond() {
        return promptSeconds > 0 ? promptTokens / promptSeconds : 0;
    }

    /** New tokens a second; 0 if none were made. */
    public double newTokensPerSecond() {
        return newSeconds > 0 ? newTokens / newSeconds : 0;
    }
}
