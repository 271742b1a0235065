package dev.shoestring.run;

import dev.shoestring.cost.EnergyMeter;
import dev.shoestring.cost.PriceList;
import dev.shoestring.cost.Processor;
import dev.shoestring.plan.Advice;
import dev.shoestring.plan.Hardware;
import dev.shoestring.plan.Plan.Interval;
import dev.shoestring.plan.PlannedTeacher;
import dev.shoestring.plan.RecipePlan;
import dev.shoestring.plan.SharedWork;
import dev.shoestring.plan.ThisMachine;
import dev.shoestring.recipe.Recipe;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A plan before time has become energy and money.
 *
 * @param hardware hardware of the catalogue; null means this machine
 * @param spread factor between the predicted time and either end of its interval
 * @param unit what an example is, in the plural
 * @param meanTokens tokens in an example; 0 if examples have none
 * @param teacher what the teacher takes of it; null if there is none
 * @param sharing what processes would share of it; null if they could share nothing
 */
record PlanDraft(
        Recipe recipe,
        @Nullable Hardware hardware,
        String basis,
        String precision,
        long parameters,
        long trained,
        String unit,
        double examples,
        double meanTokens,
        double steps,
        double flops,
        double seconds,
        double spread,
        Map<String, Double> parts,
        Map<String, Double> memory,
        @Nullable PlannedTeacher teacher,
        List<Advice> advice,
        @Nullable Sharing sharing) {
    /** Share of its power limit that a GPU draws while it trains a small network. */
    private static final double DRAW = 0.6;

    private static final double SECONDS_IN_AN_HOUR = 3600;

    RecipePlan priced() {
        Interval time = new Interval(seconds / spread, seconds, seconds * spread);
        PriceList prices = PriceList.load();
        int cores = Runtime.getRuntime().availableProcessors();
        @Nullable Interval money;
        String currency = prices.currency();
        String source = prices.source();
        Interval joules;
        if (hardware == null) {
            double watts = EnergyMeter.expected(1, cores).joules();
            money = scaled(
                    time, prices.priceOf(Duration.ofSeconds(1), cores, watts).amount());
            joules = scaled(time, watts);
        } else {
            Hardware.Price price = hardware.price();
            money = price == null ? null : scaled(time, price.perHour() / SECONDS_IN_AN_HOUR);
            currency = price == null ? currency : price.currency();
            source = price == null ? "no price in the catalogue" : price.source() + ", " + price.asOf();
            joules = scaled(time, hardware.watts() * DRAW);
        }
        String where =
                hardware == null ? "this machine: " + Processor.name() + ", " + cores + " cores" : hardware.title();
        return new RecipePlan(
                BudgetForecast.of(recipe.stop().budget(), time, joules, money, currency, flops),
                recipe.name(),
                where,
                basis,
                precision,
                parameters,
                trained,
                unit,
                examples,
                meanTokens,
                steps,
                flops,
                time,
                parts,
                memory,
                joules,
                money,
                currency,
                source,
                teacher,
                advice,
                sharing == null ? null : work(sharing, money, currency));
    }

    private SharedWork work(Sharing share, @Nullable Interval money, String currency) {
        double own = seconds - share.without();
        return new SharedWork(
                Math.max(0, own - share.starts() - share.repeated() - share.optimizer()),
                share.starts(),
                share.repeated(),
                share.optimizer(),
                steps,
                share.examples(),
                trained,
                memory.values().stream().mapToDouble(Double::doubleValue).sum(),
                share.moments(),
                hardware == null ? ThisMachine.memory() : hardware.memory(),
                money == null ? Double.NaN : money.middle() / seconds,
                currency,
                recipe.distributed().localSteps(),
                share.note());
    }

    private static Interval scaled(Interval interval, double factor) {
        return new Interval(interval.low() * factor, interval.middle() * factor, interval.high() * factor);
    }
}
