package dev.shoestring.recipe;

import java.util.List;
import java.util.stream.Collectors;

/** Everything wrong with a recipe, reported at once. */
public final class RecipeException extends UserException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /** Makes one from at least one problem; {@code source} names the recipe. */
    public RecipeException(String source, List<Problem> problems) {
        super(
                problems.size() == 1
                        ? source + ": " + problems.get(0)
                        : source + ": " + problems.size() + " problems\n"
                                + problems.stream().map(p -> "  " + p).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** The problems, in the order of the recipe's keys. */
    public List<Problem> problems() {
        return problems;
    }
}
