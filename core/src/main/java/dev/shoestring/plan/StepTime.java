package dev.shoestring.plan;

import dev.shoestring.cost.Ring;

/**
 * The time of one optimizer step on one device, from its causes. Nothing here knows a particular run; the constants are shares of what
 * hardware could do, each the same for every run and every device.
 *
 * @param matrices products of weights and activations, seconds
 * @param attention products inside attention
 * @param elementWise norms, activations, residuals: bound by memory bandwidth
 * @param launches starting kernels, and their ramping up and down
 * @param optimizer reading and writing the optimizer's state
 * @param communication what of the exchange between devices is not hidden behind arithmetic
 * @param bubble waiting in a pipeline
 * @param lost restarts, checkpoints, evaluation of a long run
 */
public record StepTime(
        double matrices,
        double attention,
        double elementWise,
        double launches,
        double optimizer,
        double communication,
        double bubble,
        double lost) {
    /** Share of the best matrix product's speed that the products of a training step reach, their shapes being what they are. */
    static final double PRODUCTS = 0.75;

    /** Share of it that fused attention reaches, forward and backward (FlashAttention-2, arXiv 2307.08691, table 1). */
    static final double FUSED_ATTENTION = 0.55;

    /** Fused attention computes its scores again: its backward pass is five products for the forward pass's two. */
    static final double ATTENTION_BACKWARD = 2.5;

    /** Share of the memory bandwidth that a streaming kernel reaches. */
    static final double STREAMING = 0.8;

    /** Share of the arithmetic behind which communication can hide, and the share of hidden communication that is felt. */
    static final double HIDING = 0.7;

    static final double INTERFERENCE = 0.1;

    /** Speed of fp8 products with scaling against bf16 ones (twice the peak, less the scaling). */
    static final double FP8 = 1.6;

    /** Traffic of element-wise operations that are not fused, against fused ones. */
    static final double UNFUSED = 2;

    /** Share of its time that a long run on many devices trains (Llama 3, arXiv 2407.21783, section 3.3.4: above 90%). */
    static final double AVAILABLE = 0.9;

    /** Share of a device's cores that all-to-all exchange of experts leaves to arithmetic (DeepSeek-V3, arXiv 2412.19437, 3.2.2). */
    static final double CORES_LEFT = 112.0 / 132;

    /** Kernels of a block, forward and backward, where element-wise operations are fused; without fusion twice as many. */
    static final double KERNELS = 40;

    /** Seconds that a kernel takes to start and to fill and drain the device. */
    static final double LAUNCH = 3e-6;

    private static final double OPTIMIZER_BYTES = 26;

    /** Seconds of the step. */
    public double total() {
        return matrices + attention + elementWise + launches + optimizer + communication + bubble + lost;
    }

    /** Predicts a step. */
    static StepTime of(Workload job, Layout layout, Hardware hardware) {
        ModelShape model = job.model();
        TransformerFlops flops = TransformerFlops.of(model, job.sequence());
        double rows = job.batchTokens() / layout.devices();
        boolean fp8 = job.precision().equals("fp8");
        double best = hardware.peakOf(fp8 ? "bf16" : job.precision()) * hardware.sustained();
        double share = experts(model) ? CORES_LEFT : 1;
        double products = best * PRODUCTS * share;
        double again =
                switch (layout.recompute()) {
                    case NONE -> 0;
                    case SELECTIVE -> 0.5;
                    case FULL -> 1;
                };
        double passes = job.frozen() ? 2 : 3;
        double blocks = rows * flops.blocks() * (passes + again) / (products * (fp8 ? FP8 : 1));
        double head = rows * flops.head() * passes / products;
        double adapters = job.frozen() ? rows * 6 * job.trainedActive() / products : 0;
        double attentionPasses = 1 + ATTENTION_BACKWARD + (again > 0 ? 1 : 0);
        double attention = rows * flops.attention() * attentionPasses / (best * FUSED_ATTENTION * share);
        double streamed = rows * elementWiseBytes(job) * (1 + again / 3) / (hardware.bandwidth() * STREAMING * share);
        blocks *= boundByMemory(job, layout, hardware, products);
        double launches = KERNELS
                * (job.compiled() ? 1 : UNFUSED)
                * LAUNCH
                * ((double) model.layers() / layout.pipeline())
                * microBatches(job, layout)
                * (1 + again / 3);
        double arithmetic = blocks + head + adapters + attention + streamed + launches;
        double optimizer = optimizerBytes(job, layout) / (hardware.bandwidth() * STREAMING);
        double communication = exposed(Exchange.of(job, layout, hardware).seconds(), arithmetic)
                + exposed(allToAll(job, layout, hardware, rows), arithmetic)
                + exposed(sentByPipeline(job, layout) / (link(layout, hardware) * Ring.REACHED), arithmetic)
                + tensorParallel(job, layout, hardware, rows);
        double bubble = (arithmetic + communication) * bubble(job, layout);
        double sum = arithmetic + optimizer + communication + bubble;
        double lost = job.production() ? sum * (1 / AVAILABLE - 1) : 0;
        return new StepTime(
                blocks + head + adapters, attention, streamed, launches, optimizer, communication, bubble, lost);
    }

    /**
     * How much longer the products of the blocks take than their arithmetic, because few rows meet each weight that is read (the roofline,
     * Williams et al. 2009): reading the weights, and reading and writing the rows, against multiplying.
     */
    private static double boundByMemory(Workload job, Layout layout, Hardware hardware, double products) {
        double rows = (double) layout.microBatch() * job.sequence();
        double width = job.precision().equals("fp32") ? 4 : 2;
        double arithmetic = 2 * rows / products;
        // For each weight: itself, and its share of a row read and a row written.
        double traffic = width * (1 + 2 * rows / job.model().hidden()) / (hardware.bandwidth() * STREAMING);
        return Math.max(1, traffic / arithmetic);
    }

    private static boolean experts(ModelShape model) {
        return model.feedForward().experts() != null;
    }

    /** Bytes that element-wise operations read and write for one token, forward and backward. */
    private static double elementWiseBytes(Workload job) {
        ModelShape model = job.model();
        double width = job.precision().equals("fp32") ? 4 : 2;
        double q = model.attention().queryWidth();
        double kv = model.attention().keyValueWidth();
        ModelShape.Experts experts = model.feedForward().experts();
        double inner = experts == null
                ? model.feedForward().width()
                : (double) experts.width() * (experts.active() + experts.shared());
        double block =
                10.0 * model.hidden() + 4 * (q + kv) + model.feedForward().matrices() * inner;
        double forward = block * width * (job.compiled() ? 1 : UNFUSED) * model.layers();
        return (job.frozen() ? 2 : 3) * forward + (model.encoder() ? 0 : 18.0 * model.vocabulary());
    }

    private static double optimizerBytes(Workload job, Layout layout) {
        double own = job.trained() / (layout.tensor() * layout.pipeline());
        return own * OPTIMIZER_BYTES / (layout.shard() == Layout.Shard.NONE ? 1 : layout.data());
    }

    private static double link(Layout layout, Hardware hardware) {
        return layout.devices() <= hardware.devicesPerMachine() ? hardware.link() : hardware.network();
    }

    /** Tokens travel to the machines of their experts and back, forward and backward: fp8 there, 16 bits back, at most four machines. */
    private static double allToAll(Workload job, Layout layout, Hardware hardware, double rows) {
        ModelShape.Experts experts = job.model().feedForward().experts();
        if (experts == null || layout.devices() == 1) {
            return 0;
        }
        double machines = Math.min(4, experts.active());
        double there = job.precision().equals("fp8") ? 1 : 2;
        double blocks = job.model().layers() - experts.denseLayers();
        double bytes = 2 * blocks * machines * job.model().hidden() * (there + 2);
        return rows * bytes / (link(layout, hardware) * Ring.REACHED);
    }

    /** Two all-reduces of the activations in each block, forward and backward; nothing to hide them behind. */
    private static double tensorParallel(Workload job, Layout layout, Hardware hardware, double rows) {
        return sentByTensors(job, layout, rows) / (hardware.link() * Ring.REACHED);
    }

    /** Bytes of these that a device sends. */
    static double sentByTensors(Workload job, Layout layout, double rows) {
        if (layout.tensor() == 1) {
            return 0;
        }
        double width = job.precision().equals("fp32") ? 4 : 2;
        double reduces = layout.recompute() == Layout.Recompute.FULL ? 6 : 4;
        double ring = 2.0 * (layout.tensor() - 1) / layout.tensor();
        return rows
                * layout.tensor()
                * job.model().hidden()
                * width
                * job.model().layers()
                * reduces
                * ring;
    }

    /**
     * Bytes of activations and their gradients that a device sends to the next stages, of which each device has two, interleaved; each of
     * those that share a matrix sends its part (arXiv 2104.04473, sections 2.2 and 4.1).
     */
    static double sentByPipeline(Workload job, Layout layout) {
        if (layout.pipeline() == 1) {
            return 0;
        }
        double width = job.precision().equals("fp32") ? 4 : 2;
        double tokens = job.batchTokens() / layout.data();
        return 2 * 2 * tokens * job.model().hidden() * width / layout.tensor();
    }

    private static double exposed(double communication, double arithmetic) {
        double hidden = Math.min(communication, HIDING * arithmetic);
        return communication - hidden + INTERFERENCE * hidden;
    }

    /** Idle share of a one-forward-one-backward pipeline with two interleaved stages (arXiv 2104.04473, section 2.2). */
    private static double bubble(Workload job, Layout layout) {
        return layout.pipeline() == 1 ? 0 : (layout.pipeline() - 1) / (2 * microBatches(job, layout));
    }

    static double microBatches(Workload job, Layout layout) {
        double sequences = job.batchTokens() / job.sequence() / layout.data();
        return Math.max(1, sequences / layout.microBatch());
    }
}
