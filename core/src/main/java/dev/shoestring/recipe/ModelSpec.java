package dev.shoestring.recipe;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which network is trained, and where its weights come from. */
public sealed interface ModelSpec {
    /**
     * Pre-trained weights.
     *
     * @param from {@code maven:G:A:V}, {@code hf:ORG/NAME} or a folder in Hugging Face layout
     */
    record Pretrained(String from) implements ModelSpec {}

    /**
     * A BERT encoder with random weights.
     *
     * @param tokenizer reference of the model whose tokenizer is used, in the same forms as {@link Pretrained#from}
     * @param layers encoder layers
     * @param hiddenSize model width
     * @param numHeads attention heads; divides {@code hiddenSize}
     * @param intermediateSize width of the feed-forward layers
     */
    record FreshBert(String tokenizer, int layers, int hiddenSize, int numHeads, int intermediateSize)
            implements ModelSpec {}

    /**
     * Hashed words and bigrams with a linear layer (fastText, arXiv 1607.01759).
     *
     * @param buckets rows of the hashed table
     */
    record FreshBagOfWords(int buckets) implements ModelSpec {}

    /**
     * A decoder of the Llama family with random weights.
     *
     * @param family its kind: llama or qwen3
     * @param tokenizer reference of the model whose tokenizer is used, in the same forms as {@link Pretrained#from}; null trains one
     * @param vocabulary pieces of a byte-level BPE that is trained on the training data; 256 are bytes
     * @param layers blocks
     * @param hiddenSize model width
     * @param numHeads query heads
     * @param numKeyValueHeads key and value heads; divides {@code numHeads}
     * @param headDim width of a head; even
     * @param intermediateSize width of the feed-forward layers
     * @param tied whether the embedding table is the output layer too
     */
    record FreshDecoder(
            String family,
            @Nullable String tokenizer,
            int vocabulary,
            int layers,
            int hiddenSize,
            int numHeads,
            int numKeyValueHeads,
            int headDim,
            int intermediateSize,
            boolean tied)
            implements ModelSpec {
        /** The same with another tokenizer. */
        public FreshDecoder withTokenizer(String other) {
            return new FreshDecoder(
                    family,
                    other,
                    vocabulary,
                    layers,
                    hiddenSize,
                    numHeads,
                    numKeyValueHeads,
                    headDim,
                    intermediateSize,
                    tied);
        }

        /** Two thirds of four times the width, as Llama has it, in multiples of 32. */
        public static int intermediateSize(int hiddenSize) {
            return Math.max(32, (8 * hiddenSize / 3 + 16) / 32 * 32);
        }
    }

    /**
     * An encoder or decoder with random weights whose depth and width are proposed from limits, before anything else is done with the recipe.
     *
     * @param kind a network of the kind; its sizes stand for nothing
     * @param budget the limits
     */
    record Budgeted(ModelSpec kind, SizeBudget budget) implements ModelSpec {}

    /**
     * An image network with random weights.
     *
     * @param architecture its name, for example {@code slimnet}, {@code resnet18}, {@code mobilenetv2_050}
     * @param width channels of the first block of {@code slimnet}; 0 for other networks
     * @param blocks blocks of each stage, where they are fewer than the architecture's; empty otherwise
     * @param channels channels of each group that has fewer than the architecture's, by its name
     */
    record FreshImageNetwork(String architecture, int width, List<Integer> blocks, Map<String, Integer> channels)
            implements ModelSpec {
        /** Copies both. */
        public FreshImageNetwork {
            blocks = List.copyOf(blocks);
            channels = Map.copyOf(channels);
        }

        /** Of the architecture's own sizes. */
        public FreshImageNetwork(String architecture, int width) {
            this(architecture, width, List.of(), Map.of());
        }
    }
}
