package dev.shoestring.plan;

import dev.shoestring.cost.Link;
import dev.shoestring.cost.Ring;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What of a recipe's run processes can share. The gradients' bytes, the messages of each step and what is done twice are those of this
 * library's own processes (docs/concepts/distributed.md): what is sent while the backward pass goes on is added in full, each step's processes agree on it and add up
 * what they did, and local steps say nothing between exchanges.
 *
 * @param divided seconds in one process that has a machine to itself, which processes divide: products, traffic, evaluation
 * @param starts seconds of starting operations one after the other, which processes divide wherever they are
 * @param repeated seconds that each spends: reading, checkpoints
 * @param optimizer seconds of the optimizer, which each does over all numbers unless its state is sharded
 * @param steps optimizer steps
 * @param examples examples or rows in a step: no more processes than these
 * @param numbers numbers that are trained and sent
 * @param memory peak of one process, bytes
 * @param moments of that, the optimizer's state
 * @param room memory of a machine or device, bytes
 * @param pricePerSecond of one machine or device; NaN without a price
 * @param currency ISO 4217 code
 * @param localSteps the recipe's local steps; 1 if it has none
 * @param note what is left out, in a sentence; empty if nothing is
 */
public record SharedWork(
        double divided,
        double starts,
        double repeated,
        double optimizer,
        double steps,
        double examples,
        double numbers,
        double memory,
        double moments,
        double room,
        double pricePerSecond,
        String currency,
        int localSteps,
        String note) {
    /** Steps between exchanges where a recipe has none: as many as were measured. */
    public static final int USUAL_LOCAL_STEPS = 20;

    private static final double FLOAT = 4;
    private static final double BFLOAT = 2;

    /** A few numbers on which the processes agree: only their way counts. */
    private static final double MESSAGE = 64;

    /** Share of the speed without a network at which a network is fast enough. */
    private static final double ENOUGH = 0.9;

    /** Seconds in one process. */
    double alone() {
        return divided + starts + repeated + optimizer;
    }

    /** The ways to share it. */
    public Ways ways(Spread spread) {
        return ways(spread, localSteps > 1 ? localSteps : USUAL_LOCAL_STEPS);
    }

    /** The ways to share it, with so many local steps. */
    public Ways ways(Spread spread, int local) {
        Ring ring = spread.ring();
        double message = ring.allReduce(MESSAGE);
        List<Way> all = new ArrayList<>();
        double single = FLOAT * numbers;
        double half = BFLOAT * numbers;
        all.add(way(
                spread,
                "gradients in every step",
                Way.Effect.NONE,
                ring.allReduce(single) + 2 * message,
                ring.sentByAllReduce(single),
                1,
                memory + single));
        all.add(way(
                spread,
                "optimizer sharded (ZeRO-1)",
                Way.Effect.NONE,
                2 * ring.gather(single) + 2 * message,
                2 * ring.sentByGather(single),
                spread.processes(),
                memory + single - moments * (1 - 1.0 / spread.processes())));
        all.add(way(
                spread,
                "gradients in bf16",
                Way.Effect.ROUNDED,
                ring.allReduce(half) + 2 * message,
                ring.sentByAllReduce(half),
                1,
                memory + half));
        // Beside each parameter the one that all had last, its momentum, and for a moment the change.
        all.add(way(
                spread,
                local + " local steps",
                Way.Effect.OTHER,
                (ring.allReduce(single) + message) / local,
                ring.sentByAllReduce(single) / local,
                1,
                memory + 3 * single));
        all.add(way(
                spread,
                local + " local steps, bf16",
                Way.Effect.OTHER,
                (ring.allReduce(half) + message) / local,
                ring.sentByAllReduce(half) / local,
                1,
                memory + 2 * single + half));
        return new Ways(spread, alone(), local, all, currency, notes(spread, ring, message));
    }

    private Way way(
            Spread spread, String name, Way.Effect effect, double exchange, double sent, int optimizers, double bytes) {
        double together = spread.coresShared() ? spread.onAMachine() : 1;
        if (spread.processes() > examples) {
            return Way.refused(
                    name,
                    effect,
                    bytes,
                    String.format(Locale.ROOT, "a step has %.0f examples: no more processes than that", examples));
        }
        if (bytes * together > room) {
            return Way.refused(name, effect, bytes, "does not fit");
        }
        double communication = steps * exchange;
        double seconds = quiet(spread, optimizers) + communication;
        return new Way(
                name,
                effect,
                seconds,
                bytes,
                sent,
                communication / seconds,
                seconds * pricePerSecond * (spread.coresShared() ? spread.machines() : spread.processes()),
                Double.NaN,
                "",
                null);
    }

    /** Seconds if the network cost nothing. */
    private double quiet(Spread spread, int optimizers) {
        double together = spread.coresShared() ? spread.onAMachine() : 1;
        return divided * together / spread.processes()
                + starts / spread.processes()
                + repeated
                + optimizer * together / optimizers;
    }

    /** From which network on gradients in every step are no burden. */
    private List<String> notes(Spread spread, Ring ring, double message) {
        List<String> notes = new ArrayList<>();
        if (!note.isEmpty()) {
            notes.add(note);
        }
        String network = network(spread, ring, message);
        if (!network.isEmpty()) {
            notes.add(network);
        }
        return notes;
    }

    private String network(Spread spread, Ring ring, double message) {
        if (spread.machines() == 1) {
            return spread.coresShared()
                    ? "On one machine the processes share its cores: they gain only that operations start in each at the"
                            + " same time."
                    : "";
        }
        double mayTake = quiet(spread, 1) / steps * (1 / ENOUGH - 1) - 2 * message - 2 * ring.latency();
        if (mayTake <= 0) {
            return String.format(
                    Locale.ROOT,
                    "No bandwidth would let gradients in every step reach %.1f of the speed without a network: the"
                            + " delays alone take %.0f ms of a step.",
                    ENOUGH,
                    1000 * (2 * message + 2 * ring.latency()));
        }
        double rate = ring.sentByAllReduce(FLOAT * numbers) / mayTake / Ring.REACHED;
        return String.format(
                Locale.ROOT,
                "Gradients in every step reach %.1f of the speed without a network from %s on.",
                ENOUGH,
                new Link(rate, spread.network().latency()).inWords());
    }
}
