package dev.shoestring.run;

import dev.shoestring.data.LabelledData;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.train.Arithmetic;

/** What a run reads before it starts, and the job that it makes of it. */
interface Inputs extends AutoCloseable {
    /** Starts fetching what the recipe names, and reads the data. */
    static Inputs of(Recipe recipe, RunListener listener) {
        return switch (recipe.task()) {
            case TEXT_CLASSIFICATION -> TextInputs.of(recipe, listener);
            case IMAGE_CLASSIFICATION -> ImageInputs.of(recipe, listener);
        };
    }

    /** The data. */
    LabelledData data();

    /** Tells whether a resumed run sees the data that it began with. */
    String fingerprint();

    /** Waits until all is here and checks its kind, so that a wrong one is refused before a run folder is made. */
    void awaitModel();

    /** The cheap baseline, trained; if the recipe's model is one itself, with its settings. */
    Baseline baseline();

    /** Whether the recipe asks for nothing but the cheap baseline. */
    boolean baselineOnly();

    /** The job, ready to be trained. */
    ClassifierJob<?> job(Arithmetic arithmetic);

    /** What the summary calls the model. */
    String modelName();

    @Override
    void close();
}
