package dev.shoestring.run;

import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.nio.file.Path;
import java.util.List;

/**
 * A trained network out of which smaller ones can be cut, with the data that says what matters in it: all in which families differ. Stages,
 * floor, budget, resuming and the report are {@link ShrinkWork}'s.
 *
 * <p>Examples to learn from are those of the training split, and examples to judge by those of the validation split; no other is read. The work
 * that is done is added to the shrinking's ledger.
 */
interface Shrinkable extends AutoCloseable {
    /** Does what is done once, before anything is cut: a teacher's answers, say. */
    void prepare();

    /** The watched metric of the original on the validation split. */
    double value();

    /** Its parameters, and operations of a prediction. */
    Size size();

    /** The smallest network that can be cut. */
    Size smallest();

    /** Operations that training the original took, by the recipe. */
    double originalTrainingFlops();

    /** Operations of learning once from everything, for the network in a folder, whose prediction takes so many. */
    double passFlops(double predictionFlops, Path cut);

    /** Whether any network is as small as a target. */
    boolean possible(ShrinkTarget target);

    /** The candidates within a target, in no particular order; none if it is smaller than {@link #smallest}. */
    List<? extends Design> designs(ShrinkTarget target);

    /** Whether cutting a network out takes so long that the most promising ones stay in memory until they have healed briefly. */
    boolean dearToCut();

    /** How many candidates heal briefly, of which the best goes on; 1 takes the best right after the cut, without. */
    int tries();

    /** How the network in a folder heals: the recipe with its model, objective, data and optimizer. How long it heals, when it stops and its name are set by the caller. */
    Recipe healing(Path cut);

    /**
     * Measures a network for the report.
     *
     * @param runOrModel where it lies
     * @param value its watched metric on the validation split
     * @param test what it reached on the test split; NaN if unknown
     */
    ShrinkReport.Network measure(Path runOrModel, double value, double test);

    /** What a prediction takes in: {@code text}. */
    String unit();

    @Override
    void close();

    /**
     * How large a network is.
     *
     * @param parameters numbers in it
     * @param flops floating-point operations of a prediction, the mean over the training split
     */
    record Size(long parameters, double flops) {}

    /** A network that could be cut. */
    interface Design {
        /** What it is, in words; no two designs of a target share them. */
        String title();

        /** How large it is. */
        Size size();

        /** What designs have in common that can be compared right after the cut, before any healing: the width, say. */
        Object kin();

        /** Cuts it out of the original. */
        Cut cut();
    }

    /** A network that was cut, in memory. */
    interface Cut extends AutoCloseable {
        /** The watched metric on a part of the validation split, the same for every candidate. */
        double quickValue();

        /** The watched metric on the validation split. */
        double value();

        /** Trains it for so many steps as {@link Shrinkable#healing} would, and says why it ended. */
        StopReason heal(int steps, RunControl control);

        /** Writes it in Hugging Face layout. */
        void save(Path folder);

        @Override
        void close();
    }
}
