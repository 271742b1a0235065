package dev.shoestring.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What only the report of a language model shows.
 *
 * @param data figures of its texts
 * @param samples what it writes after a few beginnings from held-out text
 */
public record LanguageReport(List<Figure> data, List<Sample> samples) {
    /** Copies the lists. */
    public LanguageReport {
        data = List.copyOf(data);
        samples = List.copyOf(samples);
    }

    /**
     * A figure of the data.
     *
     * @param what what is counted
     * @param amount how much, with its unit
     */
    public record Figure(String what, String amount) {}

    /**
     * What the model writes.
     *
     * @param prompt what it is given
     * @param before what it wrote before training; null if its weights were random
     * @param after what it writes after training
     */
    public record Sample(String prompt, @Nullable String before, String after) {}
}
