package dev.shoestring.run;

import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.cost.MachineProfile;
import dev.shoestring.cost.Processor;
import dev.shoestring.hub.Models;
import dev.shoestring.models.BertConfig;
import dev.shoestring.plan.Advice;
import dev.shoestring.plan.Hardware;
import dev.shoestring.plan.PlannedTeacher;
import dev.shoestring.plan.RecipePlan;
import dev.shoestring.plan.TextEstimate;
import dev.shoestring.plan.ThisMachine;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Precision;
import dev.shoestring.recipe.Recipe;
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
 * Predicts a run of text classification: exact counts of the work, divided by the rates that {@code shoestring doctor} measured on
 * this machine, or that a catalogue gives for other hardware. Touches no native code.
 */
public final class ClassifierPlanner {
    private static final String MINILM = "all-minilm-l6-v2";
    private static final double PROBE_WIDTH = 384;
    private static final double DEVICE_CONTEXT = 1.5e9;
    private static final double GIB = 1L << 30;

    /** Tokens of the longest texts against the mean. */
    private static final double LONGEST = 4.5;

    // Without a profile: what two cores of a recent server processor were seen to do, a core.
    private static final double ASSUMED_FP32 = 30e9;
    private static final double ASSUMED_BF16 = 75e9;
    private static final double ASSUMED_HEAD_STEP = 1.5e-3;
    private static final double ASSUMED_BANDWIDTH = 10e9;
    private static final double ASSUMED_DISK = 300e6;
    private static final double ASSUMED_RESIDENT = 400e6;

    // A small network on a GPU waits for its kernels to be launched.
    private static final double KERNELS_IN_A_LAYER = 120;
    private static final double LAUNCH_SECONDS = 7e-6;
    private static final double SMALL_PRODUCTS = 0.3;

    /** Bytes that an optimizer's step reads and writes for each number. */
    private static final double OPTIMIZER_BYTES = 48;

    private final Recipe recipe;
    private final @Nullable Hardware hardware;
    private final @Nullable MachineProfile profile;
    private final TextEstimate data;
    private final String precision;

    private ClassifierPlanner(Recipe recipe, @Nullable Hardware hardware) {
        this.recipe = recipe;
        this.hardware = hardware;
        this.profile = hardware == null ? MachineProfile.load().orElse(null) : null;
        this.data = TextEstimate.of(recipe.data());
        this.precision = precision();
    }

    /**
     * Predicts a run.
     *
     * @param hardware hardware of the catalogue; null means this machine
     */
    public static RecipePlan plan(Recipe recipe, @Nullable Hardware hardware) {
        return new ClassifierPlanner(recipe, hardware).plan();
    }

    private String precision() {
        if (recipe.precision() != Precision.AUTO) {
            return recipe.precision().name().toLowerCase(Locale.ROOT);
        }
        if (hardware != null) {
            return hardware.has("bf16") ? "bf16" : "fp32";
        }
        boolean bf16 = profile == null
                ? !Processor.instructionSets(Set.of("avx512_bf16", "amx_bf16", "bf16"))
                        .isEmpty()
                : profile.prefersBf16();
        return bf16 ? "bf16" : "fp32";
    }

    private RecipePlan plan() {
        if (recipe.model() instanceof ModelSpec.FreshBagOfWords words) {
            return bagOfWords(words);
        }
        EncoderShape shape = shape();
        EncoderFlops flops = new EncoderFlops(shape);
        @Nullable DistillSpec distill = recipe.distill();
        double learnt = data.train() + (distill == null ? 0 : distill.unlabelled());
        double perEpoch = Math.ceil(learnt / recipe.batch().global());
        double steps = recipe.schedule().steps((long) perEpoch);
        double examples = steps / perEpoch * learnt;
        double forward = each(flops::forward);
        boolean head = recipe.adapt() instanceof AdaptSpec.Head;
        double step = head
                ? each(lengths -> flops.training(lengths, EncoderFlops.Trained.HEAD_ON_CACHED_FEATURES))
                : each(lengths -> flops.training(lengths, TextJobs.muonShare(recipe, 1)));
        double features = head ? (data.train() + data.validation()) * each(flops::features) : 0;
        double evaluations = evaluations();
        Map<String, Double> parts = new LinkedHashMap<>();
        long trained = trained(shape);
        Map<String, Double> memory = memory(shape, trained);
        @Nullable PlannedTeacher teacher = null;
        double repeated = 0;
        if (distill != null) {
            EncoderShape ofTeacher = teacherShape(distill);
            double read = readingAlong(distill, ofTeacher, examples);
            teacher = teacher(distill, ofTeacher, shape, learnt, read, memory);
            parts.put(read > 0 ? "the teacher" : "the teacher's answers, once", teacher.seconds());
            memory.put("the teacher", teacher.bytes());
            step += read > 0 ? each(flops::relationsTraining) : 0;
            repeated = teacher.seconds() - read / forwardRate(ofTeacher);
        }
        if (head) {
            parts.put("features, once", features / forwardRate(shape));
            parts.put("steps of the head", steps * headStep());
        } else {
            parts.put("training steps", training(shape, examples * step, steps));
            parts.put("evaluation", evaluations * data.validation() * forward / forwardRate(shape));
        }
        parts.put("checkpoints", (evaluations + 1) * 16.0 * trained / disk());
        double sum = parts.values().stream().mapToDouble(Double::doubleValue).sum();
        requireFit(shape, trained, total(memory));
        return result(
                shape.parameters(),
                trained,
                steps,
                examples * step
                        + (teacher == null ? 0 : teacher.flops())
                        + (head ? data.train() * each(flops::features) : 0),
                sum,
                parts,
                memory,
                teacher,
                advice(shape),
                head ? null : sharing(shape, trained, steps, parts.getOrDefault("checkpoints", 0.0) + repeated));
    }

    /** Numbers of the matrices of which Muon keeps one sum, where AdamW keeps two moments. */
    private double orthogonal(EncoderShape shape) {
        double width = shape.hiddenSize();
        return recipe.optimizer().kind() == OptimizerSpec.Kind.MUON
                ? shape.layers() * (4 * width * width + 2 * width * shape.intermediateSize())
                : 0;
    }

    private Sharing sharing(EncoderShape shape, long trained, double steps, double repeated) {
        double bandwidth = hardware != null
                ? hardware.bandwidth()
                : profile == null ? ASSUMED_BANDWIDTH : profile.memoryBandwidth();
        return new Sharing(
                0,
                repeated,
                steps * OPTIMIZER_BYTES * trained / bandwidth,
                recipe.batch().global(),
                8.0 * trained - 4.0 * orthogonal(shape),
                0,
                "");
    }

    /** Refuses what does not fit, and says what would. */
    private void requireFit(EncoderShape shape, long trained, double needed) {
        double room = hardware != null ? hardware.memory() : ThisMachine.memory();
        if (needed <= room) {
            return;
        }
        int micro = recipe.batch().micro();
        double left = room - (needed - total(memory(shape, trained)));
        while (micro > 1 && total(memory(shape, trained, micro)) > left) {
            micro /= 2;
        }
        boolean fits = total(memory(shape, trained, micro)) <= left;
        throw new InputException(String.format(
                Locale.ROOT,
                "plan: does not fit: %.1f GiB are predicted with batch.micro %d, but there are %.1f GiB; what fits: %s",
                needed / GIB,
                recipe.batch().micro(),
                room / GIB,
                fits ? "batch.micro: " + micro : "hardware with more memory (--on), or a smaller model"));
    }

    private static double total(Map<String, Double> parts) {
        return parts.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private RecipePlan bagOfWords(ModelSpec.FreshBagOfWords words) {
        long parameters = (long) words.buckets() * 16 + 16L * data.labels();
        Map<String, Double> parts = new LinkedHashMap<>();
        parts.put("training", 0.3 + data.train() * 6e-5);
        Map<String, Double> memory = new LinkedHashMap<>();
        memory.put("Java", 180e6 + data.train() * 4000);
        List<Advice> advice = List.of();
        double sum = parts.values().stream().mapToDouble(Double::doubleValue).sum();
        return result(parameters, parameters, 0, data.train() * 4e4, sum, parts, memory, null, advice, null);
    }

    private RecipePlan result(
            long parameters,
            long trained,
            double steps,
            double flops,
            double seconds,
            Map<String, Double> parts,
            Map<String, Double> memory,
            @Nullable PlannedTeacher teacher,
            List<Advice> advice,
            @Nullable Sharing sharing) {
        double spread = profile != null ? 1.15 : 2.5;
        return new PlanDraft(
                        recipe,
                        hardware,
                        basis(),
                        precision,
                        parameters,
                        trained,
                        "examples",
                        data.train(),
                        data.meanTokens(),
                        steps,
                        flops,
                        seconds,
                        spread,
                        parts,
                        memory,
                        teacher,
                        advice,
                        sharing)
                .priced();
    }

    private String basis() {
        if (hardware != null) {
            return data.basis() + "; speed from the catalogue, a small network's launches counted";
        }
        return profile != null
                ? data.basis() + "; speed as doctor measured it on " + profile.measuredAt()
                : data.basis() + "; speed assumed: shoestring doctor measures this machine and narrows this down";
    }

    private EncoderShape shape() {
        int labels = data.labels();
        if (recipe.model() instanceof ModelSpec.FreshBert fresh) {
            return new EncoderShape(
                    30_522,
                    fresh.layers(),
                    fresh.hiddenSize(),
                    fresh.numHeads(),
                    fresh.intermediateSize(),
                    512,
                    2,
                    labels);
        }
        String from = ((ModelSpec.Pretrained) recipe.model()).from();
        if (from.toLowerCase(Locale.ROOT).contains(MINILM)) {
            return new EncoderShape(30_522, 6, 384, 12, 1536, 512, 2, labels);
        }
        try (var files = Models.open(from, (what, done, total) -> {})) {
            return TextJobs.shape(BertConfig.of(files.config(), files.source()), labels);
        }
    }

    /**
     * What the teacher does, which is closed before gradients, moments and activations come.
     *
     * @param learnt texts that are learnt from
     * @param training memory of training, bytes
     */
    private PlannedTeacher teacher(
            DistillSpec distill,
            EncoderShape teacher,
            EncoderShape student,
            double learnt,
            double read,
            Map<String, Double> training) {
        @Nullable String file = distill.scores();
        boolean known = file != null && Files.isRegularFile(Path.of(file));
        EncoderFlops counted = new EncoderFlops(teacher);
        double answers = known ? 0 : learnt * each(counted::forward);
        boolean along = read > 0;
        boolean fitted = distill.hiddenWeight() > 0 && teacher.hiddenSize() != student.hiddenSize();
        double fitting = fitted
                ? Math.min(learnt, DistilledTexts.FITTED_FOR_EACH_CHANNEL * student.hiddenSize())
                        * each(new EncoderFlops(student)::forward)
                : 0;
        double later =
                training.getOrDefault("gradients and optimizer", 0.0) + training.getOrDefault("activations", 0.0);
        double network = (hardware != null ? 1.0 : 3.0) * Float.BYTES * teacher.parameters();
        // What only answers is gone before the memory of the steps is taken; what reads along stays.
        double weights = along ? network : known ? 0 : Math.max(0, network - later);
        double kept = learnt * (teacher.labels() + teacher.hiddenSize()) * Float.BYTES;
        return new PlannedTeacher(
                (known
                                ? "its answers are taken from " + file
                                        + " if they are to these texts, and computed again if not"
                                : "answers each text once, before the first step")
                        + (along ? "; then reads along for its attention's relations" : ""),
                teacher.parameters(),
                answers + read + fitting,
                (answers + read) / forwardRate(teacher) + fitting / forwardRate(student),
                kept + weights);
    }

    /** Operations of a teacher that reads each text whenever the student does, for its attention's relations; each process those of its own texts. */
    private double readingAlong(DistillSpec distill, EncoderShape teacher, double examples) {
        if (distill.relations().weight() == 0) {
            return 0;
        }
        int asked = distill.relations().layer();
        int layer = (asked > 0 ? Math.min(asked, teacher.layers()) : teacher.layers()) - 1;
        EncoderFlops counted = new EncoderFlops(teacher);
        return examples * each(lengths -> counted.relations(lengths, layer));
    }

    private EncoderShape teacherShape(DistillSpec distill) {
        Path folder = RunFolder.modelOf(Path.of(distill.teacher()));
        return TextJobs.shape(BertConfig.of(TextClassifier.config(folder), folder.toString()), data.labels());
    }

    private interface OfLengths {
        double count(int[] lengths);
    }

    /** A count for one example of mean length. */
    private double each(OfLengths count) {
        int whole = (int) Math.max(1, Math.round(data.meanTokens()));
        return count.count(new int[] {whole}) * data.meanTokens() / whole;
    }

    private long trained(EncoderShape shape) {
        if (recipe.adapt() instanceof AdaptSpec.Head) {
            return shape.headParameters();
        }
        boolean frozen = recipe.adapt() instanceof AdaptSpec.Full full && full.freezeWordEmbeddings();
        return shape.parameters() - (frozen ? (long) shape.vocabSize() * shape.hiddenSize() : 0);
    }

    private double evaluations() {
        return Math.max(1, Math.round(recipe.schedule().epochs() * recipe.stop().evaluationsPerEpoch()));
    }

    private double training(EncoderShape shape, double flops, double steps) {
        double embedding = trained(shape) == shape.parameters() ? denseEmbedding(shape) * steps : 0;
        if (hardware != null) {
            double launches = steps * shape.layers() * KERNELS_IN_A_LAYER * LAUNCH_SECONDS;
            return Math.max(flops / gpuRate(), launches);
        }
        return flops / rate(profile == null ? null : profile.encoderStep().get(precision), shape) + embedding;
    }

    /** Seconds in which the optimizer goes over a word embedding that is trained: gradient, two moments, weight, read and written. */
    private double denseEmbedding(EncoderShape shape) {
        double bandwidth = profile == null ? ASSUMED_BANDWIDTH : profile.memoryBandwidth();
        return 36.0 * shape.vocabSize() * shape.hiddenSize() / bandwidth;
    }

    private double forwardRate(EncoderShape shape) {
        return hardware != null
                ? gpuRate()
                : rate(profile == null ? null : profile.encoderForward().get(precision), shape);
    }

    private double gpuRate() {
        return hardware == null ? 1 : hardware.peakOf(precision) * hardware.sustained() * SMALL_PRODUCTS;
    }

    /** The probe's rate; a wider network comes nearer to the ceiling. */
    private double rate(@Nullable Double measured, EncoderShape shape) {
        int cores = Runtime.getRuntime().availableProcessors();
        double assumed = cores * (precision.equals("bf16") ? ASSUMED_BF16 : ASSUMED_FP32);
        double probe = measured == null ? assumed : measured;
        if (shape.hiddenSize() <= PROBE_WIDTH || profile == null) {
            return probe;
        }
        double ceiling = 0.8 * profile.matrixProduct().getOrDefault(precision, probe);
        return Math.max(probe, Math.min(ceiling, probe * Math.sqrt(shape.hiddenSize() / PROBE_WIDTH)));
    }

    private double headStep() {
        return profile == null ? ASSUMED_HEAD_STEP : profile.headStepSeconds();
    }

    private double disk() {
        return profile == null ? ASSUMED_DISK : profile.diskWrite();
    }

    private Map<String, Double> memory(EncoderShape shape, long trained) {
        return memory(shape, trained, recipe.batch().micro());
    }

    private Map<String, Double> memory(EncoderShape shape, long trained, int micro) {
        Map<String, Double> memory = new LinkedHashMap<>();
        double weights = 4.0 * shape.parameters();
        // The longest texts share a batch.
        double longest = Math.min(recipe.data().maxTokens(), LONGEST * data.meanTokens());
        double rows = Math.min(micro, data.train()) * longest;
        double perToken = shape.layers() * (10.0 * shape.hiddenSize() + 3.0 * shape.intermediateSize());
        double width = precision.equals("bf16") ? 3 : 4;
        boolean device = hardware != null;
        memory.put(
                device ? "driver, kernels" : "Java and libraries",
                device ? DEVICE_CONTEXT : profile == null ? ASSUMED_RESIDENT : profile.residentBytes());
        memory.put(device ? "weights" : "weights, and their file", (device ? 1 : 3) * weights);
        memory.put("gradients and optimizer", 12.0 * trained - 4.0 * orthogonal(shape));
        memory.put(device ? "best weights" : "best weights and checkpoint", (device ? 4.0 : 8.0) * trained);
        memory.put(
                "activations",
                recipe.adapt() instanceof AdaptSpec.Head ? 64 * 64 * perToken : 2 * rows * perToken * width);
        if (!device) {
            memory.put("texts and Java heap", heap());
        }
        return memory;
    }

    /** What the collector leaves lying: measured on the bundled recipes with 1,000 to 20,000 texts. */
    private double heap() {
        double few = Math.min(data.train(), 6000);
        return 440e6 + 50e3 * few + 15e3 * (data.train() - few);
    }

    private List<Advice> advice(EncoderShape shape) {
        List<Advice> advice = new ArrayList<>();
        advice.add(new Advice(
                "the bag of words first",
                recipe.baseline() ? Advice.Verdict.PAYS : Advice.Verdict.TRY,
                "seconds; if it reaches the target nothing more is trained",
                "README: 0.71 with 6,000 labels in 0.6 s"));
        boolean head = recipe.adapt() instanceof AdaptSpec.Head;
        if (recipe.model() instanceof ModelSpec.FreshBert) {
            advice.add(new Advice(
                    "start from a pre-trained encoder",
                    Advice.Verdict.PAYS,
                    "as good with a tenth to a twentieth of the labels",
                    "README: 2,000 labels beat 20,000 from scratch"));
        } else if (!head) {
            advice.add(new Advice(
                    "train the head alone on cached features",
                    data.train() <= 1000 ? Advice.Verdict.TRY : Advice.Verdict.DOES_NOT_PAY,
                    "a fifth of the time, 0.09 lower accuracy at 6,000 labels",
                    "README, measured"));
            boolean frozen = trained(shape) < shape.parameters();
            advice.add(new Advice(
                    "freeze the word embeddings",
                    Advice.Verdict.PAYS,
                    frozen
                            ? "already on"
                            : String.format(
                                    Locale.ROOT,
                                    "about %.0f%% less time at equal accuracy",
                                    100 * embeddingShare(shape)),
                    "ENGINE.md's reference: 95 s to 75 s"));
        }
        if (precision.equals("fp32")) {
            boolean bf16 = (profile != null && profile.prefersBf16()) || (hardware != null && hardware.has("bf16"));
            advice.add(new Advice(
                    "bf16 mixed precision",
                    bf16 ? Advice.Verdict.PAYS : Advice.Verdict.DOES_NOT_PAY,
                    bf16 ? "about twice the speed at equal accuracy" : "no bf16 in hardware here",
                    profile == null ? "catalogue" : "doctor, measured on this machine"));
        }
        return advice;
    }

    private double embeddingShare(EncoderShape shape) {
        double step = each(lengths -> new EncoderFlops(shape).training(lengths, EncoderFlops.Trained.ALL))
                * recipe.batch().global()
                / rate(profile == null ? null : profile.encoderStep().get(precision), shape);
        return denseEmbedding(shape) / (step + denseEmbedding(shape));
    }
}
