package dev.shoestring.report;

import org.jspecify.annotations.Nullable;

/** The cheap baseline beside the model: what the rest of the money bought. */
final class ComparisonSection {
    private ComparisonSection() {}

    static void append(Html html, RunSummary summary) {
        RunSummary.Baseline baseline = summary.baseline();
        if (baseline == null) {
            return;
        }
        html.raw("<section id=\"comparison\">").element("h2", "What the training bought");
        html.element(
                "p class=\"note\"",
                "Time is measured; money is estimated at the price of an hour of this run. Accuracy is the share of right"
                        + " labels.");
        html.raw(
                "<table class=\"figures comparison\"><thead><tr><th>Model</th><th class=\"number\">Validation accuracy</th>"
                        + "<th class=\"number\">Test accuracy</th><th class=\"number\">Time</th><th class=\"number\">Money</th>"
                        + "</tr></thead><tbody>");
        RunSummary.Money money = summary.cost().money();
        double wallSeconds = summary.cost().wallSeconds();
        row(
                html,
                "Bag of words and bigrams, linear (baseline)",
                baseline.accuracy(),
                baseline.testAccuracy(),
                baseline.seconds(),
                money == null ? null : scaled(money, baseline.seconds() / wallSeconds));
        RunSummary.Test test = summary.test();
        boolean accuracyWatched = summary.outcome().metric().equals("accuracy");
        row(
                html,
                "This model",
                accuracyWatched ? summary.outcome().value() : null,
                test == null ? null : test.accuracy(),
                wallSeconds,
                money);
        html.raw("</tbody></table></section>");
    }

    private static void row(
            Html html,
            String model,
            @Nullable Double validation,
            @Nullable Double test,
            double seconds,
            RunSummary.@Nullable Money money) {
        html.raw("<tr>").element("td class=\"name\"", model);
        html.number(validation == null ? "–" : Figures.score(validation));
        html.number(test == null ? "–" : Figures.score(test));
        html.number(Figures.duration(seconds));
        html.number(money == null ? "–" : Figures.money(money.amount(), money.currency()));
        html.raw("</tr>");
    }

    private static RunSummary.Money scaled(RunSummary.Money money, double share) {
        return new RunSummary.Money(money.amount() * share, money.currency(), money.priceSource());
    }
}
