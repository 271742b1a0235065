package dev.shoestring.optim;

import java.util.function.DoubleSupplier;

/**
 * A schedule that fits itself to a budget: when the share of the budget that is spent runs ahead of the share of the steps that are
 * done, the rate follows the budget, so that it has decayed to its end when the money is gone ("budgeted training", arXiv 1905.04753).
 *
 * @param schedule the schedule without a budget
 * @param spent share of the budget that is spent, in [0, 1]
 * @param opening the share that was spent before the first step; it is no part of the way, or warm-up would be skipped
 */
public record BudgetedSchedule(Schedule schedule, DoubleSupplier spent, DoubleSupplier opening) implements Rate {
    @Override
    public long steps() {
        return schedule.steps();
    }

    @Override
    public double factor(long step) {
        double before = opening.getAsDouble();
        double share = before >= 1 ? 1 : Math.min(1, Math.max(0, (spent.getAsDouble() - before) / (1 - before)));
        long byBudget = (long) Math.floor(share * schedule.steps());
        return schedule.factor(Math.min(schedule.steps() - 1, Math.max(step, byBudget)));
    }
}
