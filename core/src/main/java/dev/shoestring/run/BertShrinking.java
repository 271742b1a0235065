package dev.shoestring.run;

import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.models.BertConfig;
import dev.shoestring.recipe.BatchSpec;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.shrink.BertCut;
import dev.shoestring.shrink.BertRefit;
import dev.shoestring.shrink.BertTrace;
import dev.shoestring.shrink.EncoderShapes;
import dev.shoestring.shrink.EqualLengths;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.shrink.StreamBasis;
import dev.shoestring.shrink.StreamMoments;
import dev.shoestring.shrink.TeacherAnswers;
import dev.shoestring.text.VocabularyCut;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.TextBatches;
import dev.shoestring.train.TextScorer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Smaller networks out of a trained classifier of BERT's family. Not safe for several threads at once. */
final class BertShrinking implements Shrinkable {
    private static final int UNLABELLED_PER_LABELLED = 2;

    /** Tokens of the labelled texts that are followed through the original to see what matters and what a cut network must give. */
    private static final int CALIBRATION_TOKENS = 10_000;

    /** Where texts have fewer tokens for each input of the widest matrix, least squares would fit what is chance in them, and the cut stays as it is. */
    private static final int TOKENS_FOR_A_CHANNEL = 2;

    /** A cut network has further to go than a fine-tuned one: the rates of all that is no matrix of a layer are so many times the recipe's (docs/experiments.md). */
    private static final double HEALING_RATE = 2.8;

    /** Matrices of the layers learn by Muon, whose updates have another size than AdamW's: at so many times the recipe's rate (docs/experiments.md). */
    private static final double MUON_RATE = 25;

    private static final double MUON_MOMENTUM = 0.95;

    private static final double MOST_MUON_RATE = 0.1;

    /** And its batches are so many times as large: a small network's step is mostly what each step takes whatever its batch. */
    private static final int HEALING_BATCH = 4;

    /** Temperature of both answers: what is healed was the original, so that its answers need no softening (docs/experiments.md). */
    private static final double TEMPERATURE = 1;

    /** Weight of the difference of the encoders' outputs: the student was cut out of the teacher and starts near it (docs/experiments.md). */
    private static final double HIDDEN_WEIGHT = 10;

    /** So many candidates heal briefly, unless time is short: what it tells was worth less than its seconds in more healing (docs/experiments.md). */
    private static final int TRIES = 2;

    /** So many of all places in the texts have a piece with a row of its own, where the target leaves room for it. */
    private static final double COVERED = 0.995;

    /** Networks of a smaller share of the operations that are allowed are not tried: they have given up more than was asked. */
    private static final double NEEDLESSLY_SMALL = 0.5;

    private final ShrinkSetup setup;
    private final Recipe recipe;
    private final Recipe faster;
    private final TextInputs inputs;
    private final BertFolder source;
    private final Arithmetic arithmetic;
    private final BertConfig full;
    private final List<String> texts = new ArrayList<>();
    private final DistillSpec distill;
    private final WordUse words;
    private final List<int[]> ids;
    private final List<int[]> labelledIds;
    private final BertLatency latency;
    private final Map<EncoderShape, Double> operations = new HashMap<>();
    private final PieceRows vocabularies;
    private @Nullable BertHealing healing;
    private final Map<Integer, StreamBasis> bases = new HashMap<>();
    private @Nullable BertTrace trace;
    private @Nullable StreamMoments moments;

    private BertShrinking(ShrinkSetup setup, Recipe recipe, TextInputs inputs, BertFolder source) {
        this.setup = setup;
        this.recipe = recipe;
        this.faster = recipe.withOptimizer(faster(recipe.optimizer()))
                .withBatch(new BatchSpec(
                        HEALING_BATCH * recipe.batch().global(),
                        HEALING_BATCH * recipe.batch().micro(),
                        recipe.batch().byLength()));
        this.inputs = inputs;
        this.source = source;
        this.arithmetic = Trainer.arithmetic(recipe.precision());
        PieceRows.Lost lost = setup.settings().cutVocabulary() ? PieceRows.Lost.CUT : PieceRows.Lost.SHARED;
        this.full = source.model().config();
        int labelled = inputs.data().train().size();
        inputs.data().train().stream().map(Example::text).forEach(texts::add);
        Integer asked = setup.settings().unlabelled();
        texts.addAll(inputs.unused(asked == null ? UNLABELLED_PER_LABELLED * labelled : asked));
        this.distill = new DistillSpec(
                source.folder().toAbsolutePath().toString(),
                TEMPERATURE,
                DistillSpec.HARD_WEIGHT,
                HIDDEN_WEIGHT,
                texts.size() - labelled,
                setup.settings()
                        .folder()
                        .resolve("answers.safetensors")
                        .toAbsolutePath()
                        .toString());
        this.ids = source.tokenizer().encodeAll(texts, recipe.data().maxTokens());
        String name = source.folder().toString();
        this.words = new WordUse(
                full.vocabSize(),
                ids,
                lost == PieceRows.Lost.CUT
                        ? VocabularyCut.required(source.tokenizerJson(), name)
                        : VocabularyCut.special(source.tokenizerJson(), name));
        this.vocabularies =
                new PieceRows(source, words, lost, flops -> setup.ledger().addFlops(flops));
        this.labelledIds = ids.subList(0, labelled);
        this.latency = new BertLatency(labelledIds);
    }

    /** How a cut network learns; the rate of a recipe that has Muon already is right as it is. */
    private static OptimizerSpec faster(OptimizerSpec spec) {
        if (spec.kind() == OptimizerSpec.Kind.MUON) {
            return spec.at(spec.lr(), Math.min(1, HEALING_RATE * spec.headLr()));
        }
        // The head was cut out of a trained one, so it needs no rate of its own.
        return spec.muon(
                Math.min(MOST_MUON_RATE, MUON_RATE * spec.lr()), Math.min(1, HEALING_RATE * spec.lr()), MUON_MOMENTUM);
    }

    /**
     * Opens the original.
     *
     * @throws InputException if it is no classifier of that family, or has other labels than the data
     */
    static BertShrinking open(ShrinkSetup setup, TextInputs inputs) {
        BertFolder source = BertFolder.open(setup.original());
        try {
            source.requireLabels(inputs.data().labels());
            return new BertShrinking(setup, within(setup.recipe(), source), inputs, source);
        } catch (RuntimeException refused) {
            source.close();
            throw refused;
        }
    }

    /** The recipe with texts no longer than the original takes. */
    private static Recipe within(Recipe recipe, BertFolder source) {
        DataSpec data = recipe.data();
        return recipe.withData(new DataSpec(
                data.source(),
                data.input(),
                data.label(),
                data.validation(),
                data.test(),
                data.trainExamples(),
                Math.min(data.maxTokens(), source.maxTokens())));
    }

    @Override
    public void prepare() {
        RunListener listener = setup.listener();
        int labelled = labelledIds.size();
        if (texts.size() > labelled) {
            listener.message(String.format(
                    Locale.ROOT,
                    "learning from %,d labelled texts and %,d more without their labels",
                    labelled,
                    texts.size() - labelled));
        }
        if (!recipe.augment().isEmpty()) {
            listener.message("healing leaves the recipe's augmentations out: the original answers each text once");
        }
        TeacherFile file = new TeacherFile(
                Path.of(Objects.requireNonNull(distill.scores())), source.folder(), texts, arithmetic.name());
        TeacherAnswers answers = file.orComputed(() -> {
            listener.message("computing the original's answers once");
            // The recipe is within what the original takes, but it may take more.
            List<Encoded> encoded = recipe.data().maxTokens() == source.maxTokens()
                    ? ids.stream().map(text -> new Encoded(text, 0)).toList()
                    : source.encode(texts);
            setup.ledger().addFlops(source.flops(encoded));
            return source.answers(encoded, arithmetic);
        });
        healing = new BertHealing(
                faster,
                new BertHealing.Examples(inputs.data().train(), inputs.data().validation()),
                distill,
                texts,
                answers,
                arithmetic,
                setup.ledger());
    }

    private BertHealing healing() {
        return Objects.requireNonNull(healing, "prepare() comes first");
    }

    @Override
    public double value() {
        List<Example> validation = inputs.data().validation();
        List<Encoded> encoded =
                source.encode(validation.stream().map(Example::text).toList());
        setup.ledger().addFlops(source.flops(encoded));
        return healing().metric(source.scorer(arithmetic), encoded, validation);
    }

    /**
     * A candidate's sizes and layers.
     *
     * @param of where it is cut out
     * @param shape its sizes
     * @param layers the layers that it keeps
     */
    private record BertDesign(BertShrinking of, EncoderShape shape, List<Integer> layers) implements Design {
        @Override
        public String title() {
            return shape.layers() + (shape.layers() == 1 ? " layer, " : " layers, ") + shape.hiddenSize() + " wide ("
                    + shape.numHeads() + " heads), feed-forward " + shape.intermediateSize() + ", "
                    + shape.vocabSize() + " pieces; keeps layers " + layers;
        }

        @Override
        public Size size() {
            return of.size(shape);
        }

        @Override
        public Object kin() {
            return shape.hiddenSize();
        }

        @Override
        public Cut cut() {
            return of.cut(this);
        }
    }

    @Override
    public Size size() {
        return size(fullShape());
    }

    @Override
    public Size smallest() {
        return size(shapes().smallest());
    }

    private Size size(EncoderShape shape) {
        return new Size(shape.parameters(), flops(shape));
    }

    /** Floating-point operations of a prediction: the mean over the labelled texts. */
    private double flops(EncoderShape shape) {
        return operations.computeIfAbsent(shape, sizes -> {
            EncoderFlops counter = new EncoderFlops(sizes);
            return labelledIds.stream()
                    .mapToDouble(ids -> counter.forward(new int[] {ids.length}))
                    .average()
                    .orElseThrow();
        });
    }

    @Override
    public boolean dearToCut() {
        return true;
    }

    @Override
    public int tries() {
        return setup.settings().time() == null ? TRIES : 1;
    }

    @Override
    public double originalTrainingFlops() {
        int perEpoch =
                TextBatches.stepsPerEpoch(labelledIds.size(), recipe.batch().global());
        EncoderShape shape = fullShape();
        double text =
                trainingFlops(shape) + TextJobs.muonShare(recipe, 1) * new EncoderFlops(shape).orthogonalization();
        return recipe.schedule().epochs(perEpoch) * labelledIds.size() * text;
    }

    @Override
    public double passFlops(double predictionFlops, Path cut) {
        BertConfig config = BertConfig.of(TextClassifier.config(cut), cut.toString());
        EncoderShape shape = TextJobs.shape(config, source.labels().size());
        return texts.size()
                * (trainingFlops(shape) + TextJobs.muonShare(faster, 1) * new EncoderFlops(shape).orthogonalization());
    }

    /** Those of training on a text. */
    private double trainingFlops(EncoderShape shape) {
        EncoderFlops counter = new EncoderFlops(shape);
        return labelledIds.stream()
                .mapToDouble(ids -> counter.training(new int[] {ids.length}, EncoderFlops.Trained.ALL))
                .average()
                .orElseThrow();
    }

    /** Sizes of the network that is cut. */
    private EncoderShape fullShape() {
        return TextJobs.shape(full, source.labels().size());
    }

    /** Sizes that fit limits, in terms of {@code original}. */
    private EncoderShapes shapes() {
        return new EncoderShapes(
                fullShape(),
                this::flops,
                words.used(),
                words.covering(COVERED),
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
        ShrinkTarget.@Nullable Limit time = target.milliseconds();
        if (time == null) {
            return shapes().within(mostFlops, mostParameters);
        }
        double most = time.of(latency.milliseconds(original));
        return shapes().within(mostFlops, mostParameters, shape -> latency.milliseconds(shape) <= most);
    }

    @Override
    public boolean possible(ShrinkTarget target) {
        return !within(target).isEmpty();
    }

    @Override
    public List<Design> designs(ShrinkTarget target) {
        List<Design> designs = new ArrayList<>();
        List<EncoderShape> within = within(target);
        double most = within.stream().mapToDouble(this::flops).max().orElse(0);
        for (EncoderShape shape : within) {
            if (flops(shape) < NEEDLESSLY_SMALL * most) {
                continue;
            }
            designs.add(new BertDesign(this, shape, EncoderShapes.layers(full.numLayers(), shape.layers())));
        }
        return designs;
    }

    /** What flows through the original on a small set of training texts. */
    private BertTrace trace() {
        if (trace == null) {
            setup.listener().message("measuring what matters");
            List<int[]> some = calibration();
            setup.ledger().addFlops(some.size() * flops(fullShape()));
            trace = BertTrace.of(full, source.store(), EqualLengths.of(some));
        }
        return trace;
    }

    private List<int[]> calibration() {
        int tokens = 0;
        int texts = 0;
        while (texts < labelledIds.size() && tokens < CALIBRATION_TOKENS) {
            tokens += labelledIds.get(texts++).length;
        }
        return labelledIds.subList(0, texts);
    }

    /** The directions that become the channels of a narrower network; null for the whole width, of which nothing is changed. */
    private @Nullable StreamBasis basis(int width) {
        if (width == full.hiddenSize()) {
            return null;
        }
        if (moments == null) {
            moments = StreamMoments.of(trace());
        }
        return bases.computeIfAbsent(width, moments::basis);
    }

    private Cut cut(BertDesign design) {
        EncoderShape shape = design.shape();
        BertTrace matters = trace();
        PieceRows.Rows vocabulary = vocabularies.of(shape.vocabSize());
        BertCut cut = new BertCut(
                vocabulary.cut().kept(),
                shape.maxPositions(),
                design.layers(),
                design.layers().stream()
                        .map(layer -> matters.heads(layer, shape.numHeads()))
                        .toList(),
                design.layers().stream()
                        .map(layer -> matters.channels(layer, shape.intermediateSize()))
                        .toList(),
                BertCut.upTo(shape.hiddenSize()),
                matters.pooled(shape.hiddenSize()));
        StreamBasis basis = basis(shape.hiddenSize());
        BertCandidate candidate = new BertCandidate(source, cut, basis, vocabulary.cut(), healing());
        if (!cut.keepsEncoder(full) && matters.tokens() >= TOKENS_FOR_A_CHANNEL * full.intermediateSize()) {
            setup.ledger().addFlops(BertRefit.flops(full, cut.config(full), matters.tokens()));
            try {
                BertRefit.fit(candidate.store(), matters, cut, basis, vocabulary.row());
            } catch (RuntimeException failed) {
                candidate.close();
                throw failed;
            }
        }
        return candidate;
    }

    @Override
    public Recipe healing(Path cut) {
        // It is large, and only another target would need it again.
        forgetTrace();
        return faster.withModel(new ModelSpec.Pretrained(cut.toAbsolutePath().toString()))
                .withAugment(List.of())
                .withDistill(distill);
    }

    @Override
    public ShrinkReport.Network measure(Path runOrModel, double value, double test) {
        try (BertFolder opened = BertFolder.open(runOrModel)) {
            List<Encoded> train = opened.encode(texts.subList(0, labelledIds.size()));
            List<Encoded> validation = opened.encode(
                    inputs.data().validation().stream().map(Example::text).toList());
            TextScorer scorer = opened.scorer(Arithmetic.FP32);
            PredictionCost cost = PredictionCost.measure(
                    (from, to) -> scorer.logits(validation.subList(from, to)), validation.size(), setup.prices());
            BertConfig config = opened.model().config();
            Map<String, Long> sizes = new LinkedHashMap<>();
            sizes.put("layers", (long) config.numLayers());
            sizes.put("width", (long) config.hiddenSize());
            sizes.put("heads", (long) config.numHeads());
            sizes.put("feed_forward_width", (long) config.intermediateSize());
            sizes.put("vocabulary_rows", (long) config.vocabSize());
            long parameters = TextJobs.shape(config, opened.labels().size()).parameters();
            Size size = new Size(parameters, opened.flops(train) / train.size());
            return cost.network(opened.folder(), sizes, size, value, test);
        }
    }

    @Override
    public String unit() {
        return "text";
    }

    @Override
    public void close() {
        forgetTrace();
        source.close();
    }

    private void forgetTrace() {
        if (trace != null) {
            trace.close();
            trace = null;
        }
    }
}
