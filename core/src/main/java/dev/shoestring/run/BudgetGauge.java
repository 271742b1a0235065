package dev.shoestring.run;

import dev.shoestring.cost.Cost;
import dev.shoestring.recipe.StopSpec;

/**
 * How much of a budget is spent. What the last evaluation will cost is set aside, so that a run that stops by its budget has been
 * measured inside it.
 *
 * @param budget the limits
 */
record BudgetGauge(StopSpec.Budget budget) {
    private static final double MOST_SET_ASIDE = 0.5;

    /**
     * The largest share over all limits; 1 and more means that it is time to stop.
     *
     * @param cost what has been spent
     * @param evaluationSeconds time that an evaluation takes
     */
    double spent(Cost cost, double evaluationSeconds) {
        double seconds = cost.wallSeconds();
        double spent = 0;
        if (budget.time() != null) {
            double limit = budget.time().toMillis() * 1e-3;
            spent = Math.max(spent, share(seconds, limit, evaluationSeconds));
        }
        if (budget.money() != null) {
            spent = Math.max(
                    spent,
                    share(
                            cost.money().amount(),
                            budget.money(),
                            rate(cost.money().amount(), seconds) * evaluationSeconds));
        }
        if (budget.joules() != null) {
            double joules = cost.energy().joules();
            spent = Math.max(spent, share(joules, budget.joules(), rate(joules, seconds) * evaluationSeconds));
        }
        if (budget.flops() != null) {
            spent = Math.max(spent, cost.flops() / budget.flops());
        }
        return spent;
    }

    private static double rate(double amount, double seconds) {
        return seconds > 0 ? amount / seconds : 0;
    }

    private static double share(double amount, double limit, double setAside) {
        return amount / (limit - Math.min(setAside, MOST_SET_ASIDE * limit));
    }
}
