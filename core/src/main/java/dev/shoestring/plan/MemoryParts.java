package dev.shoestring.plan;

/**
 * Memory of one device while it trains, in bytes.
 *
 * @param weights weights, with the 16-bit copies that mixed precision makes
 * @param gradients gradients
 * @param optimizer the optimizer's state
 * @param activations what the forward pass keeps for the backward pass
 * @param logits the output layer's results and their gradients
 * @param buffers of communication: gathered weights and buckets
 * @param runtime driver, kernels, libraries, and memory that the allocator cannot use
 */
public record MemoryParts(
        double weights,
        double gradients,
        double optimizer,
        double activations,
        double logits,
        double buffers,
        double runtime) {
    private static final double CONTEXT = 1.5e9;
    private static final double FRAGMENTS = 0.04;
    private static final double CHUNKS = 8;
    private static final double BUCKETS = 0.5e9;

    /** All together. */
    public double total() {
        return weights + gradients + optimizer + activations + logits + buffers + runtime;
    }

    /**
     * Memory of the device that holds most. Mixed precision keeps fp32 weights, gradients and two AdamW moments beside the 16-bit
     * copies; a frozen network is held in the precision of its arithmetic.
     */
    static MemoryParts of(Workload job, Layout layout) {
        ModelShape model = job.model();
        double split = (double) layout.tensor() * layout.pipeline();
        double copies = layout.data();
        double own = share(model, layout, copies);
        double bytes = width(job);
        double weights;
        double gradients;
        double optimizer;
        double buffers = layout.devices() > 1 ? BUCKETS : 0;
        double shared = layout.shard() == Layout.Shard.FULL ? copies : 1;
        if (job.frozen()) {
            double trained = job.trained() / split;
            weights = own * bytes / shared + trained * 4;
            gradients = trained * 4;
            optimizer = trained * 8;
        } else {
            double halved = bytes < 4 && layout.shard() != Layout.Shard.FULL ? bytes : 0;
            weights = own * (4 + halved) / shared;
            gradients = own * 4 / shared;
            optimizer = own * 8 / (layout.shard() == Layout.Shard.NONE ? 1 : copies);
        }
        if (shared > 1) {
            double block = (double) model.blockMatrices(false) / model.layers() / layout.tensor();
            double ends = (double) model.vocabularyMatrix() / layout.tensor();
            buffers = 2 * bytes * (block + ends);
        }
        double rows = (double) layout.microBatch() * job.sequence();
        double activations = activations(job, layout, rows);
        double logits = logits(job, rows) / layout.tensor();
        double sum = weights + gradients + optimizer + activations + logits + buffers;
        return new MemoryParts(weights, gradients, optimizer, activations, logits, buffers, CONTEXT + FRAGMENTS * sum);
    }

    /**
     * Parameters of the fullest device before sharding: a whole number of blocks, and one end of the network, or both without a pipeline;
     * experts are spread over the data-parallel copies.
     */
    private static double share(ModelShape model, Layout layout, double copies) {
        double blocks = Math.ceil((double) model.layers() / layout.pipeline()) / model.layers();
        double ends = model.vocabularyMatrix() * (layout.pipeline() > 1 || model.tied() ? 1.0 : 2.0);
        double vocabulary = model.vocabularyMatrix() * (model.tied() ? 1.0 : 2.0);
        double inBlocks = model.parameters() - vocabulary;
        ModelShape.Experts experts = model.feedForward().experts();
        double routed = 0;
        if (experts != null) {
            routed = (double) model.blockMatrices(false) - model.blockMatrices(true);
            routed *= (double) experts.routed() / Math.max(1, experts.routed() - experts.active());
        }
        double spread = experts == null ? 1 : Math.min(copies, experts.routed());
        return ((inBlocks - routed) * blocks + ends + routed * blocks / spread) / layout.tensor();
    }

    /** What the tensor library's allocator hands out at most, without what lies between. */
    double allocated() {
        return total() - runtime;
    }

    /** What the allocator has reserved at most: everything but the driver and the kernels. */
    double reserved() {
        return total() - CONTEXT;
    }

    private static double width(Workload job) {
        return job.precision().equals("fp32") ? 4 : 2;
    }

    private static double activations(Workload job, Layout layout, double rows) {
        ModelShape model = job.model();
        double d = model.hidden();
        ModelShape.Attention attention = model.attention();
        double q = attention.queryWidth();
        double kv = 2.0 * attention.keyValueWidth();
        double experts = 0;
        double inner = model.feedForward().width();
        ModelShape.Experts mixture = model.feedForward().experts();
        if (mixture != null) {
            inner = (double) mixture.width() * (mixture.active() + mixture.shared());
            experts = d * (mixture.active() + mixture.shared());
        }
        boolean rotary = model.positions() == 0
                && !model.family().equals("bloom")
                && !model.family().equals("mpt");
        double inputs = 4 * d + experts;
        double mixing = (q + kv) * (rotary ? 2 : 1) + attention.valueWidth();
        double feed = (model.feedForward().matrices() == 3 ? 3 : 2) * inner;
        double all = inputs + mixing + feed;
        double outputs = q + kv + d + (model.feedForward().matrices() - 1) * inner + d;
        double kept =
                switch (layout.recompute()) {
                    case NONE -> all;
                    case SELECTIVE -> d + attention.valueWidth() + 0.55 * outputs;
                    case FULL -> d;
                };
        double working = layout.recompute() == Layout.Recompute.NONE ? 0 : all;
        double blocks = Math.ceil((double) model.layers() / layout.pipeline());
        double inFlight = layout.pipeline();
        return width(job) * rows * (blocks * inFlight * kept + working) / layout.tensor();
    }

    /** Logits in 16 bits, their fp32 copy, its gradient and the 16-bit one; without fusion, the log-softmax too. */
    private static double logits(Workload job, double rows) {
        if (job.model().encoder()) {
            return 0;
        }
        double values = rows * job.model().vocabulary() / (job.chunkedLoss() ? CHUNKS : 1);
        return values * (width(job) * 2 + 8 + (job.compiled() ? 0 : 2));
    }
}
