package dev.shoestring.plan;

import dev.shoestring.plan.Plan.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run of a recipe will take. Every number is predicted.
 *
 * @param budget what becomes of each limit of the recipe, in words
 * @param name the recipe's name
 * @param where on what, in words
 * @param basis what the prediction rests on, in words
 * @param precision arithmetic of the matrix products
 * @param parameters numbers in the network
 * @param trained numbers that are trained
 * @param unit what an example is, in the plural
 * @param examples training examples in an epoch
 * @param meanTokens tokens in an example; 0 if examples have none
 * @param steps optimizer steps
 * @param flops floating-point operations of training, evaluation not counted
 * @param seconds wall time from the first step to the last evaluation
 * @param parts where the time goes, seconds
 * @param memory where the memory goes, bytes
 * @param joules energy
 * @param money its price; null if none is known
 * @param currency ISO 4217 code
 * @param priceSource where the price comes from
 * @param teacher what the teacher takes of all this; null if the recipe has none
 * @param advice what would pay
 * @param work what several processes would share of it; null if they would share nothing
 */
public record RecipePlan(
        List<String> budget,
        String name,
        String where,
        String basis,
        String precision,
        long parameters,
        long trained,
        String unit,
        double examples,
        double meanTokens,
        double steps,
        double flops,
        Interval seconds,
        Map<String, Double> parts,
        Map<String, Double> memory,
        Interval joules,
        @Nullable Interval money,
        String currency,
        String priceSource,
        @Nullable PlannedTeacher teacher,
        List<Advice> advice,
        @Nullable SharedWork work) {
    /** Copies the lists. */
    public RecipePlan {
        budget = List.copyOf(budget);
        advice = List.copyOf(advice);
    }

    /** The same with a sentence about what became of a limit before the others. */
    public RecipePlan noting(String limit) {
        List<String> limits = new ArrayList<>(List.of(limit));
        limits.addAll(budget);
        return new RecipePlan(
                limits,
                name,
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
                seconds,
                parts,
                memory,
                joules,
                money,
                currency,
                priceSource,
                teacher,
                advice,
                work);
    }

    /** Peak memory, bytes. */
    public double memoryTotal() {
        return memory.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
