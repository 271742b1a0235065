package dev.shoestring.report;

import java.util.Locale;

/** The sentences that say what a run came to, before any table does. */
public final class Verdict {
    private Verdict() {}

    /**
     * One to three sentences: what was reached, for how much time and money; the test split; the baseline. Plain text, without a
     * line break.
     */
    public static String of(RunSummary summary) {
        return reached(summary) + test(summary) + baseline(summary);
    }

    /** The first sentence alone: {@code Reached 0.831 validation accuracy (target 0.820) in 48 s for 0.0011 USD (estimated).} */
    static String reached(RunSummary summary) {
        RunSummary.Outcome outcome = summary.outcome();
        String metric = "validation " + metricName(outcome.metric());
        Double target = outcome.target();
        Double value = outcome.value();
        String spent = " " + spent(summary) + ".";
        if (value == null) {
            return "Ended (" + summary.status().replace('_', ' ') + ") before its first evaluation," + spent;
        }
        String number = Figures.score(value);
        String stopped = stopped(summary.status());
        if (target == null) {
            return "Reached " + number + " " + metric + stopped + spent;
        }
        if (Boolean.TRUE.equals(outcome.targetReached())) {
            Double toTarget = summary.cost().secondsToTarget();
            String when = toTarget == null || summary.cost().wallSeconds() - toTarget < 1
                    ? ""
                    : ", met after " + Figures.duration(toTarget);
            return "Reached " + number + " " + metric + " (target " + Figures.score(target) + when + ")" + spent;
        }
        return "Ended at " + number + " " + metric + ", short of the target " + Figures.score(target) + stopped + ","
                + spent;
    }

    private static String stopped(String status) {
        return switch (status) {
            case "budget" -> " when the budget was spent";
            case "interrupted" -> " when interrupted";
            case "diverged" -> " before the loss diverged";
            default -> "";
        };
    }

    private static String spent(RunSummary summary) {
        RunSummary.Money money = summary.cost().money();
        String time = "in " + Figures.duration(summary.cost().wallSeconds());
        return money == null ? time : time + " for " + Figures.money(money.amount(), money.currency()) + " (estimated)";
    }

    private static String test(RunSummary summary) {
        RunSummary.Test test = summary.test();
        return test == null
                ? ""
                : " On " + test.terms().replace(" ", " test ") + ": " + test.figure() + " " + test.headline()
                        + (test.others().isEmpty() ? "" : ", " + test.others()) + ".";
    }

    private static String baseline(RunSummary summary) {
        RunSummary.Baseline baseline = summary.baseline();
        if (baseline == null) {
            return "";
        }
        // One word before a noun: bag-of-words.
        String name = baseline.words().replace(' ', '-');
        String cost = " in " + Figures.duration(baseline.seconds());
        if (Boolean.TRUE.equals(baseline.reachedTarget())) {
            return " The " + name + " baseline reached the target" + cost
                    + ": the cheapest training is the one not needed.";
        }
        RunSummary.Test test = summary.test();
        Double baselineTest = baseline.testAccuracy();
        Double accuracy = test == null ? null : test.accuracy();
        if (accuracy != null && baselineTest != null) {
            double points = 100 * (accuracy - baselineTest);
            return " The " + name + " baseline reached " + Figures.score(baselineTest) + " there" + cost
                    + String.format(Locale.ROOT, ": this model is %.1f points ", Math.abs(points))
                    + (points >= 0 ? "better." : "worse.");
        }
        return " The " + name + " baseline reached " + Figures.score(baseline.accuracy()) + " validation accuracy"
                + cost + ".";
    }

    static String metricName(String metric) {
        return metric.equals("macro_f1") ? "macro-F1" : metric.replace('_', ' ');
    }
}
