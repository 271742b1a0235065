package dev.shoestring.cost;

/**
 * Floating-point operations of an encoder, from its sizes and the lengths of the sentences in a batch. A product of matrices
 * (m, k) and (k, n) counts 2mkn: a multiplication and an addition each.
 *
 * <p>Counted: all linear layers on real tokens, the two products of attention (4T²D for each layer and sentence of T tokens at
 * width D), pooler and classifier once for each sentence. Not counted: embedding look-ups, biases, softmax, LayerNorm, GELU,
 * dropout, the loss and the optimizer (but {@link #orthogonalization}), together about a hundredth; and padding, which is no useful work. The last layer makes keys
 * and values of every token, but queries, attention output and feed-forward only of the first, which is all that the pooler reads.
 *
 * <p>The backward pass takes one product for the gradient of a weight and one for the gradient of its input, so twice the forward
 * pass where both are needed. A frozen weight needs only the latter, and below the lowest trained weight there is neither.
 */
public final class EncoderFlops {
    private static final double FORWARD_AND_BACKWARD = 3;

    /** Queries, keys, values. */
    private static final double KINDS = 3;

    private final EncoderShape shape;

    /** Counts for a network of these sizes. */
    public EncoderFlops(EncoderShape shape) {
        this.shape = shape;
    }

    /**
     * Which parts are trained. Pooler and classifier always are.
     *
     * @param embeddings whether anything in the embedding block is, its LayerNorm included, so that gradients flow down to it
     * @param fromLayer the lowest trained encoder layer; those above it are trained too, and the number of layers means none
     * @param encoderRuns false if the encoder's output was computed once and cached
     */
    public record Trained(boolean embeddings, int fromLayer, boolean encoderRuns) {
        /** Every layer, and at least part of the embedding block. */
        public static final Trained ALL = new Trained(true, 0, true);

        /** Pooler and classifier, on features computed in each step. */
        public static final Trained HEAD = new Trained(false, Integer.MAX_VALUE, true);

        /** Pooler and classifier, on features computed once: see {@link EncoderFlops#features}. */
        public static final Trained HEAD_ON_CACHED_FEATURES = new Trained(false, Integer.MAX_VALUE, false);

        private boolean trains(int layer) {
            return layer >= fromLayer;
        }

        /** Whether the input of a layer, the layer count for that of the pooler, needs a gradient. */
        private boolean reachesBelow(int layer) {
            return encoderRuns && (embeddings || layer > fromLayer);
        }
    }

    /**
     * Making the updates of all layers' matrices orthogonal, once in each step with Muon. Of a small
     * network and a small batch that is as much as the step itself, so it is counted where the rest of an optimizer is not.
     */
    public double orthogonalization() {
        double width = shape.hiddenSize();
        return shape.layers()
                * (4 * Orthogonalization.flops(width, width)
                        + 2 * Orthogonalization.flops(width, shape.intermediateSize()));
    }

    /** Training all on a micro-batch, with its share of what a step of Muon takes besides; {@code share} 0 for another optimizer. */
    public double training(int[] lengths, double share) {
        return training(lengths, Trained.ALL) + share * orthogonalization();
    }

    /**
     * One forward pass, as in evaluation.
     *
     * @param lengths tokens in each sentence, special tokens included
     */
    public double forward(int[] lengths) {
        return features(lengths) + head(lengths.length);
    }

    /**
     * The encoder's part of a forward pass, without pooler and classifier: what cached features cost once.
     *
     * @param lengths tokens in each sentence, special tokens included
     */
    public double features(int[] lengths) {
        double flops = 0;
        for (int layer = 0; layer < shape.layers(); layer++) {
            flops += matrices(lengths, layer) + attention(lengths, layer);
        }
        return flops;
    }

    /**
     * One forward and one backward pass.
     *
     * @param lengths tokens in each sentence, special tokens included
     */
    public double training(int[] lengths, Trained trained) {
        double flops = head(lengths.length) + headBackward(lengths.length, trained);
        if (trained.encoderRuns()) {
            flops += features(lengths);
            for (int layer = 0; layer < shape.layers(); layer++) {
                flops += layerBackward(lengths, layer, trained);
            }
        }
        return flops;
    }

    /**
     * A teacher's attention relations: the layers below that one, its queries, keys and values, and the products of each with itself.
     *
     * @param lengths tokens in each sentence, special tokens included
     * @param at the layer, the first is 0
     */
    public double relations(int[] lengths, int at) {
        double flops = relationsOf(lengths);
        for (int layer = 0; layer < at; layer++) {
            flops += matrices(lengths, layer) + attention(lengths, layer);
        }
        return flops;
    }

    /**
     * What a student's attention relations take, forward and backward, beside {@link #training}: the last layer's queries, keys and values of every token,
     * and the products of each with itself.
     *
     * @param lengths tokens in each sentence, special tokens included
     */
    public double relationsTraining(int[] lengths) {
        return FORWARD_AND_BACKWARD * relationsOf(lengths);
    }

    /** Queries, keys and values of every token, and the products of each with itself. */
    private double relationsOf(int[] lengths) {
        double pairs = 0;
        for (int length : lengths) {
            pairs += (double) length * length;
        }
        return linear(shape.projectionMatrices(), tokens(lengths)) + KINDS * 2 * pairs * shape.hiddenSize();
    }

    private double layerBackward(int[] lengths, int layer, Trained trained) {
        boolean below = trained.reachesBelow(layer);
        if (!trained.trains(layer)) {
            return below ? matrices(lengths, layer) + 2 * attention(lengths, layer) : 0;
        }
        double all = 2 * matrices(lengths, layer) + 2 * attention(lengths, layer);
        return below ? all : all - projections(lengths, layer);
    }

    private double headBackward(int sentences, Trained trained) {
        double pooler = linear(shape.poolerMatrix(), sentences);
        double classifier = linear(shape.classifierMatrix(), sentences);
        return 2 * classifier + (trained.reachesBelow(shape.layers()) ? 2 : 1) * pooler;
    }

    private double head(int sentences) {
        return linear(shape.poolerMatrix() + shape.classifierMatrix(), sentences);
    }

    /** A matrix applied to each of some rows. */
    private static double linear(long matrix, double rows) {
        return 2.0 * matrix * rows;
    }

    private boolean last(int layer) {
        return layer == shape.layers() - 1;
    }

    /** All matrices of a layer, applied to the tokens that need them. */
    private double matrices(int[] lengths, int layer) {
        if (!last(layer)) {
            return linear(shape.layerMatrices(), tokens(lengths));
        }
        return linear(shape.keyValueMatrices(), tokens(lengths))
                + linear(shape.layerMatrices() - shape.keyValueMatrices(), lengths.length);
    }

    /** Queries, keys and values of a layer. */
    private double projections(int[] lengths, int layer) {
        if (!last(layer)) {
            return linear(shape.projectionMatrices(), tokens(lengths));
        }
        return linear(shape.keyValueMatrices(), tokens(lengths))
                + linear(shape.projectionMatrices() - shape.keyValueMatrices(), lengths.length);
    }

    /** The products of queries with keys and of weights with values, in one layer. */
    private double attention(int[] lengths, int layer) {
        double pairs = 0;
        for (int length : lengths) {
            pairs += last(layer) ? length : (double) length * length;
        }
        return 4.0 * pairs * shape.hiddenSize();
    }

    private static double tokens(int[] lengths) {
        double tokens = 0;
        for (int length : lengths) {
            tokens += length;
        }
        return tokens;
    }
}
