package dev.shoestring.run;

import dev.shoestring.plan.Plan.Interval;
import dev.shoestring.recipe.StopSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says before a run which limits of its budget will stop it, and how far it will have come. */
final class BudgetForecast {
    private BudgetForecast() {}

    static List<String> of(
            StopSpec.Budget budget,
            Interval seconds,
            Interval joules,
            @Nullable Interval money,
            String currency,
            double flops) {
        List<String> lines = new ArrayList<>();
        if (budget.time() != null) {
            add(lines, "time", budget.time().toMillis() / 1000.0, " s", seconds);
        }
        Double amount = budget.money();
        if (amount != null && money != null && currency.equals(budget.currency())) {
            add(lines, "money", amount, " " + currency, money);
        } else if (amount != null) {
            lines.add("stop.budget.money: prices are in " + currency + ", the budget in " + budget.currency()
                    + ": cannot be compared");
        }
        if (budget.joules() != null) {
            add(lines, "energy", budget.joules(), " J", joules);
        }
        if (budget.flops() != null) {
            add(lines, "flops", budget.flops(), " FLOP", new Interval(flops, flops, flops));
        }
        return lines;
    }

    private static void add(List<String> lines, String limit, double value, String unit, Interval predicted) {
        String given = String.format(Locale.ROOT, "stop.budget.%s %.4g%s: ", limit, value, unit);
        if (predicted.low() >= value) {
            lines.add(given
                    + String.format(
                            Locale.ROOT,
                            "will stop the run after about %.0f%% of its steps; the learning rate falls to its end there",
                            100 * value / predicted.middle()));
        } else if (predicted.high() <= value) {
            lines.add(given + "is enough");
        } else {
            lines.add(given
                    + String.format(
                            Locale.ROOT,
                            "may stop the run: %.4g%s are predicted, %.4g to %.4g",
                            predicted.middle(),
                            unit,
                            predicted.low(),
                            predicted.high()));
        }
    }
}
