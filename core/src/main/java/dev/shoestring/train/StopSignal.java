package dev.shoestring.train;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reason to stop as numbers that processes add up: one for each reason, 1 where a process has it. */
final class StopSignal {
    private static final List<StopReason> REASONS = List.of(StopReason.values());

    private StopSignal() {}

    /** How many numbers it takes. */
    static int length() {
        return REASONS.size();
    }

    /** Writes a process's reason into {@code values} from {@code at} on. */
    static void write(@Nullable StopReason reason, double[] values, int at) {
        if (reason != null) {
            values[at + REASONS.indexOf(reason)] = 1;
        }
    }

    /** The first reason that any process has; null if none has. */
    static @Nullable StopReason read(double[] sums, int at) {
        for (int i = 0; i < REASONS.size(); i++) {
            if (sums[at + i] > 0) {
                return REASONS.get(i);
            }
        }
        return null;
    }
}
