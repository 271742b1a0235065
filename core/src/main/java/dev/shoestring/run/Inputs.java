package dev.shoestring.run;

import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.DataReport;
import dev.shoestring.report.RunSummary;
import dev.shoestring.train.Arithmetic;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a run reads before it starts, and the job that it makes of it. */
interface Inputs extends AutoCloseable {
    /** Starts fetching what the recipe names, and reads the data. */
    static Inputs of(Recipe recipe, RunListener listener) {
        return switch (recipe.task()) {
            case TEXT_CLASSIFICATION -> TextInputs.of(recipe, listener);
            case IMAGE_CLASSIFICATION -> ImageInputs.of(recipe, listener);
            case LANGUAGE_MODEL, CHAT, PREFERENCE -> LanguageInputs.of(recipe, listener);
        };
    }

    /** Tells whether a resumed run sees the data that it began with. */
    String fingerprint();

    /** Waits until all is here and checks its kind, so that a wrong one is refused before a run folder is made. */
    void awaitModel();

    /** What was guessed or looks odd about the data, in sentences. */
    List<String> notes();

    /** Examples of the validation split, or terms of its loss in units of a training example. */
    int validationExamples();

    /** The sizes of the data, as far as a summary has them. */
    RunSummary.@Nullable Data sizes();

    /** What the data was made of, for the report. */
    @Nullable
    DataReport dataReport();

    /**
     * What is done to need less memory: the recipe's measures, and where it leaves them open those that fit.
     *
     * @param limit bytes that a process may hold
     */
    default MemorySpec measures(Arithmetic arithmetic, long limit) {
        return MemorySpec.AUTO;
    }

    /**
     * The job, ready to be trained.
     *
     * @param shards which process keeps which part of the optimizer's state
     * @param measures what is done to need less memory, where there is a choice
     */
    Job<?> job(Arithmetic arithmetic, Shards shards, MemorySpec measures);

    /** What the summary calls the model. */
    String modelName();

    @Override
    void close();
}
