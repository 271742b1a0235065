package dev.shoestring.plan;

import dev.shoestring.cost.Link;
import dev.shoestring.cost.Ring;
import dev.shoestring.plan.Layout.Shard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The ways to spread a language model over many devices: what each copy keeps (ZeRO, arXiv 1910.02054), tensor and pipeline parallelism as
 * Megatron-LM has them (arXiv 2104.04473), and local steps of machines by themselves (DiLoCo, arXiv 2311.08105). Each in the fastest layout that fits.
 */
public final class LanguageModelWays {
    private static final double GIB = 1L << 30;
    private static final double FLOAT = 4;

    private final Workload job;
    private final Hardware hardware;
    private final Planner planner;
    private final Spread spread;
    private final Wishes wishes;
    private final int localSteps;

    private LanguageModelWays(Workload job, Hardware hardware, Spread spread, Wishes wishes, int localSteps) {
        this.job = job;
        this.hardware = hardware;
        this.planner = new Planner(hardware);
        this.spread = spread;
        this.wishes = wishes;
        this.localSteps = localSteps;
    }

    /**
     * The ways for so many devices.
     *
     * @param hardware with the machines and the network that are meant
     * @param spread the same in words
     * @param wishes of these, devices, recomputation and micro-batch are kept
     * @param localSteps steps of a machine by itself
     */
    public static Ways of(Workload job, Hardware hardware, Spread spread, Wishes wishes, int localSteps) {
        return new LanguageModelWays(job, hardware, spread, wishes, localSteps).ways();
    }

    private Ways ways() {
        List<Way> all = new ArrayList<>();
        all.add(data("gradients in every step", Shard.NONE));
        all.add(data("optimizer sharded (ZeRO-1)", Shard.OPTIMIZER));
        all.add(data("weights sharded (ZeRO-3, FSDP)", Shard.FULL));
        all.add(parallel());
        int machines = wishes.devices() / hardware.devicesPerMachine();
        if (machines > 1 && machines * hardware.devicesPerMachine() == wishes.devices()) {
            all.add(local(machines));
        }
        double alone = planner.tryPlan(job, Wishes.devices(1))
                .map(plan -> plan.seconds().middle())
                .orElse(Double.NaN);
        double sequences = Math.floor(job.batchTokens() / job.sequence() + 1e-6);
        List<String> notes = List.of(String.format(
                Locale.ROOT,
                "A step of %,.0f tokens has %,.0f sequences: at most so many copies, %.3g for each device.",
                job.batchTokens(),
                sequences,
                sequences / wishes.devices()));
        Hardware.Price price = hardware.price();
        return new Ways(spread, alone, localSteps, all, price == null ? "USD" : price.currency(), notes);
    }

    /** Data parallelism alone. */
    private Way data(String name, Shard shard) {
        return way(name, new Wishes(wishes.devices(), 1, 1, shard, wishes.recompute(), wishes.microBatch()), planner);
    }

    private Way way(String name, Wishes wanted, Planner by) {
        Optional<Plan> plan = by.tryPlan(job, wanted);
        return plan.map(found -> possible(name, Way.Effect.NONE, found, 0, 0, 0))
                .orElseGet(() -> refused(name, Way.Effect.NONE, by.leastMemory(job, wanted.withoutMicroBatch())));
    }

    /** Matrices shared within a machine, blocks among machines; what fits of both, and is fastest. */
    private Way parallel() {
        String name = "tensor, pipeline, ZeRO-1";
        List<Way> all = new ArrayList<>();
        for (int tensor : new int[] {2, 4, 8}) {
            all.add(way(
                    name,
                    new Wishes(
                            wishes.devices(), tensor, null, Shard.OPTIMIZER, wishes.recompute(), wishes.microBatch()),
                    planner));
        }
        return all.stream()
                .filter(Way::possible)
                .min(Comparator.comparingDouble(Way::seconds))
                .orElse(all.get(all.size() - 1));
    }

    private static Way refused(String name, Way.Effect effect, double least) {
        return least == Double.MAX_VALUE
                ? Way.refused(name, effect, Double.NaN, "not a whole sequence for each copy")
                : Way.refused(
                        name,
                        effect,
                        least,
                        String.format(Locale.ROOT, "does not fit: %.1f GiB at least", least / GIB));
    }

    /** Each machine trains by itself on its share of the batch; devices of the same place exchange their share of the changes. */
    private Way local(int machines) {
        String name = localSteps + " local steps of each machine";
        Workload own = job.withBatchTokens(job.batchTokens() / machines);
        Wishes inside =
                new Wishes(hardware.devicesPerMachine(), null, null, null, wishes.recompute(), wishes.microBatch());
        double numbers = job.trained() / hardware.devicesPerMachine();
        double kept = 2 * FLOAT * numbers;
        Optional<Plan> plan = planner.tryPlan(own, inside, kept);
        if (plan.isEmpty()) {
            return refused(name, Way.Effect.OTHER, planner.leastMemory(own, inside.withoutMicroBatch()));
        }
        Link network = new Link(hardware.network(), hardware.networkLatency());
        Ring ring = new Ring(machines, machines, network, network);
        double bytes = FLOAT * numbers;
        return possible(
                name,
                Way.Effect.OTHER,
                plan.get(),
                ring.allReduce(bytes) / localSteps,
                ring.sentByAllReduce(bytes) / localSteps,
                kept);
    }

    private Way possible(String name, Way.Effect effect, Plan plan, double outer, double sent, double kept) {
        double step = plan.step().total() + outer;
        double seconds = job.tokens() / job.batchTokens() * step;
        Hardware.Price price = hardware.price();
        double devices = wishes.devices();
        double hours = seconds * devices / 3600;
        return new Way(
                name,
                effect,
                seconds,
                plan.memory().total() + kept,
                Exchange.of(plan.job(), plan.layout(), hardware).sent()
                        + StepTime.sentByTensors(
                                plan.job(),
                                plan.layout(),
                                plan.job().batchTokens() / plan.layout().devices())
                        + sent,
                (plan.step().communication() + outer) / step,
                price == null ? Double.NaN : hours * price.perHour(),
                TransformerFlops.of(job.model(), job.sequence()).training(job)
                        * job.tokens()
                        / (seconds * devices * hardware.peakOf(job.precision())),
                plan.layout().inWords(),
                null);
    }
}
