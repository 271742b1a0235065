package dev.shoestring.plan;

import dev.shoestring.cost.Link;
import dev.shoestring.cost.Ring;

/**
 * What the data-parallel copies of a language model exchange in a step: gradients, and weights where those are sharded. In 16 bits where
 * products are.
 *
 * @param ring a copy's part with its likes in the other copies
 * @param gradients bytes of gradients of a device, before data parallelism divides them
 * @param gathered bytes of weights that are gathered in a step beyond once
 * @param collectives calls in a step, each of which waits for its latency
 */
record Exchange(Ring ring, double gradients, double gathered, double collectives) {
    /** Numbers in a bucket, and for each copy: Megatron-LM's rule, for more copies take longer to say anything at all. */
    private static final double BUCKET = 40e6;

    private static final double BUCKET_FOR_A_COPY = 1e6;

    static Exchange of(Workload job, Layout layout, Hardware hardware) {
        double width = job.precision().equals("fp32") ? 4 : 2;
        double split = (double) layout.tensor() * layout.pipeline();
        double trained = job.trained() / split;
        double blocks = (double) job.model().layers() / layout.pipeline();
        double micros = StepTime.microBatches(job, layout);
        double gathered = 0;
        double collectives = 2 * Math.ceil(trained / Math.max(BUCKET, BUCKET_FOR_A_COPY * layout.data()));
        if (layout.shard() == Layout.Shard.FULL) {
            gathered = width * job.model().parameters() / split * (job.frozen() ? 2 : 1) * micros;
            // Each block by itself: its weights, twice, and its gradients.
            collectives = blocks * (2 * micros + 1);
        }
        return new Exchange(ring(layout, hardware), width * trained, gathered, collectives);
    }

    /** A ring of the copies; those of one machine share what leads out of it with the other rings. */
    private static Ring ring(Layout layout, Hardware hardware) {
        int copies = layout.data();
        int together = Math.min(copies, Math.max(1, hardware.devicesPerMachine() / layout.tensor()));
        boolean one = layout.devices() <= hardware.devicesPerMachine();
        int machines = one ? 1 : (copies + together - 1) / together;
        Link network = new Link(hardware.network(), hardware.networkLatency()).times(one ? 1 : together);
        return new Ring(copies, machines, new Link(hardware.link(), hardware.linkLatency()), network);
    }

    /** Seconds in which nothing else could go on. */
    double seconds() {
        if (ring.members() == 1) {
            return 0;
        }
        double bytes = 2 * gradients + gathered;
        return ring.sentByGather(bytes) / ring.slowest() / Ring.REACHED + collectives * ring.latency();
    }

    /** Bytes that a device sends to the other copies in a step. */
    double sent() {
        return ring.sentByGather(2 * gradients + gathered);
    }
}
