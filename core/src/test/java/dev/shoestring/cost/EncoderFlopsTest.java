package dev.shoestring.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.cost.EncoderFlops.Trained;
import org.junit.jupiter.api.Test;

class EncoderFlopsTest {
    // 2 layers, width 4, feed-forward 5, 3 labels: a layer's matrices have 4·16 + 2·20 = 104 numbers
    private final EncoderFlops flops = new EncoderFlops(new EncoderShape(7, 2, 4, 2, 5, 6, 2, 3));
    private final int[] lengths = {2, 3};

    // 5 tokens in 2 sentences; squares 4 + 9 = 13
    private static final double LINEAR = 2 * 104 * 5;
    private static final double ATTENTION = 4 * 13 * 4;
    private static final double FIRST_LAYER = LINEAR + ATTENTION;
    // keys and values (2·16) of 5 tokens, the other 104 − 32 numbers on 2 first tokens; 2 + 3 pairs
    private static final double LAST_LINEAR = 2 * 32 * 5 + 2 * 72 * 2;
    private static final double LAST_ATTENTION = 4 * 5 * 4;
    private static final double LAST_LAYER = LAST_LINEAR + LAST_ATTENTION;
    private static final double POOLER = 2 * 16 * 2;
    private static final double CLASSIFIER = 2 * 12 * 2;

    @Test
    void forwardByHand() {
        assertThat(FIRST_LAYER).isEqualTo(1248);
        assertThat(LAST_LAYER).isEqualTo(688);
        assertThat(flops.features(lengths)).isEqualTo(1248 + 688);
        assertThat(flops.forward(lengths)).isEqualTo(1248 + 688 + 64 + 48);
    }

    @Test
    void trainingEverythingIsThreeForwardPasses() {
        assertThat(flops.training(lengths, Trained.ALL)).isEqualTo(3 * flops.forward(lengths));
    }

    @Test
    void theLowestTrainedLayerNeedsNoGradientOfItsInput() {
        double projections = 2 * 3 * 16 * 5;
        assertThat(flops.training(lengths, new Trained(false, 0, true)))
                .isEqualTo(3 * flops.forward(lengths) - projections);
    }

    @Test
    void nothingFlowsBelowTheLowestTrainedLayer() {
        double projections = 2 * 32 * 5 + 2 * 16 * 2;
        assertThat(flops.training(lengths, new Trained(false, 1, true)))
                .isEqualTo(flops.forward(lengths) + 2 * LAST_LAYER - projections + 2 * POOLER + 2 * CLASSIFIER);
    }

    @Test
    void gradientsPassThroughFrozenLayersToTheEmbeddings() {
        assertThat(flops.training(lengths, new Trained(true, 2, true)))
                .isEqualTo(flops.forward(lengths)
                        + LINEAR
                        + 2 * ATTENTION
                        + LAST_LINEAR
                        + 2 * LAST_ATTENTION
                        + 2 * POOLER
                        + 2 * CLASSIFIER);
    }

    @Test
    void aHeadOnComputedFeaturesPaysForTheEncoderOnce() {
        assertThat(flops.training(lengths, Trained.HEAD)).isEqualTo(flops.forward(lengths) + POOLER + 2 * CLASSIFIER);
    }

    @Test
    void aHeadOnCachedFeaturesDoesNotPayForTheEncoder() {
        assertThat(flops.training(lengths, Trained.HEAD_ON_CACHED_FEATURES)).isEqualTo(2 * POOLER + 3 * CLASSIFIER);
    }

    @Test
    void attentionRelationsByHand() {
        // Queries, keys and values (3·16) of 5 tokens, and three products of 13 pairs at width 4; below lies the first
        // layer.
        double relations = 2 * 48 * 5 + 3 * 2 * 13 * 4;
        assertThat(flops.relations(lengths, 0)).isEqualTo(relations);
        assertThat(flops.relations(lengths, 1)).isEqualTo(FIRST_LAYER + relations);
        assertThat(flops.relationsTraining(lengths)).isEqualTo(3 * relations);
    }

    @Test
    void batchesAddUp() {
        assertThat(flops.training(lengths, Trained.ALL))
                .isEqualTo(flops.training(new int[] {2}, Trained.ALL) + flops.training(new int[] {3}, Trained.ALL));
        assertThat(flops.training(new int[0], Trained.ALL)).isZero();
    }
}
