package dev.shoestring.plan;

import dev.shoestring.plan.Layout.Recompute;
import dev.shoestring.plan.Layout.Shard;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the fastest layout that fits, and with it what a job will take. */
public final class Planner {
    /** Share of a device's memory that a plan may fill. */
    static final double FILL = 0.97;

    private static final int[] TENSOR = {1, 2, 4, 8};
    private static final int[] PIPELINE = {1, 2, 4, 8, 16, 32};
    private static final int[] MICRO_BATCH = {1, 2, 4, 8, 16, 32, 64};
    private static final int MOST_DEVICES = 1 << 17;
    private static final double GIB = 1L << 30;

    private final Hardware hardware;

    /** Plans for this hardware. */
    public Planner(Hardware hardware) {
        this.hardware = hardware;
    }

    /** One way to run a job. */
    private record Candidate(Layout layout, MemoryParts memory, StepTime time) {}

    /**
     * The fastest way to run the job that fits.
     *
     * @throws InputException if nothing fits; the message says what would
     */
    public Plan plan(Workload job, Wishes wishes) {
        Candidate best = best(job, wishes, hardware.memory() * FILL)
                .orElseThrow(() -> new InputException(tooSmall(job, wishes)));
        return Plan.of(job, hardware, best.layout(), best.memory(), best.time(), largestMicroBatch(job, best.layout()));
    }

    /** As {@link #plan}, empty if nothing fits. */
    Optional<Plan> tryPlan(Workload job, Wishes wishes) {
        return tryPlan(job, wishes, 0);
    }

    /** As {@link #tryPlan}, with so many bytes of each device taken for something else. */
    Optional<Plan> tryPlan(Workload job, Wishes wishes, double taken) {
        return best(job, wishes, hardware.memory() * FILL - taken)
                .map(best -> Plan.of(
                        job,
                        hardware,
                        best.layout(),
                        best.memory(),
                        best.time(),
                        largestMicroBatch(job, best.layout())));
    }

    /** As {@link #plan}, for a layout that is known to have run, whether the prediction fits or not. */
    Plan assess(Workload job, Wishes wishes) {
        Candidate best = best(job, wishes, hardware.memory() * FILL)
                .or(() -> best(job, wishes, Double.MAX_VALUE))
                // A sequence may have been shared by several devices, which is not modelled.
                .or(() -> best(job, layouts(job, wishes, false), Double.MAX_VALUE))
                .orElseThrow(() -> new InputException(tooSmall(job, wishes)));
        return Plan.of(
                job,
                hardware,
                best.layout(),
                best.memory(),
                best.time(),
                best.layout().microBatch());
    }

    private Optional<Candidate> best(Workload job, Wishes wishes, double memory) {
        return best(job, layouts(job, wishes, true), memory);
    }

    private Optional<Candidate> best(Workload job, List<Layout> layouts, double memory) {
        Candidate best = null;
        for (Layout layout : layouts) {
            MemoryParts parts = MemoryParts.of(job, layout);
            if (parts.total() > memory) {
                continue;
            }
            Candidate candidate = new Candidate(layout, parts, StepTime.of(job, layout, hardware));
            // The first of equals is the simplest.
            if (best == null || candidate.time().total() < 0.999 * best.time().total()) {
                best = candidate;
            }
        }
        return Optional.ofNullable(best);
    }

    /** All layouts; if {@code strict}, those alone whose copies all have a whole micro-batch in each step. */
    private List<Layout> layouts(Workload job, Wishes wishes, boolean strict) {
        List<Layout> layouts = new ArrayList<>();
        ModelShape model = job.model();
        double sequences = Math.floor(job.batchTokens() / job.sequence() + 1e-6);
        for (int pipeline : choices(wishes.pipeline(), PIPELINE)) {
            for (int tensor : choices(wishes.tensor(), TENSOR)) {
                boolean near = wishes.tensor() != null || tensor <= hardware.devicesPerMachine();
                boolean divides = model.attention().heads() % tensor == 0;
                boolean whole = (long) wishes.devices() % ((long) tensor * pipeline) == 0;
                if (!whole || !near || !divides || pipeline > model.layers()) {
                    continue;
                }
                int data = wishes.devices() / (tensor * pipeline);
                for (Shard shard : shards(wishes.shard(), data)) {
                    for (Recompute recompute : recomputes(wishes.recompute())) {
                        for (int micro : choices(wishes.microBatch(), MICRO_BATCH)) {
                            if (!strict || (double) micro * data <= sequences) {
                                layouts.add(new Layout(wishes.devices(), tensor, pipeline, shard, recompute, micro));
                            }
                        }
                    }
                }
            }
        }
        return layouts;
    }

    private static int[] choices(@Nullable Integer given, int[] all) {
        return given == null ? all : new int[] {given};
    }

    private static List<Shard> shards(@Nullable Shard given, int data) {
        if (given != null) {
            return List.of(given);
        }
        return data == 1 ? List.of(Shard.NONE) : List.of(Shard.values());
    }

    private static List<Recompute> recomputes(@Nullable Recompute given) {
        return given == null ? List.of(Recompute.values()) : List.of(given);
    }

    private int largestMicroBatch(Workload job, Layout layout) {
        int fits = layout.microBatch();
        int tooMuch = 1 << 20;
        while (tooMuch - fits > 1) {
            int micro = fits + (tooMuch - fits) / 2;
            Layout larger = new Layout(
                    layout.devices(), layout.tensor(), layout.pipeline(), layout.shard(), layout.recompute(), micro);
            if (MemoryParts.of(job, larger).total() > hardware.memory() * FILL) {
                tooMuch = micro;
            } else {
                fits = micro;
            }
        }
        return fits;
    }

    /** The least that a device must hold, bytes; the largest double if there is no layout. */
    double leastMemory(Workload job, Wishes wishes) {
        return layouts(job, wishes, true).stream()
                .mapToDouble(layout -> MemoryParts.of(job, layout).total())
                .min()
                .orElse(Double.MAX_VALUE);
    }

    /** Why nothing fits, and what would. */
    private String tooSmall(Workload job, Wishes wishes) {
        double least = leastMemory(job, wishes.withoutMicroBatch());
        if (least == Double.MAX_VALUE) {
            return String.format(
                    Locale.ROOT,
                    "plan: no layout has %d processes with the given sizes: tensor × pipeline must divide the processes, "
                            + "the tensor size the %d heads, the pipeline has at most %d stages, and a step of %.0f tokens "
                            + "holds %.0f sequences of %d, one at least for each of processes / (tensor × pipeline) copies",
                    wishes.devices(),
                    job.model().attention().heads(),
                    job.model().layers(),
                    job.batchTokens(),
                    Math.floor(job.batchTokens() / job.sequence()),
                    job.sequence());
        }
        String message = String.format(
                Locale.ROOT,
                "plan: does not fit: %d × %s (%.1f GiB each) need at least %.1f GiB each",
                wishes.devices(),
                hardware.name(),
                hardware.memory() / GIB,
                least / GIB);
        List<String> remedies = new ArrayList<>();
        if (least < hardware.memory() * FILL) {
            remedies.add("a smaller --micro-batch or the planner's own choice");
        }
        for (int devices = wishes.devices() * 2; devices <= MOST_DEVICES && devices > 0; devices *= 2) {
            if (best(job, Wishes.devices(devices), hardware.memory() * FILL).isPresent()) {
                remedies.add("--processes " + devices);
                break;
            }
        }
        if (!job.frozen()) {
            Workload lora = new Workload(
                    job.model(),
                    job.sequence(),
                    job.tokens(),
                    job.batchTokens(),
                    job.precision(),
                    new Workload.Adaptation.Lora(16),
                    job.compiled(),
                    true,
                    job.production());
            if (best(lora, wishes.withoutMicroBatch(), hardware.memory() * FILL).isPresent()) {
                remedies.add("--adapt lora --chunked-loss");
            }
        }
        if (remedies.isEmpty()) {
            remedies.add("hardware with more memory (--on)");
        }
        return message + "; what fits: " + String.join(", or ", remedies);
    }
}
