package dev.shoestring.run;

import dev.shoestring.adapt.DecoderParameterGroups;
import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.cost.Ledger;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Schedule;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.Division;
import dev.shoestring.train.EvaluationPlan;
import dev.shoestring.train.GradientSync;
import dev.shoestring.train.NextToken;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.TokenLoss;
import dev.shoestring.train.TokenRows;
import dev.shoestring.train.TrainingLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges decoders, and lets those that were cut learn from the original, which reads along.
 *
 * @param recipe how candidates are trained; its model is the original
 * @param inputs tokenizer and text
 * @param validation the split by which candidates are judged
 * @param distill how candidates heal
 * @param arithmetic precision
 * @param listener what happens is told here
 * @param ledger the work is added to it
 */
record DecoderHealing(
        Recipe recipe,
        LanguageInputs inputs,
        LanguageSplit validation,
        DistillSpec distill,
        Arithmetic arithmetic,
        RunListener listener,
        Ledger ledger) {
    /** Batches of the validation split by which candidates are judged right after the cut. */
    static final int QUICK_BATCHES = 4;

    /** Floating-point operations of reading a row and scoring what follows each of its tokens. */
    double flops(DecoderConfig config) {
        int length = recipe.language().sequenceLength();
        return LanguageJobs.flops(config).forward(new int[] {length}, length);
    }

    /** Rows in batches, whose operations are those of a network of these sizes and of the original beside it. */
    static LanguageData data(LanguageInputs inputs, DecoderConfig config) {
        RowAssembly assembly = new RowAssembly(
                LanguageJobs.flops(config),
                DecoderFlops.Trained.ALL,
                false,
                LanguageJobs.flops(inputs.decoderConfig()));
        return (LanguageData) inputs.text().pack(inputs, assembly);
    }

    /** The loss of the next token, in the precision of training. */
    NextToken objective(Decoder of) {
        return objective(of, arithmetic);
    }

    NextToken objective(Decoder of, Arithmetic products) {
        int chunk = MemoryPlan.of(recipe, of.config(), products, of.config().parameters())
                .lossChunk();
        return new NextToken(new DecoderPass(of, products, false, 0), new TokenLoss(of, products, chunk, 0));
    }

    /**
     * The loss of the next token on the validation split, nats.
     *
     * @param most batches of it that are read, evenly spread
     */
    double value(Decoder of, int most) {
        List<TokenRows> all = validation.rows();
        int every = Math.max(1, all.size() / Math.min(most, all.size()));
        List<TokenRows> some = new ArrayList<>();
        double rows = 0;
        for (int i = 0; i < all.size() && some.size() < most; i += every) {
            some.add(all.get(i));
            rows += all.get(i).rows();
        }
        ledger.addFlops(rows * flops(of.config()));
        return LanguageData.measured(new LanguageSplit(some, 0), objective(of), Division.none())
                .loss();
    }

    /** Trains a network for so many steps on the original's answers, and says why it ended. */
    StopReason heal(Decoder student, ParameterStore store, int steps, RunControl control) {
        NextToken plain = objective(student);
        LanguageWork<TokenRows> work = new DistilledTokens(recipe, inputs, arithmetic, listener, distill)
                .work(data(inputs, student.config()), plain.pass(), plain.loss(), store);
        try (Optimizer optimizer = DecoderParameterGroups.optimizer(
                store.trainable(), recipe.optimizer(), MemorySpec.Moments.FP32, Shards.WHOLE)) {
            return new TrainingLoop<>(
                            work.batches(),
                            work.objective(),
                            arithmetic,
                            optimizer,
                            Schedule.of(recipe.schedule(), steps),
                            recipe.optimizer().clipNorm(),
                            GradientSync.none(),
                            EvaluationPlan.none(),
                            List.of(new FlopsCounter(ledger)))
                    .run(0, control);
        } finally {
            work.closed().run();
        }
    }
}
