package dev.shoestring.run;

import dev.shoestring.adapt.DecoderParameterGroups;
import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.cost.Ledger;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderWeights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Schedule;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.DecoderImportance;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.shrink.SmallerDecoders;
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
import java.util.Objects;

/**
 * Smaller networks out of a trained decoder: which sizes fit a limit, how good each is right after it was cut, and after a short healing. What is learnt
 * from are rows of the training split, and what is judged by are those of the validation split; no other is read.
 */
final class DecoderShrinking implements AutoCloseable {
    private static final int CALIBRATION_STEPS = 4;
    private static final int CALIBRATION_ROWS = 4;
    private static final int QUICK_BATCHES = 4;

    /** Networks of a smaller share of the operations that are allowed are not tried: they have given up more than was asked. */
    private static final double NEEDLESSLY_SMALL = 0.8;

    private final Recipe recipe;
    private final LanguageInputs inputs;
    private final DistillSpec distill;
    private final Arithmetic arithmetic;
    private final RunListener listener;
    private final Ledger ledger;
    private final DecoderConfig full;
    private final DecoderWeights weights;
    private final ParameterStore store;
    private final Decoder decoder;

    /**
     * Opens the network that is cut.
     *
     * @param recipe how candidates are trained; its model is the network that is cut
     * @param distill how candidates heal
     * @param ledger the work is added to it
     */
    DecoderShrinking(
            Recipe recipe,
            LanguageInputs inputs,
            DistillSpec distill,
            Arithmetic arithmetic,
            RunListener listener,
            Ledger ledger) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.distill = distill;
        this.arithmetic = arithmetic;
        this.listener = listener;
        this.ledger = ledger;
        this.full = inputs.decoderConfig();
        var files = Objects.requireNonNull(inputs.model());
        this.weights = DecoderWeights.of(full, files.weights(), files.source());
        this.store = new ParameterStore(weights, 0);
        this.decoder = new Decoder(full, store);
    }

    /**
     * A candidate's sizes and layers.
     *
     * @param config its sizes
     * @param layers the layers that it keeps
     */
    record Design(DecoderConfig config, List<Integer> layers) {
        String title() {
            return config.numLayers() + (config.numLayers() == 1 ? " layer, " : " layers, ") + config.hiddenSize()
                    + " wide, " + config.numHeads() + " heads (" + config.numKeyValueHeads() + " of keys), feed-forward "
                    + config.intermediateSize() + "; keeps layers " + layers;
        }
    }

    DecoderConfig full() {
        return full;
    }

    /** Floating-point operations of reading a row and scoring what follows each of its tokens. */
    double flops(DecoderConfig config) {
        int length = recipe.language().sequenceLength();
        return LanguageJobs.flops(config).forward(new int[] {length}, length);
    }

    /** Sizes that fit limits, in terms of the original's. */
    SmallerDecoders sizes() {
        return new SmallerDecoders(
                full, this::flops, Math.min(full.vocabSize(), inputs.tokenizer().vocabularySize()));
    }

    private List<DecoderConfig> within(ShrinkTarget target) {
        double mostFlops = target.flops() == null ? Double.MAX_VALUE : target.flops().of(flops(full));
        double mostParameters = target.parameters() == null
                ? Double.MAX_VALUE
                : target.parameters().of((double) full.parameters());
        return sizes().within(mostFlops, mostParameters);
    }

    /** Whether any network is as small as a target. */
    boolean possible(ShrinkTarget target) {
        return !within(target).isEmpty();
    }

    /** The candidates within a target, in no particular order. */
    List<Design> designs(ShrinkTarget target, DecoderImportance importance) {
        List<Design> designs = new ArrayList<>();
        List<DecoderConfig> within = within(target);
        double most = within.stream().mapToDouble(this::flops).max().orElse(0);
        for (DecoderConfig config : within) {
            if (flops(config) >= NEEDLESSLY_SMALL * most) {
                for (List<Integer> layers : SmallerDecoders.layers(importance.layers(), config.numLayers())) {
                    designs.add(new Design(config, layers));
                }
            }
        }
        return designs;
    }

    private LanguageData data(DecoderConfig config) {
        RowAssembly assembly = new RowAssembly(
                LanguageJobs.flops(config),
                DecoderFlops.Trained.ALL,
                false,
                distill.scores() == null ? LanguageJobs.flops(full) : null);
        return (LanguageData) inputs.text().pack(inputs, assembly);
    }

    private NextToken objective(Decoder of) {
        int chunk = MemoryPlan.of(recipe, of.config(), arithmetic, of.config().parameters())
                .lossChunk();
        return new NextToken(
                new DecoderPass(of, arithmetic, false, 0), new TokenLoss(of, arithmetic, chunk, 0));
    }

    /** Measures what matters on a small set of training rows. */
    DecoderImportance importance() {
        List<TokenRows> rows = new ArrayList<>();
        LanguageData data = data(full);
        for (int step = 0; step < Math.min(CALIBRATION_STEPS, data.stepsPerEpoch()); step++) {
            for (TokenRows micro : data.batches().step(step)) {
                rows.addAll(micro.split(CALIBRATION_ROWS));
            }
        }
        double tokens = rows.stream().mapToDouble(TokenRows::weight).sum();
        ledger.addFlops(4 * tokens * flops(full) / recipe.language().sequenceLength());
        return DecoderImportance.measure(objective(decoder), store, rows);
    }

    /** Cuts a candidate out. */
    DecoderCandidate cut(Design design, DecoderImportance importance) {
        return new DecoderCandidate(
                store.all(), full, importance.cut(design.config(), design.layers()), importance);
    }

    /** The loss of the original on the validation split, nats a token. */
    double value() {
        return value(decoder, Integer.MAX_VALUE);
    }

    /** The loss of a candidate on the validation split. */
    double value(DecoderCandidate candidate) {
        return value(candidate.decoder(), Integer.MAX_VALUE);
    }

    /** As {@link #value}, on a part of the split. */
    double quickValue(DecoderCandidate candidate) {
        return value(candidate.decoder(), QUICK_BATCHES);
    }

    private double value(Decoder of, int most) {
        List<TokenRows> all = data(of.config()).validation().rows();
        int every = Math.max(1, all.size() / Math.min(most, all.size()));
        List<TokenRows> some = new ArrayList<>();
        double tokens = 0;
        for (int i = 0; i < all.size() && some.size() < most; i += every) {
            some.add(all.get(i));
            tokens += all.get(i).weight();
        }
        ledger.addFlops(tokens * flops(of.config()) / recipe.language().sequenceLength());
        return Objects.requireNonNull(
                LanguageData.measured(new LanguageSplit(some, 0), objective(of), Division.none()).loss());
    }

    /** Trains a candidate for so many steps on the original's answers, and says why it ended. */
    StopReason heal(DecoderCandidate candidate, int steps, RunControl control) {
        NextToken plain = objective(candidate.decoder());
        LanguageWork<TokenRows> work = new DistilledTokens(
                        recipe.withSchedule(recipe.schedule().lasting(1)), inputs, arithmetic, listener, distill)
                .work(data(candidate.decoder().config()), plain.pass(), plain.loss());
        try (Optimizer optimizer = DecoderParameterGroups.optimizer(
                candidate.store().trainable(), recipe.optimizer(), MemorySpec.Moments.FP32)) {
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

    @Override
    public void close() {
        store.close();
        weights.close();
    }
}
