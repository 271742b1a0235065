package dev.shoestring.run;

import dev.shoestring.adapt.ParameterGroups;
import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.Ledger;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.data.LengthBuckets;
import dev.shoestring.models.Bert;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Schedule;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.Distillation;
import dev.shoestring.shrink.TeacherAnswers;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.EvaluationPlan;
import dev.shoestring.train.GradientSync;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.TextBatches;
import dev.shoestring.train.TextScorer;
import dev.shoestring.train.TrainingLoop;
import dev.shoestring.train.ValidationPlan;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Judges classifiers of BERT's family, and lets those that were cut learn from a teacher's answers.
 *
 * @param recipe how candidates are trained
 * @param examples examples whose labels are known, of the training and the validation split
 * @param distill how candidates heal
 * @param texts the texts that they heal on, the labelled ones of the training split first
 * @param answers a teacher's on these
 * @param arithmetic precision
 * @param ledger the work is added to it
 */
record BertHealing(
        Recipe recipe,
        Examples examples,
        DistillSpec distill,
        List<String> texts,
        TeacherAnswers answers,
        Arithmetic arithmetic,
        Ledger ledger) {
    private static final int QUICK_TEXTS = 2000;

    /** Brief healing is on so many of the texts, or as many as its steps take. */
    private static final int BRIEF_TEXTS = 2048;

    /** Examples of the training split, and of the validation split. */
    record Examples(List<Example> train, List<Example> validation) {}

    /** The watched metric of a candidate on the validation split. */
    double value(BertCandidate candidate) {
        return value(candidate, examples.validation());
    }

    /** As {@link #value}, on a part of the split. */
    double quickValue(BertCandidate candidate) {
        List<Example> all = examples.validation();
        int every = Math.max(1, all.size() / QUICK_TEXTS);
        return value(
                candidate,
                IntStream.range(0, all.size() / every)
                        .mapToObj(i -> all.get(i * every))
                        .toList());
    }

    private double value(BertCandidate candidate, List<Example> some) {
        List<Encoded> encoded =
                candidate
                        .tokenizer()
                        .encodeAll(
                                some.stream().map(Example::text).toList(),
                                recipe.data().maxTokens())
                        .stream()
                        .map(ids -> new Encoded(ids, 0))
                        .toList();
        EncoderFlops counter = counter(candidate.model());
        ledger.addFlops(encoded.stream()
                .mapToDouble(text -> counter.forward(new int[] {text.ids().length}))
                .sum());
        return metric(candidate.scorer(arithmetic), encoded, some);
    }

    /** The watched metric of a classifier on examples that it cut into tokens. */
    double metric(TextScorer scorer, List<Encoded> encoded, List<Example> some) {
        int[] labels = some.stream().mapToInt(Example::label).toArray();
        return ValidationPlan.value(
                recipe.stop().metric(), Measurement.of(ClassificationMetrics.of(scorer.logits(encoded), labels)));
    }

    /** Trains a candidate for so many steps on the teacher's answers, and says why it ended. */
    StopReason heal(BertCandidate candidate, int steps, RunControl control) {
        if (recipe.adapt() instanceof AdaptSpec.Full full && full.freezeWordEmbeddings()) {
            candidate.model().wordEmbeddings().requiresGrad(false);
        }
        int enough = Math.min(
                texts.size(), Math.max(BRIEF_TEXTS, steps * recipe.batch().global()));
        List<Encoded> numbered = DistilledTexts.numbered(
                candidate.tokenizer(), texts.subList(0, enough), recipe.data().maxTokens());
        List<Example> labelled =
                examples.train().subList(0, Math.min(enough, examples.train().size()));
        Distillation objective = DistilledTexts.objective(
                recipe, distill, candidate.scorer(arithmetic), candidate.store(), answers, labelled, numbered);
        ledger.addFlops(
                DistilledTexts.fittingFlops(distill, candidate.model(), answers.logits(0).length, answers, numbered));
        EncoderFlops counter = counter(candidate.model());
        TextBatches batches = new TextBatches(
                epoch -> numbered,
                numbered.size(),
                recipe.batch().global(),
                recipe.batch().micro(),
                recipe.batch().byLength() ? LengthBuckets.DEFAULT_WINDOW : 1,
                candidate.tokenizer().padId(),
                recipe.seed(),
                batch -> counter.training(batch.lengths(), TextJobs.muonShare(recipe, batch.size())));
        OptimizerSpec spec = recipe.optimizer();
        try (Optimizer optimizer = ParameterGroups.optimizer(candidate.store().trainable(), spec, Shards.WHOLE)) {
            return new TrainingLoop<>(
                            step -> {
                                candidate.dropout().startStep(step);
                                return batches.step(step);
                            },
                            objective,
                            arithmetic,
                            optimizer,
                            Schedule.of(recipe.schedule(), steps),
                            spec.clipNorm(),
                            GradientSync.none(),
                            EvaluationPlan.none(),
                            List.of(new FlopsCounter(ledger)))
                    .run(0, control);
        }
    }

    private EncoderFlops counter(Bert model) {
        return new EncoderFlops(TextJobs.shape(model.config(), answers.logits(0).length));
    }
}
