package dev.shoestring.run;

import dev.shoestring.cost.MachineProfile;
import dev.shoestring.cost.Orthogonalization;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.plan.Hardware;
import org.jspecify.annotations.Nullable;

/**
 * How long a decoder's passes take: products at a share of the largest product's rate, what is element by element at the memory's
 * bandwidth, each operation's start, the optimizer's way over its numbers. The constants were chosen by hand
 * so that three decoders of width 128 to 384 come out (docs/experiments.md, 2026-11-24).
 *
 * @param config sizes of the decoder
 * @param rowLength tokens of a row
 * @param bf16 whether products are in bf16
 * @param products FLOP/s of the largest product
 * @param bandwidth bytes/s of memory
 * @param start seconds until an operation runs
 */
record LanguagePace(
        DecoderConfig config, int rowLength, boolean bf16, double products, double bandwidth, double start) {
    /** Most of the largest product's rate that a block's products reach. */
    private static final double MOST = 0.75;

    /** Width at which they would reach all of it, if that went on. */
    private static final double WHOLE_AT = 430;

    /** Times that each number that a block keeps is read or written, forward and backward. */
    private static final double PASSES = 8;

    /** Bytes moved for each score of the vocabulary. */
    private static final double SCORE_BYTES = 40;

    /** Share of a training pass's traffic that a forward pass has. */
    private static final double FORWARD = 0.3;

    private static final double OPERATIONS_IN_A_BLOCK = 160;
    private static final double CPU_START = 6e-6;
    private static final double GPU_START = 7e-6;
    private static final double GPU_SHARE = 0.3;

    // Without a profile: what two cores of a recent server processor were seen to do, a core.
    private static final double ASSUMED_FP32 = 50e9;
    private static final double ASSUMED_BF16 = 120e9;
    private static final double ASSUMED_BANDWIDTH = 15e9;

    static LanguagePace of(
            DecoderConfig config,
            int rowLength,
            String precision,
            @Nullable MachineProfile profile,
            @Nullable Hardware hardware) {
        boolean bf16 = precision.equals("bf16");
        if (hardware != null) {
            double rate = hardware.peakOf(precision) * hardware.sustained() * GPU_SHARE / share(config);
            return new LanguagePace(config, rowLength, bf16, rate, hardware.bandwidth(), GPU_START);
        }
        double assumed = Runtime.getRuntime().availableProcessors() * (bf16 ? ASSUMED_BF16 : ASSUMED_FP32);
        return new LanguagePace(
                config,
                rowLength,
                bf16,
                profile == null ? assumed : profile.matrixProduct().getOrDefault(precision, assumed),
                profile == null ? ASSUMED_BANDWIDTH : profile.memoryBandwidth(),
                CPU_START);
    }

    /** Seconds of the products of so many operations. */
    double products(double flops) {
        return flops / (share(config) * products);
    }

    /** Seconds of all else that a training pass does over tokens, of which {@code losses} have a loss. */
    double traffic(double tokens, double losses) {
        double width = bf16 ? 2 : 4;
        double kept =
                14.0 * config.hiddenSize() + 5.0 * config.intermediateSize() + 3.0 * config.numHeads() * rowLength;
        double bytes = tokens * config.numLayers() * kept * width * PASSES + losses * SCORE_BYTES * config.vocabSize();
        return bytes / bandwidth;
    }

    /** The same of a forward pass. */
    double forwardTraffic(double tokens, double losses) {
        return FORWARD * traffic(tokens, losses);
    }

    /** Seconds in which the operations of a forward and backward pass are started. */
    double starts() {
        return config.numLayers() * OPERATIONS_IN_A_BLOCK * start;
    }

    /** Of a forward pass alone: a third, as the backward pass has about two operations for each. */
    double forwardStarts() {
        return starts() / 3;
    }

    /** Seconds of an optimizer's step over so many numbers: gradient, weight and two moments, read and written, and the clipping. */
    double optimizer(double trained) {
        return 48 * trained / bandwidth;
    }

    /** Seconds in which Muon makes the update of every matrix of the blocks orthogonal: five iterations. */
    double orthogonalization() {
        double width = config.hiddenSize();
        double queries = (double) config.numHeads() * config.headDim();
        double keys = (double) config.numKeyValueHeads() * config.headDim();
        double block = 2 * Orthogonalization.flops(width, queries)
                + 2 * Orthogonalization.flops(width, keys)
                + 3 * Orthogonalization.flops(width, config.intermediateSize());
        return products(config.numLayers() * block);
    }

    /** Small products keep a processor less busy. */
    private static double share(DecoderConfig config) {
        return Math.min(MOST, config.hiddenSize() / WHOLE_AT);
    }
}
