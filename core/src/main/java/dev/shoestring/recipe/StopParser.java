package dev.shoestring.recipe;

import java.time.Duration;
import java.util.Currency;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code stop}. */
final class StopParser {
    private static final String DEFAULT_CURRENCY = "USD";
    private static final Pattern MONEY = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,350})?) ([A-Z]{3})");
    private static final Pattern TIME = Pattern.compile(
            "(?=[0-9])(?:([0-9]{1,5})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,8})s)?(?:([0-9]{1,9})ms)?");

    private StopParser() {}

    static StopSpec read(Section recipe, Task task, DataSpec data, boolean words) {
        Section stop = recipe.section("stop", "metric", "target", "patience", "evaluations_per_epoch", "budget");
        if (data.validation().equals(new DataSpec.Split.Fraction(0))) {
            stop.noEffect("with data.validation: 0", "metric", "target", "patience", "evaluations_per_epoch");
        } else if (words) {
            stop.noEffect("with model.fresh: bag-of-words", "patience", "evaluations_per_epoch");
        }
        if (words) {
            stop.noEffect("with model.fresh: bag-of-words, which trains in seconds", "budget");
        }
        StopSpec.Metric metric = metric(stop, task);
        return new StopSpec(
                metric,
                metric == StopSpec.Metric.LOSS
                        ? stop.number("target", Range.positive(100), "; for example 1.88")
                        : stop.number("target", Range.positive(1), "; for example 0.9"),
                stop.integer("patience", 1, 1_000_000),
                stop.number("evaluations_per_epoch", 1, Range.positive(1000)),
                budget(stop));
    }

    private static StopSpec.Metric metric(Section stop, Task task) {
        if (!task.language()) {
            return stop.choice("metric", StopSpec.Metric.ACCURACY, List.of());
        }
        List<String> valid = task == Task.PREFERENCE ? List.of("loss", "accuracy") : List.of("loss");
        String metric = stop.choice("metric", "loss", valid, List.of());
        return metric.equals("loss") ? StopSpec.Metric.LOSS : StopSpec.Metric.ACCURACY;
    }

    private static StopSpec.Budget budget(Section stop) {
        Section budget = stop.section("budget", "time", "money", "energy", "flops");
        Duration time = time(budget);
        Double joules = Quantities.energy(budget);
        Double flops = Quantities.flops(budget);
        String text = budget.text("money");
        if (text == null) {
            return new StopSpec.Budget(time, null, DEFAULT_CURRENCY, joules, flops);
        }
        Matcher money = MONEY.matcher(text);
        double amount = money.matches() ? Double.parseDouble(money.group(1)) : 0;
        if (amount == 0) {
            budget.problem(
                    "money", "must be an amount and a currency such as \"0.50 USD\", but is " + Section.quoted(text));
            return new StopSpec.Budget(time, null, DEFAULT_CURRENCY, joules, flops);
        }
        String currency = money.group(2);
        if (Currency.getAvailableCurrencies().stream()
                .noneMatch(c -> c.getCurrencyCode().equals(currency))) {
            budget.problem("money", "has no ISO 4217 currency " + currency + "; for example USD or EUR");
        }
        return new StopSpec.Budget(time, amount, currency, joules, flops);
    }

    private static @Nullable Duration time(Section budget) {
        String text = budget.text("time");
        if (text == null) {
            return null;
        }
        Duration time = duration(text);
        if (time.isZero()) {
            budget.problem("time", "must be a time such as 90s, 20m or 1h30m, but is " + Section.quoted(text));
            return null;
        }
        return time;
    }

    /** A time such as {@code 1h30m}; zero if it is none. */
    static Duration duration(String text) {
        Matcher matcher = TIME.matcher(text);
        return matcher.matches()
                ? Duration.ofDays(part(matcher, 1))
                        .plusHours(part(matcher, 2))
                        .plusMinutes(part(matcher, 3))
                        .plusSeconds(part(matcher, 4))
                        .plusMillis(part(matcher, 5))
                : Duration.ZERO;
    }

    private static long part(Matcher matcher, int group) {
        String digits = matcher.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
