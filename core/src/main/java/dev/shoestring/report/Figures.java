package dev.shoestring.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them: with their unit and no more digits than they are good for. */
public final class Figures {
    private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E", "Z", "Y"};

    private Figures() {}

    /** An accuracy or another share: {@code 0.826}. */
    public static String score(double score) {
        return Double.isNaN(score) ? "–" : String.format(Locale.ROOT, "%.3f", score);
    }

    /** A share in percent: {@code 41%}, {@code 0.8%}. */
    public static String percent(double share) {
        return Double.isNaN(share)
                ? "–"
                : String.format(Locale.ROOT, share != 0 && Math.abs(share) < 0.0995 ? "%.1f%%" : "%.0f%%", 100 * share);
    }

    /** A whole number with groups: {@code 6,000}. */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** A duration: {@code 4.2 s}, {@code 48 s}, {@code 3 min 20 s}, {@code 2 h 05 min}. */
    public static String duration(double seconds) {
        if (Double.isNaN(seconds)) {
            return "–";
        }
        if (seconds < 9.95) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        if (whole < 120) {
            return whole + " s";
        }
        long minutes = whole / 60;
        if (minutes < 60) {
            return whole % 60 == 0 ? minutes + " min" : minutes + " min " + whole % 60 + " s";
        }
        return String.format(Locale.ROOT, "%d h %02d min", minutes / 60, minutes % 60);
    }

    /** A duration as a clock shows it: {@code 0:38}, {@code 1:02:03}. */
    public static String clock(double seconds) {
        if (!Double.isFinite(seconds) || seconds < 0) {
            return "–:––";
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }

    /** An amount of money: two significant digits below one, two decimals from there: {@code 0.0011 USD}. */
    public static String money(double amount, String currency) {
        if (!Double.isFinite(amount)) {
            return "– " + currency;
        }
        if (amount == 0) {
            return "0 " + currency;
        }
        return (Math.abs(amount) < 1 ? plain(amount, 2) : String.format(Locale.ROOT, "%,.2f", amount)) + " " + currency;
    }

    /** As {@link #quantity(double, String)}, of a count. */
    public static String quantity(long value, String unit) {
        return quantity((double) value, unit);
    }

    /** A quantity with a decimal prefix and three significant digits: {@code 22.7 M}, {@code 1.56 GB}, {@code 12.3 TFLOP}. */
    public static String quantity(double value, String unit) {
        if (!Double.isFinite(value)) {
            return "– " + unit;
        }
        double scaled = value;
        int prefix = 0;
        // 999.5 would round to four digits
        while (Math.abs(scaled) >= 999.5 && prefix < PREFIXES.length - 1) {
            scaled /= 1000;
            prefix++;
        }
        String number = prefix == 0 && scaled == Math.rint(scaled) ? Long.toString((long) scaled) : fixed(scaled);
        return (number + " " + PREFIXES[prefix] + unit).strip();
    }

    private static String fixed(double value) {
        double size = Math.abs(value);
        return size < 1
                ? plain(value, 3)
                : String.format(Locale.ROOT, size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f", value);
    }

    private static String plain(double value, int digits) {
        return new BigDecimal(value)
                .round(new MathContext(digits, RoundingMode.HALF_EVEN))
                .stripTrailingZeros()
                .toPlainString();
    }
}
