package dev.shoestring.run;

import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.cost.MachineProfile;
import dev.shoestring.cost.Processor;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.plan.Advice;
import dev.shoestring.plan.Hardware;
import dev.shoestring.plan.PlannedTeacher;
import dev.shoestring.plan.RecipePlan;
import dev.shoestring.plan.ThisMachine;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Precision;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import dev.shoestring.report.Figures;
import dev.shoestring.shrink.KeptAnswers;
import dev.shoestring.tensor.DType;
import dev.shoestring.train.Arithmetic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Predicts a run of a language model: counted work and traffic, divided by what {@code shoestring doctor} measured on this machine, or by
 * what a catalogue gives. Reads the texts, but tokenizes nothing and touches no native code of the network's.
 */
public final class LanguagePlanner {
    private static final double SPREAD = 1.8;
    private static final double SPREAD_UNMEASURED = 2.5;
    private static final double TOKENIZED_IN_A_SECOND = 4e6;
    private static final double ASSUMED_DISK = 300e6;
    private static final double GIB = 1L << 30;
    private static final double MB = 1 << 20;

    private final Recipe recipe;
    private final @Nullable Hardware hardware;
    private final @Nullable MachineProfile profile;
    private final String precision;
    private final DecoderConfig config;
    private final LanguageEstimate data;
    private final LanguagePace pace;
    private final boolean updates;
    private final long trained;
    private final MemoryPlan memory;
    private final @Nullable TokenTeacherSizes sizes;

    private LanguagePlanner(Recipe recipe, @Nullable Hardware hardware) {
        this.recipe = recipe;
        this.hardware = hardware;
        profile = hardware == null ? MachineProfile.load().orElse(null) : null;
        precision = precision();
        config = DecoderSizes.of(recipe);
        data = LanguageEstimate.of(recipe, config.vocabSize());
        pace = LanguagePace.of(config, recipe.language().sequenceLength(), precision, profile, hardware);
        updates = recipe.adapt() instanceof AdaptSpec.Lora;
        trained = DecoderSizes.trained(config, recipe.adapt());
        memory = memory(recipe);
        sizes = TokenTeacherSizes.of(recipe);
    }

    /**
     * Predicts a run, and that of the recipe that it begins from.
     *
     * @param hardware hardware of the catalogue; null means this machine
     * @throws InputException if it does not fit into memory, or data or model cannot be read
     */
    public static RecipePlan plan(Recipe recipe, @Nullable Hardware hardware) {
        @Nullable Recipe before = DecoderSizes.before(recipe);
        @Nullable RecipePlan first = before == null ? null : plan(before, hardware);
        return new LanguagePlanner(recipe, hardware).plan(first);
    }

    private String precision() {
        if (recipe.precision() != Precision.AUTO) {
            return recipe.precision().name().toLowerCase(Locale.ROOT);
        }
        boolean bf16 = hardware != null
                ? hardware.has("bf16")
                : profile != null
                        ? profile.prefersBf16()
                        : !Processor.instructionSets(Set.of("avx512_bf16", "amx_bf16", "bf16"))
                                .isEmpty();
        return bf16 ? "bf16" : "fp32";
    }

    private MemoryPlan memory(Recipe wanted) {
        return MemoryPlan.of(wanted, config, precision.equals("bf16") ? Arithmetic.BF16 : Arithmetic.FP32, trained);
    }

    private RecipePlan plan(@Nullable RecipePlan first) {
        requireFit();
        int row = recipe.language().sequenceLength();
        int global = recipe.batch().global();
        double rows = data.tokens() / (row * data.filled());
        double perEpoch = Math.max(1, Math.floor(rows / global));
        double steps = recipe.schedule().steps((long) perEpoch);
        double epochs = steps / perEpoch;
        DecoderFlops counts = LanguageJobs.flops(config);
        int[] lengths = {(int) Math.max(1, Math.round(data.textTokens()))};
        double learned = data.losses() / Math.max(1, data.tokens());
        double forward = each(counts, lengths, learned);
        double step = (updates ? 2 : 3) * forward;
        double again = memory.checkpointing() ? each(counts, lengths, 0) : 0;
        double seen = steps * global * row * data.filled();
        double slots = steps * global * row;
        Map<String, Double> parts = new LinkedHashMap<>();
        parts.put("tokenizing, unless it is cached", data.bytes() / TOKENIZED_IN_A_SECOND);
        parts.put("products of the steps", pace.products(seen * (step + again)));
        parts.put(
                "what is bound by memory",
                pace.traffic(slots, slots * learned) + (memory.checkpointing() ? pace.forwardTraffic(slots, 0) : 0));
        double micros = Math.ceil((double) global / recipe.batch().micro());
        double starts = steps * micros * pace.starts();
        boolean muon = recipe.optimizer().kind() == OptimizerSpec.Kind.MUON && !updates;
        double optimizer = steps * (pace.optimizer((double) trained) + (muon ? pace.orthogonalization() : 0));
        parts.put("starts of operations, optimizer", starts + optimizer);
        double evaluations = Math.max(1, Math.round(epochs * recipe.stop().evaluationsPerEpoch()))
                + (recipe.model() instanceof ModelSpec.Pretrained ? 1 : 0);
        double held = evaluations * data.held();
        double heldLearned = data.heldLosses() / Math.max(1, data.held());
        parts.put(
                "evaluation",
                pace.products(held * each(counts, lengths, heldLearned))
                        + pace.forwardTraffic(held, held * heldLearned));
        parts.put("checkpoints", 2 * 16.0 * trained / (profile == null ? ASSUMED_DISK : profile.diskWrite()));
        double flops = seen * (step + again);
        @Nullable PlannedTeacher teacher = sizes == null ? null : teacher(sizes, perEpoch, steps, lengths, learned);
        if (teacher != null) {
            parts.put("the teacher", teacher.seconds());
            flops += teacher.flops();
        }
        double once = sizes == null || teacher == null || sizes.along() ? 0 : teacher.seconds();
        double repeated = once
                + data.bytes() / TOKENIZED_IN_A_SECOND
                + 2 * 16.0 * trained / (profile == null ? ASSUMED_DISK : profile.diskWrite());
        Sharing sharing = new Sharing(
                starts,
                repeated,
                optimizer,
                global,
                moments(),
                first == null ? 0 : first.seconds().middle(),
                first == null ? "" : first.name() + ", which runs first, is not in these times: plan it by itself.");
        if (first != null) {
            parts.put("first: " + first.name(), first.seconds().middle());
            flops += first.flops();
        }
        return new PlanDraft(
                        recipe,
                        hardware,
                        basis(),
                        precision,
                        config.parameters(),
                        trained,
                        "rows",
                        rows,
                        row,
                        steps,
                        flops,
                        parts.values().stream().mapToDouble(Double::doubleValue).sum(),
                        profile == null && hardware == null ? SPREAD_UNMEASURED : SPREAD,
                        parts,
                        memoryParts(),
                        teacher,
                        advice(epochs, teacher),
                        sharing)
                .priced();
    }

    /** What the teacher does: it reads along, or every row of the first epoch once, unless its answers are there. */
    private PlannedTeacher teacher(
            TokenTeacherSizes sizes, double perEpoch, double steps, int[] lengths, double learned) {
        @Nullable String file = sizes.spec().scores();
        boolean known = file != null && Files.isRegularFile(Path.of(file));
        double read = file == null ? steps : known ? 0 : Math.min(steps, perEpoch);
        double slots = read * recipe.batch().global() * recipe.language().sequenceLength();
        double tokens = slots * data.filled();
        double flops = tokens * each(LanguageJobs.flops(sizes.config()), lengths, learned);
        LanguagePace its =
                LanguagePace.of(sizes.config(), recipe.language().sequenceLength(), precision, profile, hardware);
        double micros =
                Math.ceil((double) recipe.batch().global() / recipe.batch().micro());
        double kept =
                file == null ? 0 : keptBytes(tokens * learned, sizes.spec().topK());
        double seconds = its.products(flops)
                + its.forwardTraffic(slots, slots * learned)
                + read * micros * its.forwardStarts()
                + kept / (profile == null ? ASSUMED_DISK : profile.diskWrite());
        String how = file == null
                ? String.format(Locale.ROOT, "reads along, each row %.2f times", steps / perEpoch)
                : known
                        ? "its answers are taken from " + file + " if they are of these rows, and computed again if not"
                        : String.format(
                                Locale.ROOT,
                                "reads each row once; its %d likeliest pieces after each token are kept, %,.0f MB in %s",
                                sizes.spec().topK(),
                                kept / MB,
                                file);
        return new PlannedTeacher(how, sizes.config().parameters(), flops, seconds, memory.teacherBytes());
    }

    private static double keptBytes(double losses, int pieces) {
        return losses * pieces * KeptAnswers.BYTES;
    }

    private static Advice keptAnswers(double epochs, PlannedTeacher teacher) {
        double saved = 1 - 1 / epochs;
        return new Advice(
                "distill.scores: the teacher's answers kept",
                epochs > 1 ? Advice.Verdict.PAYS : Advice.Verdict.DOES_NOT_PAY,
                epochs > 1
                        ? Figures.quantity(saved * teacher.flops(), "FLOP") + " and "
                                + Figures.duration(saved * teacher.seconds()) + " less, for the "
                                + DistillSpec.TOP_K + " likeliest pieces after each token alone"
                        : "no row comes twice",
                "counted");
    }

    /** Operations of a forward pass for a token. */
    private static double each(DecoderFlops counts, int[] lengths, double learned) {
        // A loss for every token, less what has none.
        double all = counts.forward(lengths, lengths[0]);
        double none = counts.forward(lengths, 0);
        return (none + learned * (all - none)) / lengths[0];
    }

    private void requireFit() {
        double room = hardware != null ? hardware.memory() : ThisMachine.memory();
        if (memory.bytes() > room) {
            throw new InputException(String.format(
                    Locale.ROOT,
                    "plan: does not fit: %.1f GiB are predicted with batch.micro %d and data.sequence_length %d, but there are"
                            + " %.1f GiB; set a smaller batch.micro, which divides batch.global and changes no result but"
                            + " rounding, or adapt: lora, or take a smaller model",
                    memory.bytes() / GIB,
                    recipe.batch().micro(),
                    recipe.language().sequenceLength(),
                    room / GIB));
        }
    }

    private Map<String, Double> memoryParts() {
        Map<String, Double> parts = new LinkedHashMap<>();
        double weights = memory.weightBytes();
        double optimizer = memory.trainedBytes();
        parts.put("weights", weights);
        parts.put("gradients and optimizer", optimizer);
        parts.put("Java, libraries, activations, scores", memory.bytes() - weights - optimizer - memory.teacherBytes());
        if (memory.teacherBytes() > 0) {
            parts.put("the teacher", (double) memory.teacherBytes());
        }
        return parts;
    }

    private double moments() {
        boolean narrow = memory.storage().trained() && memory.storage().type() == DType.BFLOAT16;
        return memory.trainedBytes() - (narrow ? 2.0 : 4.0) * trained;
    }

    private String basis() {
        String speed = hardware != null
                ? "speed from the catalogue, a small network's"
                : profile != null
                        ? "speed from the product and the bandwidth that doctor measured on " + profile.measuredAt()
                        : "speed assumed: shoestring doctor measures this machine and narrows this down";
        return data.basis() + "; " + speed;
    }

    private List<Advice> advice(double epochs, @Nullable PlannedTeacher teacher) {
        List<Advice> advice = new ArrayList<>();
        if (sizes != null
                && teacher != null
                && sizes.along()
                && recipe.task() == Task.LANGUAGE_MODEL
                && sizes.spec().hiddenWeight() == 0) {
            advice.add(keptAnswers(epochs, teacher));
        }
        boolean fresh = recipe.model() instanceof ModelSpec.FreshDecoder;
        if (fresh && recipe.optimizer().kind() != OptimizerSpec.Kind.MUON) {
            advice.add(new Advice(
                    "Muon for the matrices of the blocks",
                    Advice.Verdict.TRY,
                    "fewer steps to the same loss",
                    "modded-nanogpt's speed runs; shoestring savings measures it here"));
        }
        if (!fresh && !updates) {
            advice.add(new Advice(
                    "adapt: lora",
                    Advice.Verdict.TRY,
                    "a third fewer operations a step, gradients and moments of a hundredth of the numbers",
                    "counted; whether the loss is as good, shoestring savings measures"));
        }
        if (fresh && recipe.language().lengthWarmup() == null && recipe.task() == Task.LANGUAGE_MODEL) {
            advice.add(new Advice(
                    "sequence_warmup",
                    Advice.Verdict.TRY,
                    "shorter rows at first: less attention",
                    "arXiv 2108.06084; at rows of a few hundred tokens attention is little"));
        }
        if (memory.checkpointing()) {
            advice.add(new Advice(
                    "blocks kept instead of computed again",
                    Advice.Verdict.TRY,
                    "a quarter less time where memory allows it: a smaller batch.micro",
                    "counted"));
        }
        return advice;
    }
}
