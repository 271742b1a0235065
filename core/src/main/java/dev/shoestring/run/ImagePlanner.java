package dev.shoestring.run;

import dev.shoestring.cost.LayerCounter;
import dev.shoestring.cost.MachineProfile;
import dev.shoestring.data.ImageCount;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.models.ImageShapes;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Predicts a run of image classification: exact counts of the work, divided by a share of the convolution's rate that {@code shoestring doctor}
 * measured here, or that a catalogue gives. Touches no native code.
 */
public final class ImagePlanner {
    /** Share of the convolution's rate that convolutions of a training step reach; this and the next fitted on fashion and mnist. */
    private static final double SHARE = 0.7;

    /** Times that each byte that a layer puts out is read or written, forward and backward, augmentation and optimizer included. */
    private static final double PASSES = 38;

    /** Share of a step's traffic that a forward pass has. */
    private static final double FORWARD = 0.3;

    private static final double SPREAD = 1.3;
    private static final double SPREAD_UNMEASURED = 3;
    private static final double ASSUMED_FP32 = 60e9;
    private static final double ASSUMED_BF16 = 150e9;
    private static final double ASSUMED_BANDWIDTH = 15e9;
    private static final double ASSUMED_RESIDENT = 400e6;
    private static final double HEAP = 350e6;
    private static final double DEVICE_CONTEXT = 1.5e9;
    private static final double SMALL_PRODUCTS = 0.15;
    private static final double GIB = 1L << 30;
    private static final int DEFAULT_SIZE = 64;

    /** A convolution's output, its normalized and its activated form, and the gradients of two of them. */
    private static final double KEPT_COPIES = 4;

    /** Share of a network's layer outputs that a pass without gradients holds at once, assumed. */
    private static final double HELD = 0.3;

    /** Bytes that an optimizer's step reads and writes for each number. */
    private static final double OPTIMIZER_BYTES = 48;

    private final Recipe recipe;
    private final @Nullable Hardware hardware;
    private final @Nullable MachineProfile profile;
    private final ImageCount data;
    private final String precision;

    private ImagePlanner(Recipe recipe, @Nullable Hardware hardware) {
        this.recipe = recipe;
        this.hardware = hardware;
        this.profile = hardware == null ? MachineProfile.load().orElse(null) : null;
        this.data = ImageCount.of(recipe.data());
        this.precision = precision();
    }

    /**
     * Predicts a run.
     *
     * @param hardware hardware of the catalogue; null means this machine
     */
    public static RecipePlan plan(Recipe recipe, @Nullable Hardware hardware) {
        return new ImagePlanner(recipe, hardware).plan();
    }

    private String precision() {
        if (recipe.precision() != Precision.AUTO) {
            return recipe.precision().name().toLowerCase(Locale.ROOT);
        }
        boolean bf16 = hardware != null ? hardware.has("bf16") : profile == null || profile.prefersBf16();
        return bf16 ? "bf16" : "fp32";
    }

    private RecipePlan plan() {
        ImageConfig config = config();
        int size = config.size();
        LayerCounter counter = ImageNetworks.count(config, size, data.labels());
        boolean head = recipe.adapt() instanceof AdaptSpec.Head;
        double perEpoch = Math.ceil(data.train() / recipe.batch().global());
        double steps = recipe.schedule().steps((long) perEpoch);
        double epochs = steps / perEpoch;
        double seen = data.train() * epochs;
        double selective = recipe.images().selectiveBackprop();
        double each = counter.training(0) * selective + (selective < 1 ? counter.forward() : 0);
        if (recipe.images().progressive() != null) {
            // The work goes with the area; its mean while the side grows linearly.
            double from = recipe.images().progressive().from();
            double until = recipe.images().progressive().until();
            each *= until * (1 + from + from * from) / 3 + 1 - until;
        }
        double evaluations = Math.max(1, epochs * recipe.stop().evaluationsPerEpoch());
        double views = recipe.images().testTimeAugmentation() ? 6 : 1;
        double rate = rate();
        Map<String, Double> parts = new LinkedHashMap<>();
        double flops;
        @Nullable PlannedTeacher teacher = null;
        if (head) {
            flops = data.train() * counter.forward();
            parts.put(
                    "features, once",
                    (data.train() + data.validation()) * (counter.forward() / rate + FORWARD * traffic(counter)));
            parts.put("steps of the head", steps * (profile == null ? 1.5e-3 : profile.headStepSeconds()));
        } else {
            flops = seen * each;
            parts.put("convolutions", flops / rate);
            parts.put("what is bound by memory", flops / counter.training(0) * traffic(counter));
            teacher = teacher(seen);
            if (teacher != null) {
                flops += teacher.flops();
                parts.put("the teacher's answers", teacher.seconds());
            }
            parts.put(
                    "evaluation",
                    evaluations * data.validation() * views * (counter.forward() / rate + FORWARD * traffic(counter)));
        }
        long trained = head ? (long) counter.lastLayer() : counter.parameters();
        Map<String, Double> memory =
                memory(counter, trained, Math.min(recipe.batch().micro(), data.train()));
        if (teacher != null) {
            memory.put("the teacher", teacher.bytes());
        }
        double room = hardware != null ? hardware.memory() : ThisMachine.memory();
        double needed = total(memory);
        if (needed > room) {
            throw new InputException(String.format(
                    Locale.ROOT,
                    "plan: does not fit: %.1f GiB are predicted with batch.micro %d, but there are %.1f GiB; set a smaller "
                            + "batch.micro, which divides batch.global and changes no result but rounding",
                    needed / GIB,
                    recipe.batch().micro(),
                    room / GIB));
        }
        return new PlanDraft(
                        recipe,
                        hardware,
                        basis(),
                        precision,
                        counter.parameters(),
                        trained,
                        "images",
                        data.train(),
                        0,
                        steps,
                        flops,
                        total(parts),
                        profile != null || hardware != null ? SPREAD : SPREAD_UNMEASURED,
                        parts,
                        memory,
                        teacher,
                        advice(head),
                        head ? null : sharing(trained, steps, teacher))
                .priced();
    }

    /** What the teacher does for so many images that are seen. */
    private @Nullable PlannedTeacher teacher(double seen) {
        @Nullable LayerCounter counter = teacherCounter();
        if (counter == null) {
            return null;
        }
        boolean once = DistilledImages.once(recipe);
        double answers = once ? data.train() : seen;
        double width = precision.equals("bf16") ? 2 : 4;
        double passes = once ? 0 : Math.min(recipe.batch().micro(), data.train()) * counter.outputs() * width * HELD;
        return new PlannedTeacher(
                once
                        ? "answers each image once, before the first step"
                        : String.format(
                                Locale.ROOT, "answers each image as it is augmented, %.2f times", seen / data.train()),
                counter.parameters(),
                answers * counter.forward(),
                answers * (counter.forward() / rate() + FORWARD * traffic(counter)),
                Float.BYTES * counter.parameters() + passes);
    }

    private @Nullable LayerCounter teacherCounter() {
        @Nullable DistillSpec distill = recipe.distill();
        if (distill == null) {
            return null;
        }
        String folder = RunFolder.modelOf(Path.of(distill.teacher())).toString();
        try (ModelFiles files = Models.open(folder, (what, done, total) -> {})) {
            ImageConfig config = ImageNetworks.read(files.config(), files.source());
            int size = files.config().path(ImageClassifier.SIZE).asInt(config.size());
            return ImageNetworks.count(config, size, data.labels());
        }
    }

    private Sharing sharing(long trained, double steps, @Nullable PlannedTeacher teacher) {
        boolean muon = recipe.optimizer().kind() == OptimizerSpec.Kind.MUON;
        return new Sharing(
                0,
                teacher != null && DistilledImages.once(recipe) ? teacher.seconds() : 0,
                steps * OPTIMIZER_BYTES * trained / bandwidth(),
                recipe.batch().global(),
                (muon ? 4.0 : 8.0) * trained,
                0,
                "");
    }

    private static double total(Map<String, Double> parts) {
        return parts.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private ImageConfig config() {
        @Nullable Integer size = recipe.images().size();
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained) {
            try (ModelFiles files = Models.open(pretrained.from(), (what, done, total) -> {})) {
                ImageConfig stored = ImageNetworks.read(files.config(), files.source());
                return stored.sized(size == null ? ImageInputs.defaultSize(stored) : size);
            }
        }
        ModelSpec.FreshImageNetwork fresh = (ModelSpec.FreshImageNetwork) recipe.model();
        int own = data.size() == null ? DEFAULT_SIZE : data.size();
        List<Double> half = new ArrayList<>();
        for (int c = 0; c < data.channels(); c++) {
            half.add(0.5);
        }
        ImageConfig whole = new ImageConfig(
                fresh.architecture(),
                data.channels(),
                size == null ? own : size,
                half,
                half,
                fresh.width(),
                1e-5,
                false);
        return ImageShapes.shaped(whole, fresh.blocks(), fresh.channels(), "model.");
    }

    private double rate() {
        if (hardware != null) {
            return hardware.peakOf(precision) * hardware.sustained() * SMALL_PRODUCTS;
        }
        double assumed =
                Runtime.getRuntime().availableProcessors() * (precision.equals("bf16") ? ASSUMED_BF16 : ASSUMED_FP32);
        return SHARE * (profile == null ? assumed : profile.convolution().getOrDefault(precision, assumed));
    }

    /** Seconds in which an image's layer outputs go to memory and back in a training step. */
    private double traffic(LayerCounter counter) {
        double width = precision.equals("bf16") ? 2 : 4;
        return counter.outputs() * width * PASSES / bandwidth();
    }

    private double bandwidth() {
        return hardware != null
                ? hardware.bandwidth()
                : profile == null ? ASSUMED_BANDWIDTH : profile.memoryBandwidth();
    }

    private String basis() {
        String speed = hardware != null
                ? "speed from the catalogue, a small network's"
                : profile != null
                        ? "speed from the convolution that doctor measured on " + profile.measuredAt()
                        : "speed assumed: shoestring doctor measures this machine and narrows this down";
        return data.basis() + "; " + speed;
    }

    private Map<String, Double> memory(LayerCounter counter, long trained, double images) {
        Map<String, Double> memory = new LinkedHashMap<>();
        boolean device = hardware != null;
        memory.put(
                device ? "driver, kernels" : "Java and libraries",
                device ? DEVICE_CONTEXT : profile == null ? ASSUMED_RESIDENT : profile.residentBytes());
        memory.put("weights, gradients, optimizer, best weights", 4.0 * counter.parameters() + 16.0 * trained);
        double width = precision.equals("bf16") ? 2 : 4;
        memory.put("activations", images * counter.outputs() * width * KEPT_COPIES);
        if (!device) {
            memory.put("images and Java heap", HEAP + data.heldBytes());
        }
        return memory;
    }

    private List<Advice> advice(boolean head) {
        List<Advice> advice = new ArrayList<>();
        boolean scratch = recipe.model() instanceof ModelSpec.FreshImageNetwork;
        boolean few = data.train() < 200.0 * data.labels();
        if (scratch && few) {
            advice.add(new Advice(
                    "start from a pre-trained network",
                    Advice.Verdict.TRY,
                    "photographs with few images a label; on Fashion-MNIST its head took a thirtieth of the time, at 5 points less",
                    "docs/concepts/images.md, measured with 10 and 30 images a label"));
        }
        if (!scratch && !head) {
            advice.add(new Advice(
                    "train the head alone on cached features",
                    Advice.Verdict.TRY,
                    "a thirtieth of the time; 4 points less accurate on Fashion-MNIST",
                    "docs/concepts/images.md, measured with 10 and 30 images a label"));
        }
        if (scratch && recipe.optimizer().kind() != OptimizerSpec.Kind.MUON) {
            advice.add(new Advice(
                    "Muon for the convolutions",
                    Advice.Verdict.TRY,
                    "fewer epochs to the same accuracy",
                    "airbench, arXiv 2404.00498: 0.36 to 0.29 PFLOP on CIFAR-10"));
        }
        if (recipe.augment().isEmpty() && !head) {
            advice.add(new Advice(
                    "mirroring and small shifts",
                    Advice.Verdict.TRY,
                    "on Fashion-MNIST, 18 instead of 21 s to 0.895",
                    "docs/experiments.md, one ladder with one seed"));
        }
        return advice;
    }
}
