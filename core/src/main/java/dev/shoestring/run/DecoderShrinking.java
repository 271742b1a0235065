package dev.shoestring.run;

import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.DecoderWeights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.LanguageSpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.ScheduleSpec;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.shrink.DecoderImportance;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.shrink.SmallerDecoders;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.NextToken;
import dev.shoestring.train.TokenRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Smaller networks out of a trained decoder of the Llama family: a prediction reads one row of {@code data.sequence_length} tokens. */
final class DecoderShrinking implements Shrinkable {
    private static final int TRIES = 3;
    private static final int CALIBRATION_STEPS = 4;
    private static final int CALIBRATION_ROWS = 4;

    /** Networks of a smaller share of the operations that are allowed are not tried: they have given up more than was asked. */
    private static final double NEEDLESSLY_SMALL = 0.8;

    /** A short healing takes at most this share of the steps of training the original. */
    private static final double BRIEF = 0.03;

    private static final int FEWEST_STEPS = 8;

    /** Rows on which predictions are timed. */
    private static final int TIMED = 256;

    private static final int TOGETHER = 64;

    private final ShrinkSetup setup;
    private final Recipe recipe;
    private final LanguageInputs inputs;
    private final @Nullable LanguageInputs own;
    private final DecoderConfig full;
    private final DecoderWeights weights;
    private final ParameterStore store;
    private final Decoder decoder;
    private final DecoderHealing healing;
    private final LanguageData data;
    private @Nullable DecoderImportance importance;

    private DecoderShrinking(
            ShrinkSetup setup,
            Recipe recipe,
            LanguageInputs inputs,
            @Nullable LanguageInputs own,
            DecoderWeights weights,
            ParameterStore store) {
        this.setup = setup;
        this.recipe = recipe;
        this.inputs = inputs;
        this.own = own;
        this.full = inputs.decoderConfig();
        this.weights = weights;
        this.store = store;
        this.decoder = new Decoder(full, store);
        this.data = DecoderHealing.data(inputs, full);
        this.healing = new DecoderHealing(
                recipe,
                inputs,
                data.validation(),
                TeacherReckoning.along(inputs.modelName()),
                Trainer.arithmetic(recipe.precision()),
                setup.listener(),
                setup.ledger());
    }

    /** The recipe of a network that goes on from {@code model} with all its weights trained, as far as it is read here. */
    static Recipe reading(Recipe recipe, Path model) {
        Path folder = RunFolder.modelOf(model);
        Recipe whole = recipe.adapt() instanceof AdaptSpec.Lora ? LanguageTechniques.withAllTrained(recipe) : recipe;
        LanguageSpec language =
                whole.language().withoutLengthWarmup().withNeftune(0).withoutZLoss();
        ScheduleSpec schedule = recipe.schedule();
        return whole.withModel(new ModelSpec.Pretrained(folder.toAbsolutePath().toString()))
                .withAdapt(new AdaptSpec.Full(false))
                // Weights that have been cooled down learn best where the rate falls from the first step on.
                .withSchedule(new ScheduleSpec(
                        ScheduleSpec.Kind.WARMUP_LINEAR,
                        schedule.epochs(),
                        schedule.warmup(),
                        ScheduleSpec.COOLDOWN,
                        schedule.minSteps()))
                .withLanguage(language);
    }

    /**
     * Opens the network that is cut.
     *
     * @param inputs what the recipe reads; its tokenizer may be another
     */
    static DecoderShrinking open(ShrinkSetup setup, LanguageInputs inputs) {
        Recipe recipe = reading(setup.recipe(), setup.original());
        boolean same =
                inputs.model() != null && inputs.modelName().equals(((ModelSpec.Pretrained) recipe.model()).from());
        LanguageInputs own = same ? null : LanguageInputs.of(recipe, setup.listener());
        try {
            LanguageInputs read = own == null ? inputs : own;
            read.awaitModel();
            return of(setup, recipe, read, own);
        } catch (RuntimeException refused) {
            if (own != null) {
                own.close();
            }
            throw refused;
        }
    }

    private static DecoderShrinking of(
            ShrinkSetup setup, Recipe recipe, LanguageInputs inputs, @Nullable LanguageInputs own) {
        ModelFiles files = Objects.requireNonNull(inputs.model());
        DecoderWeights weights = DecoderWeights.of(inputs.decoderConfig(), files.weights(), files.source());
        ParameterStore store = new ParameterStore(weights, 0);
        try {
            return new DecoderShrinking(setup, recipe, inputs, own, weights, store);
        } catch (RuntimeException refused) {
            store.close();
            weights.close();
            throw refused;
        }
    }

    @Override
    public void prepare() {
        if (full.vocabSize() > inputs.tokenizer().vocabularySize()) {
            setup.listener()
                    .message(String.format(
                            Locale.ROOT,
                            "rows of the vocabulary that the tokenizer has no piece for go: %,d of %,d",
                            full.vocabSize() - inputs.tokenizer().vocabularySize(),
                            full.vocabSize()));
        } else {
            setup.listener()
                    .message("the vocabulary stays: pieces of a byte-level BPE are made of each other, so a cut"
                            + " would split texts otherwise");
        }
    }

    /**
     * A candidate.
     *
     * @param of where it is cut out
     * @param config its sizes
     * @param layers the layers that it keeps
     */
    private record DecoderDesign(DecoderShrinking of, DecoderConfig config, List<Integer> layers) implements Design {
        @Override
        public String title() {
            return config.numLayers() + (config.numLayers() == 1 ? " layer, " : " layers, ") + config.hiddenSize()
                    + " wide, " + config.numHeads() + " heads (" + config.numKeyValueHeads()
                    + " of keys and values), feed-forward " + config.intermediateSize() + "; keeps layers " + layers;
        }

        @Override
        public Size size() {
            return of.size(config);
        }

        @Override
        public Object kin() {
            return List.of(config.numLayers(), config.hiddenSize());
        }

        @Override
        public Cut cut() {
            DecoderImportance matters = of.importance();
            return new DecoderCandidate(
                    of.store.all(), of.full, matters.cut(config, layers), matters, of.healing, of.briefSteps());
        }
    }

    @Override
    public double value() {
        return healing.value(decoder, Integer.MAX_VALUE);
    }

    private Size size(DecoderConfig config) {
        return new Size(config.parameters(), healing.flops(config));
    }

    @Override
    public Size size() {
        return size(full);
    }

    @Override
    public Size smallest() {
        return size(sizes().smallest());
    }

    private SmallerDecoders sizes() {
        return new SmallerDecoders(
                full,
                healing::flops,
                Math.min(full.vocabSize(), inputs.tokenizer().vocabularySize()));
    }

    private double rows() {
        return (double) data.stepsPerEpoch() * recipe.batch().global();
    }

    private int briefSteps() {
        long steps = recipe.schedule().steps(data.stepsPerEpoch());
        return (int) Math.max(FEWEST_STEPS, Math.min(Integer.MAX_VALUE, Math.round(BRIEF * steps)));
    }

    @Override
    public double originalTrainingFlops() {
        return recipe.schedule().epochs(data.stepsPerEpoch()) * rows() * 3 * healing.flops(full);
    }

    @Override
    public double passFlops(double predictionFlops, Path cut) {
        return rows() * (3 * predictionFlops + healing.flops(full));
    }

    private List<DecoderConfig> within(ShrinkTarget target) {
        double mostFlops =
                target.flops() == null ? Double.MAX_VALUE : target.flops().of(healing.flops(full));
        double mostParameters = target.parameters() == null
                ? Double.MAX_VALUE
                : target.parameters().of((double) full.parameters());
        return sizes().within(mostFlops, mostParameters);
    }

    @Override
    public boolean possible(ShrinkTarget target) {
        return !within(target).isEmpty();
    }

    @Override
    public List<Design> designs(ShrinkTarget target) {
        List<Design> designs = new ArrayList<>();
        List<DecoderConfig> within = within(target);
        double most = within.stream().mapToDouble(healing::flops).max().orElse(0);
        for (DecoderConfig config : within) {
            if (healing.flops(config) >= NEEDLESSLY_SMALL * most) {
                for (List<Integer> layers : SmallerDecoders.layers(importance().layers(), config.numLayers())) {
                    designs.add(new DecoderDesign(this, config, layers));
                }
            }
        }
        return designs;
    }

    private DecoderImportance importance() {
        if (importance == null) {
            importance = measured();
        }
        return importance;
    }

    /** Measures what matters on a small set of training rows. */
    private DecoderImportance measured() {
        setup.listener().message("measuring what matters");
        List<TokenRows> rows = new ArrayList<>();
        for (int step = 0; step < Math.min(CALIBRATION_STEPS, data.stepsPerEpoch()); step++) {
            for (TokenRows micro : data.batches().step(step)) {
                rows.addAll(micro.split(CALIBRATION_ROWS));
            }
        }
        double count = rows.stream().mapToInt(TokenRows::rows).sum();
        // Forward for the activations, forward and backward for the gates.
        setup.ledger().addFlops(4 * count * healing.flops(full));
        return DecoderImportance.measure(healing.objective(decoder), store, rows);
    }

    @Override
    public Recipe healing(Path cut) {
        return recipe.withModel(new ModelSpec.Pretrained(cut.toAbsolutePath().toString()))
                .withDistill(kept(cut));
    }

    private DistillSpec kept(Path cut) {
        return new TeacherReckoning(setup, recipe, inputs.modelName(), (long) rows()).cheapest(epochs(cut));
    }

    /** As the caller will reckon them. */
    private double epochs(Path cut) {
        Double asked = setup.settings().epochs();
        if (asked != null) {
            return asked;
        }
        double left = ShrinkWork.EFFORT * originalTrainingFlops()
                - setup.ledger().soFar().flops();
        return left / passFlops(healing.flops(config(cut)), cut);
    }

    private static DecoderConfig config(Path folder) {
        try (ModelFiles files = Models.open(folder.toString(), (what, done, total) -> {})) {
            return DecoderConfigs.read(files.config(), folder.toString());
        }
    }

    @Override
    public ShrinkReport.Network measure(Path runOrModel, double value, double test) {
        Recipe there = reading(recipe, runOrModel);
        String folder = ((ModelSpec.Pretrained) there.model()).from();
        DecoderConfig config = config(Path.of(folder));
        try (ModelFiles files = Models.open(folder, (what, done, total) -> {});
                DecoderWeights stored = DecoderWeights.of(config, files.weights(), folder);
                ParameterStore read = new ParameterStore(stored, 0, new ParameterStore.Storage(DType.FLOAT32, false))) {
            NextToken objective = healing.objective(new Decoder(config, read), Arithmetic.FP32);
            List<TokenRows> single = new ArrayList<>();
            for (TokenRows rows : data.validation().rows()) {
                single.addAll(rows.split(1));
            }
            List<TokenRows> some = single.subList(0, Math.min(TIMED, single.size()));
            PredictionCost cost = PredictionCost.measure(
                    (from, to) -> predict(objective, some.subList(from, to)), some.size(), setup.prices());
            Map<String, Long> sizes = new LinkedHashMap<>();
            sizes.put("layers", (long) config.numLayers());
            sizes.put("width", (long) config.hiddenSize());
            sizes.put("heads", (long) config.numHeads());
            sizes.put("key_value_heads", (long) config.numKeyValueHeads());
            sizes.put("feed_forward_width", (long) config.intermediateSize());
            sizes.put("vocabulary_rows", (long) config.vocabSize());
            sizes.put(
                    "parameters_without_embeddings",
                    config.parameters() - (config.tied() ? 1L : 2L) * config.vocabSize() * config.hiddenSize());
            return cost.network(Path.of(folder), sizes, size(config), value, test);
        }
    }

    private static void predict(NextToken objective, List<TokenRows> rows) {
        for (int from = 0; from < rows.size(); from += TOGETHER) {
            try (TensorScope scope = TensorScope.open()) {
                objective.lossSum(TokenRows.together(rows.subList(from, Math.min(rows.size(), from + TOGETHER))));
            }
        }
    }

    @Override
    public boolean dearToCut() {
        return false;
    }

    @Override
    public int tries() {
        return TRIES;
    }

    @Override
    public String unit() {
        return "row of tokens";
    }

    @Override
    public void close() {
        store.close();
        weights.close();
        if (own != null) {
            own.close();
        }
    }
}
