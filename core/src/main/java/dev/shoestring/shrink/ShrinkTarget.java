package dev.shoestring.shrink;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How small a network is to become.
 *
 * @param flops most floating-point operations of a prediction; null sets no limit
 * @param parameters most numbers in the network; null sets no limit
 * @param milliseconds most wall time of a prediction for one example alone, as measured on this machine; null sets no limit
 */
public record ShrinkTarget(
        @Nullable Limit flops,
        @Nullable Limit parameters,
        @Nullable Limit milliseconds) {
    private static final String NUMBER = "[0-9]*\\.?[0-9]+(?:[eE][0-9]+)?";
    private static final Pattern PART = Pattern.compile("(?:(flops|parameters)=)?(" + NUMBER + ")(x|[kKMG])?");
    private static final Pattern TIME = Pattern.compile("ms=(" + NUMBER + ")(x?)|(" + NUMBER + ") ?ms");

    /** Limits on size alone. */
    public ShrinkTarget(@Nullable Limit flops, @Nullable Limit parameters) {
        this(flops, parameters, null);
    }

    /**
     * The most of something.
     *
     * @param value a share of the original's, or a number
     * @param share which of the two
     */
    public record Limit(double value, boolean share) {
        /** In units of the original's, of which there are {@code original}. */
        public double of(double original) {
            return share ? value * original : value;
        }

        @Override
        public String toString() {
            return share
                    ? String.format(Locale.ROOT, "%.3gx", value).replaceFirst("\\.?0+x$", "x")
                    : String.format(Locale.ROOT, "%.4g", value).replaceFirst("\\.0+$", "");
        }
    }

    /** This share of the operations. */
    public static ShrinkTarget flops(double share) {
        return new ShrinkTarget(new Limit(share, true), null);
    }

    /**
     * Reads {@code 0.5x} (of the operations of a prediction), {@code flops=0.4x,parameters=5.6M}, {@code 2ms} or {@code parameters=0.25x,ms=0.5x}.
     *
     * @throws InputException if it is neither
     */
    public static ShrinkTarget parse(String text) {
        return parse("--target", text);
    }

    /**
     * As {@link #parse(String)}.
     *
     * @param option the option's name, for the message
     */
    public static ShrinkTarget parse(String option, String text) {
        @Nullable Limit flops = null;
        @Nullable Limit parameters = null;
        @Nullable Limit milliseconds = null;
        for (String part : text.split(",", -1)) {
            Matcher time = TIME.matcher(part.strip());
            if (time.matches()) {
                @Nullable String given = time.group(1);
                Limit limit =
                        new Limit(Double.parseDouble(given == null ? time.group(3) : given), "x".equals(time.group(2)));
                if (!(limit.value() > 0)
                        || Double.isInfinite(limit.value())
                        || (limit.share() && limit.value() > 1)
                        || milliseconds != null) {
                    throw wrong(option, text);
                }
                milliseconds = limit;
                continue;
            }
            Matcher matcher = PART.matcher(part.strip());
            if (!matcher.matches()) {
                throw wrong(option, text);
            }
            @Nullable String unit = matcher.group(3);
            Limit limit = new Limit(Double.parseDouble(matcher.group(2)) * factor(unit), "x".equals(unit));
            boolean ofParameters = "parameters".equals(matcher.group(1));
            if (!(limit.value() > 0)
                    || (limit.share() && limit.value() > 1)
                    || (matcher.group(1) == null && !limit.share())
                    || (ofParameters ? parameters : flops) != null) {
                throw wrong(option, text);
            }
            if (ofParameters) {
                parameters = limit;
            } else {
                flops = limit;
            }
        }
        return new ShrinkTarget(flops, parameters, milliseconds);
    }

    /** In exact numbers, to tell targets apart. */
    public String exactly() {
        return Stream.of(flops, parameters, milliseconds)
                .map(limit -> limit == null ? "-" : limit.value() + (limit.share() ? "x" : ""))
                .collect(Collectors.joining(" "));
    }

    private static double factor(@Nullable String unit) {
        return unit == null
                ? 1
                : switch (unit) {
                    case "k", "K" -> 1e3;
                    case "M" -> 1e6;
                    case "G" -> 1e9;
                    default -> 1;
                };
    }

    private static InputException wrong(String option, String text) {
        return new InputException(
                option + ": must be a share of the operations of a prediction, such as 0.5x, or limits such as"
                        + " flops=0.4x,parameters=0.25x, parameters=5.6M or 2ms, but is \"" + text + "\"");
    }

    @Override
    public String toString() {
        List<String> limits = new ArrayList<>();
        if (flops != null) {
            limits.add(flops + " the operations");
        }
        if (parameters != null) {
            limits.add(parameters + (parameters.share() ? " the parameters" : " parameters"));
        }
        if (milliseconds != null) {
            limits.add(milliseconds.share() ? milliseconds + " the time alone" : milliseconds + " ms alone");
        }
        return limits.isEmpty() ? "none" : String.join(", ", limits);
    }
}
