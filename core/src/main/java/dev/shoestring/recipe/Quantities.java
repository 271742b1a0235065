package dev.shoestring.recipe;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Amounts with a unit, such as {@code 20 kJ} and {@code 2.5 PFLOP}. */
final class Quantities {
    private static final Pattern AMOUNT =
            Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,15})?(?:[eE]\\+?[0-9]{1,2})?) ?([A-Za-z]{1,6})");
    private static final Map<String, Double> ENERGY = new LinkedHashMap<>();
    private static final Map<String, Double> FLOPS = new LinkedHashMap<>();
    private static final Map<String, Double> BYTES = new LinkedHashMap<>();

    static {
        ENERGY.put("J", 1.0);
        ENERGY.put("kJ", 1e3);
        ENERGY.put("MJ", 1e6);
        ENERGY.put("Wh", 3.6e3);
        ENERGY.put("kWh", 3.6e6);
        BYTES.put("MB", 1e6);
        BYTES.put("GB", 1e9);
        BYTES.put("MiB", 1048576.0);
        BYTES.put("GiB", 1073741824.0);
        FLOPS.put("FLOP", 1.0);
        FLOPS.put("GFLOP", 1e9);
        FLOPS.put("TFLOP", 1e12);
        FLOPS.put("PFLOP", 1e15);
        FLOPS.put("EFLOP", 1e18);
    }

    private static final Map<String, Double> NUMBERS = new TreeMap<>(Map.of("k", 1e3, "M", 1e6, "B", 1e9));
    private static final Map<String, Double> OF_A_PREDICTION =
            new TreeMap<>(Map.of("MFLOP", 1e6, "GFLOP", 1e9, "TFLOP", 1e12));
    private static final Map<String, Double> SHORT_TIMES = new TreeMap<>(Map.of("us", 1e-6, "ms", 1e-3, "s", 1.0));

    private Quantities() {}

    /** {@code parameters}; null if it is not given. */
    static @Nullable Double parameters(Section section) {
        return amount(section, "parameters", NUMBERS, "5 M");
    }

    /** {@code flops} of a prediction; null if it is not given. */
    static @Nullable Double predictionFlops(Section section) {
        return amount(section, "flops", OF_A_PREDICTION, "100 MFLOP");
    }

    /** {@code latency} in seconds; null if it is not given. */
    static @Nullable Double latency(Section section) {
        return amount(section, "latency", SHORT_TIMES, "2 ms");
    }

    /** {@code energy} in joules; null if it is not given. */
    static @Nullable Double energy(Section section) {
        return amount(section, "energy", ENERGY, "20 kJ");
    }

    /** {@code flops}; null if it is not given. */
    static @Nullable Double flops(Section section) {
        return amount(section, "flops", FLOPS, "2.5 PFLOP");
    }

    /** Bytes of an amount such as {@code 8GiB}; null if it is none. */
    static @Nullable Long bytes(String text) {
        Matcher matcher = AMOUNT.matcher(text);
        Double unit = matcher.matches() ? BYTES.get(matcher.group(2)) : null;
        double amount = unit == null ? 0 : Double.parseDouble(matcher.group(1)) * unit;
        return amount >= 1 && amount < Long.MAX_VALUE ? (Long) (long) amount : null;
    }

    private static @Nullable Double amount(Section section, String key, Map<String, Double> units, String example) {
        String text = section.text(key);
        if (text == null) {
            return null;
        }
        Matcher matcher = AMOUNT.matcher(text);
        Double unit = matcher.matches() ? units.get(matcher.group(2)) : null;
        if (unit == null) {
            section.problem(
                    key,
                    "must be an amount in " + String.join(", ", units.keySet()) + ", such as \"" + example
                            + "\", but is " + Section.quoted(text));
            return null;
        }
        double amount = Double.parseDouble(matcher.group(1)) * unit;
        if (amount == 0) {
            section.problem(key, "must be more than 0, but is " + Section.quoted(text));
            return null;
        }
        return amount;
    }
}
