package dev.shoestring.run;

import dev.shoestring.adapt.ParameterGroups;
import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.cost.Ledger;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.data.LengthBuckets;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.Schedule;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.BertCut;
import dev.shoestring.shrink.BertImportance;
import dev.shoestring.shrink.Distillation;
import dev.shoestring.shrink.EncoderShapes;
import dev.shoestring.shrink.SharedRows;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.shrink.TeacherAnswers;
import dev.shoestring.text.VocabularyCut;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.EvaluationPlan;
import dev.shoestring.train.GradientSync;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.TextBatches;
import dev.shoestring.train.TrainingLoop;
import dev.shoestring.train.ValidationPlan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Smaller networks out of a trained classifier of BERT's family: which sizes fit a limit, how good each is right after it was cut, and after a
 * short healing. Texts to learn from are those of the training split, and texts to judge by those of the validation split; no other is
 * read.
 */
final class BertShrinking {
    private static final int CALIBRATION_TEXTS = 256;
    private static final int CALIBRATION_BATCH = 8;
    private static final int QUICK_TEXTS = 250;

    /** Networks of a smaller share of the operations that are allowed are not tried: they have given up more than was asked. */
    private static final double NEEDLESSLY_SMALL = 0.5;

    private final Recipe recipe;
    private final TextInputs inputs;
    private final BertFolder source;
    private final DistillSpec distill;
    private final TeacherAnswers answers;
    private final List<String> texts;
    private final Vocabulary rows;
    private final Arithmetic arithmetic;
    private final Ledger ledger;
    private final BertConfig full;
    private final WordUse words;
    private final List<int[]> labelledIds;
    private final Map<EncoderShape, Double> operations = new HashMap<>();
    private final Map<Integer, VocabularyCut> vocabularies = new HashMap<>();

    /**
     * Prepares.
     *
     * @param recipe how candidates are trained; its texts are no longer than the source takes
     * @param source the network that is cut
     * @param distill how candidates heal
     * @param texts the texts that they heal on, the labelled ones of the training split first
     * @param answers a teacher's on these
     * @param rows what becomes of pieces that lose their row
     * @param ledger the work is added to it
     */
    BertShrinking(
            Recipe recipe,
            TextInputs inputs,
            BertFolder source,
            DistillSpec distill,
            List<String> texts,
            TeacherAnswers answers,
            Vocabulary rows,
            Arithmetic arithmetic,
            Ledger ledger) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.source = source;
        this.distill = distill;
        this.texts = texts;
        this.answers = answers;
        this.rows = rows;
        this.arithmetic = arithmetic;
        this.ledger = ledger;
        this.full = source.model().config();
        List<int[]> ids = source.tokenizer().encodeAll(texts, recipe.data().maxTokens());
        String name = source.folder().toString();
        this.words = new WordUse(
                full.vocabSize(),
                ids,
                rows == Vocabulary.CUT
                        ? VocabularyCut.required(source.tokenizerJson(), name)
                        : VocabularyCut.special(source.tokenizerJson(), name));
        this.labelledIds = ids.subList(0, inputs.data().train().size());
    }

    /** What becomes of the pieces of a vocabulary that lose their row of the embedding. */
    enum Vocabulary {
        /** They share the row of the likest piece that keeps its own: texts are cut into tokens as before. */
        SHARED,
        /** They go: words fall into shorter pieces, down to single characters, all of which are kept. */
        CUT
    }

    /**
     * A candidate's sizes and layers.
     *
     * @param shape its sizes
     * @param layers the layers that it keeps
     */
    record Design(EncoderShape shape, List<Integer> layers) {
        String title() {
            return shape.layers() + (shape.layers() == 1 ? " layer, " : " layers, ") + shape.hiddenSize() + " wide ("
                    + shape.numHeads() + " heads), feed-forward " + shape.intermediateSize() + ", "
                    + shape.vocabSize() + " pieces; keeps layers " + layers;
        }
    }

    /** Floating-point operations of a prediction: the mean over the labelled texts. */
    double flops(EncoderShape shape) {
        return operations.computeIfAbsent(shape, sizes -> {
            EncoderFlops counter = new EncoderFlops(sizes);
            return labelledIds.stream()
                    .mapToDouble(ids -> counter.forward(new int[] {ids.length}))
                    .average()
                    .orElseThrow();
        });
    }

    /** Those of training on a text. */
    double trainingFlops(EncoderShape shape) {
        EncoderFlops counter = new EncoderFlops(shape);
        return labelledIds.stream()
                .mapToDouble(ids -> counter.training(new int[] {ids.length}, EncoderFlops.Trained.ALL))
                .average()
                .orElseThrow();
    }

    /** Sizes of the network that is cut. */
    EncoderShape fullShape() {
        return TextJobs.shape(full, source.labels().size());
    }

    /** Sizes that fit limits, in terms of {@code original}. */
    EncoderShapes shapes() {
        return new EncoderShapes(
                fullShape(),
                this::flops,
                words.used(),
                words.fewest(),
                Math.min(full.maxPositions(), recipe.data().maxTokens()));
    }

    private List<EncoderShape> within(ShrinkTarget target) {
        EncoderShape original = fullShape();
        double mostFlops =
                target.flops() == null ? Double.MAX_VALUE : target.flops().of(flops(original));
        double mostParameters = target.parameters() == null
                ? Double.MAX_VALUE
                : target.parameters().of((double) original.parameters());
        return shapes().within(mostFlops, mostParameters);
    }

    /** Whether any network is as small as a target. */
    boolean possible(ShrinkTarget target) {
        return !within(target).isEmpty();
    }

    /** The candidates within a target, in no particular order. */
    List<Design> designs(ShrinkTarget target, BertImportance importance) {
        List<Design> designs = new ArrayList<>();
        List<EncoderShape> within = within(target);
        double most = within.stream().mapToDouble(this::flops).max().orElse(0);
        for (EncoderShape shape : within) {
            if (flops(shape) < NEEDLESSLY_SMALL * most) {
                continue;
            }
            for (List<Integer> layers : EncoderShapes.layers(importance.layers(), shape.layers())) {
                designs.add(new Design(shape, layers));
            }
        }
        return designs;
    }

    /** Measures what matters on a small set of labelled training texts. */
    BertImportance importance() {
        List<Example> train = inputs.data().train();
        List<int[]> ids = labelledIds.subList(0, Math.min(CALIBRATION_TEXTS, labelledIds.size()));
        List<Encoded> encoded = IntStream.range(0, ids.size())
                .mapToObj(i -> new Encoded(ids.get(i), train.get(i).label()))
                .toList();
        List<TokenBatch> batches = new ArrayList<>();
        for (int from = 0; from < encoded.size(); from += CALIBRATION_BATCH) {
            batches.add(TokenBatch.of(
                    encoded.subList(from, Math.min(encoded.size(), from + CALIBRATION_BATCH)),
                    source.tokenizer().padId()));
        }
        // Nothing is asked about rows of the embedding, whose gradient takes longer than all else.
        source.model().wordEmbeddings().requiresGrad(false);
        ledger.addFlops(encoded.size() * (trainingFlops(fullShape()) + flops(fullShape())));
        return BertImportance.measure(source.model(), source.store(), batches);
    }

    /** Cuts a candidate out of the source. */
    BertCandidate cut(Design design, BertImportance importance) {
        EncoderShape shape = design.shape();
        VocabularyCut vocabulary = vocabulary(shape.vocabSize());
        BertCut cut = new BertCut(
                vocabulary.kept(),
                shape.maxPositions(),
                design.layers(),
                design.layers().stream()
                        .map(layer -> importance.heads(layer, shape.numHeads()))
                        .toList(),
                design.layers().stream()
                        .map(layer -> importance.channels(layer, shape.intermediateSize()))
                        .toList(),
                importance.width(shape.hiddenSize()),
                importance.pooled(shape.hiddenSize()));
        return new BertCandidate(source, cut, vocabulary, recipe.seed());
    }

    /** The vocabulary of so many pieces: the most frequent in the texts. */
    VocabularyCut vocabulary(int pieces) {
        return vocabularies.computeIfAbsent(pieces, most -> {
            BitSet kept = words.most(most);
            String name = source.folder().toString();
            if (rows == Vocabulary.CUT) {
                return VocabularyCut.of(source.tokenizerJson(), kept, name);
            }
            int[] likest = SharedRows.likest(source.model().wordEmbeddings(), kept);
            return VocabularyCut.sharing(source.tokenizerJson(), kept, id -> likest[id], name);
        });
    }

    /** The watched metric of a candidate on the validation split. */
    double value(BertCandidate candidate) {
        return value(candidate, inputs.data().validation());
    }

    /** As {@link #value}, on a part of the split. */
    double quickValue(BertCandidate candidate) {
        List<Example> all = inputs.data().validation();
        int every = Math.max(1, all.size() / QUICK_TEXTS);
        return value(
                candidate,
                IntStream.range(0, all.size() / every)
                        .mapToObj(i -> all.get(i * every))
                        .toList());
    }

    private double value(BertCandidate candidate, List<Example> examples) {
        List<Encoded> encoded =
                encode(candidate, examples.stream().map(Example::text).toList());
        int[] labels = examples.stream().mapToInt(Example::label).toArray();
        ledger.addFlops(examples.size()
                * flops(TextJobs.shape(
                        candidate.model().config(), source.labels().size())));
        return ValidationPlan.value(
                recipe.stop().metric(),
                Measurement.of(
                        ClassificationMetrics.of(candidate.scorer(arithmetic).logits(encoded), labels)));
    }

    private List<Encoded> encode(BertCandidate candidate, List<String> some) {
        return candidate.tokenizer().encodeAll(some, recipe.data().maxTokens()).stream()
                .map(ids -> new Encoded(ids, 0))
                .toList();
    }

    /** Trains a candidate for so many steps on the teacher's answers, and says why it ended. */
    StopReason heal(BertCandidate candidate, int steps, RunControl control) {
        Bert model = candidate.model();
        Distillation objective = DistilledTexts.objective(
                recipe,
                distill,
                model,
                candidate.store(),
                answers,
                inputs.data().train(),
                texts.size());
        List<Encoded> numbered = DistilledTexts.numbered(
                candidate.tokenizer(), texts, recipe.data().maxTokens());
        EncoderFlops counter =
                new EncoderFlops(TextJobs.shape(model.config(), source.labels().size()));
        TextBatches batches = new TextBatches(
                epoch -> numbered,
                numbered.size(),
                recipe.batch().global(),
                recipe.batch().micro(),
                recipe.batch().byLength() ? LengthBuckets.DEFAULT_WINDOW : 1,
                candidate.tokenizer().padId(),
                recipe.seed(),
                batch -> counter.training(batch.lengths(), EncoderFlops.Trained.ALL));
        OptimizerSpec spec = recipe.optimizer();
        try (AdamW optimizer = new AdamW(
                ParameterGroups.of(candidate.store().trainable(), spec), spec.beta1(), spec.beta2(), spec.eps())) {
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
}
