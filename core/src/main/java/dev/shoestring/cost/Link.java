package dev.shoestring.cost;

import dev.shoestring.recipe.InputException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connection: how fast, and how late (the alpha-beta model: a message of b bytes takes latency + b / rate).
 *
 * @param bytesPerSecond in one direction
 * @param latency seconds from one end to the other
 */
public record Link(double bytesPerSecond, double latency) {
    private static final Pattern FORM =
            Pattern.compile("([0-9.]+)\\s*([kmg])bit(?:/s)?(?:/([0-9.]+)\\s*(us|µs|ms|s))?", Pattern.CASE_INSENSITIVE);

    private static final double BITS = 8;
    private static final double FASTEST = 1e13;
    private static final double LONGEST = 10;

    /**
     * Reads a form such as {@code 100Mbit/20ms}: a rate, and the time there and back that {@code ping} shows; without it 0.2 ms, a
     * local network's.
     *
     * @param option what the text was given as, for messages
     * @throws InputException if it is another form
     */
    public static Link parse(String option, String text) {
        Matcher form = FORM.matcher(text.strip());
        if (form.matches()) {
            double rate = number(form.group(1)) * scale(form.group(2)) / BITS;
            String back = form.group(3);
            double latency = (back == null ? 2e-4 : number(back) * seconds(form.group(4))) / 2;
            if (rate > 0 && rate < FASTEST && latency >= 0 && latency < LONGEST) {
                return new Link(rate, latency);
            }
        }
        throw new InputException(option + ": must be a rate and the time there and back, such as 100Mbit/20ms,"
                + " 1Gbit/0.2ms or 400Gbit/28us, but is \"" + text + "\"");
    }

    private static double number(String digits) {
        try {
            return Double.parseDouble(digits);
        } catch (NumberFormatException several) {
            return Double.NaN;
        }
    }

    private static double scale(String letter) {
        return switch (letter.toLowerCase(Locale.ROOT)) {
            case "k" -> 1e3;
            case "m" -> 1e6;
            default -> 1e9;
        };
    }

    private static double seconds(String unit) {
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "s" -> 1;
            case "ms" -> 1e-3;
            default -> 1e-6;
        };
    }

    /** As this, so many times as fast and no later. */
    public Link times(double factor) {
        return new Link(bytesPerSecond * factor, latency);
    }

    /** In words, such as {@code 100 Mbit/s, 20 ms there and back}. */
    public String inWords() {
        double bits = bytesPerSecond * BITS;
        String rate = bits < 1e9
                ? String.format(Locale.ROOT, "%,.4g Mbit/s", bits / 1e6)
                : String.format(Locale.ROOT, "%,.4g Gbit/s", bits / 1e9);
        double back = 2 * latency;
        String late = back < 1e-3 ? plain(back * 1e6) + " µs there and back" : plain(back * 1e3) + " ms there and back";
        return trimmed(rate) + ", " + late;
    }

    private static String plain(double value) {
        return trimmed(String.format(Locale.ROOT, "%.3g ", value)).strip();
    }

    /** Without the noughts behind a decimal point. */
    private static String trimmed(String number) {
        return number.replaceAll("(\\.[0-9]*?)0+ ", "$1 ").replace(". ", " ");
    }
}
