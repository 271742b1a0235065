package dev.shoestring.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The ways to share a job among processes, and which is best.
 *
 * @param spread on what
 * @param alone seconds of the run in one process; NaN if it does not fit there
 * @param localSteps steps between the exchanges of local steps
 * @param all the ways, those that change nothing first
 * @param currency of the prices
 * @param notes what else there is to say
 */
public record Ways(Spread spread, double alone, int localSteps, List<Way> all, String currency, List<String> notes) {
    /** How much slower a simpler way may be. */
    private static final double SIMPLER = 1.05;

    /** What a way that rounds must save to be worth it. */
    private static final double ROUNDING = 0.95;

    /** What a way that takes other steps must save. */
    private static final double OTHER_STEPS = 0.9;

    /** Copies the lists. */
    public Ways {
        all = List.copyOf(all);
        notes = List.copyOf(notes);
    }

    /**
     * The fastest that fits, or a simpler one within a twentieth of it; a way that rounds only if it saves a twentieth, one that takes other steps only if it saves a tenth. Null if none
     * fits.
     */
    public @Nullable Way best() {
        Way exact = fastest(Way.Effect.NONE);
        Way rounded = fastest(Way.Effect.ROUNDED);
        Way other = fastest(Way.Effect.OTHER);
        Way best = better(exact, rounded, ROUNDING);
        return better(best, other, OTHER_STEPS);
    }

    private static @Nullable Way better(@Nullable Way first, @Nullable Way second, double factor) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        return second.seconds() < factor * first.seconds() ? second : first;
    }

    /** The fastest of an effect, or the first, which is the simplest, that is hardly slower. */
    private @Nullable Way fastest(Way.Effect effect) {
        List<Way> possible = all.stream()
                .filter(way -> way.possible() && way.effect() == effect)
                .toList();
        double least = possible.stream().mapToDouble(Way::seconds).min().orElse(Double.NaN);
        return possible.stream()
                .filter(way -> way.seconds() <= SIMPLER * least)
                .findFirst()
                .orElse(null);
    }

    /** Whether one process is as fast as the best way. */
    public boolean gainsNothing() {
        Way best = best();
        return best != null && alone <= best.seconds();
    }

    /** Which is best and why, in sentences. */
    public List<String> why() {
        List<String> why = new ArrayList<>();
        Way best = best();
        if (best == null) {
            why.add("None of these ways fits; more processes, or a smaller model or micro-batch.");
        } else if (gainsNothing()) {
            why.add("Best: one process. Sharing gains nothing here.");
        } else {
            StringBuilder text = new StringBuilder("Best: ").append(best.name());
            if (!Double.isNaN(alone)) {
                text.append(String.format(
                        Locale.ROOT,
                        ", %.2f times as fast as one process (%d would be ideal)",
                        alone / best.seconds(),
                        spread.ideal()));
            }
            Way exact = fastest(Way.Effect.NONE);
            if (best.effect() != Way.Effect.NONE && exact != null) {
                text.append(String.format(
                        Locale.ROOT,
                        ", %.2f times as fast as %s; it changes what is learnt (%s)",
                        exact.seconds() / best.seconds(),
                        exact.name(),
                        best.effect()));
            }
            why.add(text.append('.').toString());
        }
        why.addAll(notes);
        return why;
    }
}
