package dev.shoestring.recipe;

/** Reads {@code model.budget}. */
final class SizeBudgetParser {
    private SizeBudgetParser() {}

    /**
     * Reads it; the sizes that are proposed must not be given beside it.
     *
     * @param model the section that has the budget
     * @param timed whether a prediction of this kind of network can be timed
     * @param sizes keys of the sizes
     */
    static SizeBudget read(Section model, boolean timed, String... sizes) {
        model.noEffect("with model.budget, from which sizes are proposed", sizes);
        Section budget = model.section("budget", "parameters", "flops", "latency");
        SizeBudget read = new SizeBudget(
                Quantities.parameters(budget), Quantities.predictionFlops(budget), Quantities.latency(budget));
        if (!budget.has("parameters") && !budget.has("flops") && !budget.has("latency")) {
            model.problem("budget", "must have parameters, flops or latency, such as {parameters: 5 M}");
        }
        if (!timed && budget.has("latency")) {
            budget.problem("latency", "is for classifiers of texts; give parameters or flops");
        }
        return read;
    }
}
