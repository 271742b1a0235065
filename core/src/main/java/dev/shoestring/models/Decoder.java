package dev.shoestring.models;

import dev.shoestring.nn.Initializer;
import dev.shoestring.nn.Linear;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.nn.RmsNorm;
import dev.shoestring.nn.RotaryEmbedding;
import dev.shoestring.nn.Shapes;
import dev.shoestring.tensor.Autocast;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Llama family (arXiv 2302.13971, 2407.21783): Llama, Mistral (arXiv 2310.06825), Qwen2 (arXiv 2407.10671), Qwen3 (arXiv
 * 2505.09388), and what is built like them, under Hugging Face's parameter names. Blocks can be run one by one, for recomputation and
 * for caches. Departures, none of which changes a result: grouped heads share their keys and values without copies of them, and
 * attention is two explicit products and a softmax, which in bf16 is faster on a processor than LibTorch's fused kernel.
 */
public final class Decoder {
    // B batch, T tokens, Q some of them, S tokens seen, D model width, H query heads, N key and value heads, G query
    // heads for each, K head width, V pieces

    /** Queries whose scores are computed together: fewer leave more out, more make larger products. */
    private static final long QUERIES = 256;

    private final DecoderConfig config;
    private final RotaryEmbedding rotary;
    private final Tensor embedding_VD;
    private final List<Block> blocks = new ArrayList<>();
    private final RmsNorm norm;
    private final Tensor head_VD;

    /** Takes its parameters from the store. */
    public Decoder(DecoderConfig config, ParameterStore store) {
        this.config = config;
        rotary = new RotaryEmbedding(config.rope().frequencies(config.headDim()));
        Initializer normal = new Initializer.Normal(config.deviation());
        int width = config.hiddenSize();
        embedding_VD = store.parameter("model.embed_tokens.weight", normal, config.vocabSize(), width);
        for (int i = 0; i < config.numLayers(); i++) {
            blocks.add(new Block(config, store, i));
        }
        norm = new RmsNorm(store, "model.norm", width, config.normEps());
        head_VD = config.tied() ? embedding_VD : store.parameter("lm_head.weight", normal, config.vocabSize(), width);
    }

    /** Sizes. */
    public DecoderConfig config() {
        return config;
    }

    /** The blocks, from the embedding to the output. */
    public List<Block> blocks() {
        return List.copyOf(blocks);
    }

    /** The output layer's matrix, (V, D); if tied, the embedding table itself. */
    public Tensor headWeight() {
        return head_VD;
    }

    /** The embedding table, (V, D). */
    public Tensor embeddings() {
        return embedding_VD;
    }

    /** Rotary angles of the positions of each row; all rows are of one length. */
    public RotaryEmbedding.Angles angles(int[][] positions) {
        return rotary.angles(positions);
    }

    /** The first block's input: int64 ids (B, T) give (B, T, D) in float32. */
    public Tensor embed(Tensor ids_BT) {
        Shapes.require("decoder", ids_BT, Shapes.ANY, Shapes.ANY);
        return embedding_VD.embedding(ids_BT).to(DType.FLOAT32);
    }

    /** The last block's output normalized, ready for {@link #headWeight}: (B, T, D). */
    public Tensor finish(Tensor x_BTD) {
        return norm.forward(x_BTD);
    }

    /** The normalized output at every token, (B, T, D). */
    public Tensor hidden(Tensor ids_BT, AttentionContext context) {
        Tensor x_BTD = embed(ids_BT);
        for (Block block : blocks) {
            x_BTD = block.forward(x_BTD, context);
        }
        return finish(x_BTD);
    }

    /** Scores of every piece after every token, (B, T, V). */
    public Tensor logits(Tensor ids_BT, AttentionContext context) {
        return scores(hidden(ids_BT, context));
    }

    /** Scores of every piece from normalized outputs: (…, D) gives (…, V). */
    public Tensor scores(Tensor hidden) {
        return hidden.to(head_VD.dtype()).linear(head_VD);
    }

    /** One block: attention and a gated feed-forward layer (arXiv 2002.05202), each on the normalized input and added to it. */
    public static final class Block {
        private final int index;
        private final DecoderConfig config;
        private final RmsNorm attentionNorm;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final @Nullable RmsNorm queryNorm;
        private final @Nullable RmsNorm keyNorm;
        private final Linear output;
        private final RmsNorm feedForwardNorm;
        private final Linear gate;
        private final Linear up;
        private final Linear down;

        Block(DecoderConfig config, ParameterStore store, int index) {
            this.index = index;
            this.config = config;
            int width = config.hiddenSize();
            int queries = config.numHeads() * config.headDim();
            int keys = config.numKeyValueHeads() * config.headDim();
            int middle = config.intermediateSize();
            double deviation = config.deviation();
            DecoderConfig.Biases biases = config.biases();
            String name = "model.layers." + index;
            attentionNorm = new RmsNorm(store, name + ".input_layernorm", width, config.normEps());
            String attention = name + ".self_attn";
            query = Linear.of(store, attention + ".q_proj", width, queries, biases.queryKeyValue(), deviation);
            key = Linear.of(store, attention + ".k_proj", width, keys, biases.queryKeyValue(), deviation);
            value = Linear.of(store, attention + ".v_proj", width, keys, biases.queryKeyValue(), deviation);
            // The ends of both branches start smaller, so that the sum over the blocks does not grow with their number
            // (GPT-2).
            double last = deviation / Math.sqrt(2.0 * config.numLayers());
            output = Linear.of(store, attention + ".o_proj", queries, width, biases.attentionOutput(), last);
            queryNorm = config.headNorm()
                    ? new RmsNorm(store, attention + ".q_norm", config.headDim(), config.normEps())
                    : null;
            keyNorm = config.headNorm()
                    ? new RmsNorm(store, attention + ".k_norm", config.headDim(), config.normEps())
                    : null;
            feedForwardNorm = new RmsNorm(store, name + ".post_attention_layernorm", width, config.normEps());
            gate = Linear.of(store, name + ".mlp.gate_proj", width, middle, biases.feedForward(), deviation);
            up = Linear.of(store, name + ".mlp.up_proj", width, middle, biases.feedForward(), deviation);
            down = Linear.of(store, name + ".mlp.down_proj", middle, width, biases.feedForward(), last);
        }

        /** Maps (B, T, D) to (B, T, D). */
        public Tensor forward(Tensor x_BTD, AttentionContext context) {
            return TensorScope.keep(() -> fed(attended(x_BTD, context)));
        }

        /** The first half of {@link #forward}: attention, added to its input. */
        public Tensor attended(Tensor x_BTD, AttentionContext context) {
            return TensorScope.keep(() -> x_BTD.add(attend(narrowed(attentionNorm.forward(x_BTD)), context)));
        }

        /** The second half of {@link #forward}: the feed-forward layer, added to its input. */
        public Tensor fed(Tensor h_BTD) {
            return TensorScope.keep(() -> {
                Tensor n_BTD = narrowed(feedForwardNorm.forward(h_BTD));
                return h_BTD.add(down.forward(gate.forward(n_BTD).silu().mul(up.forward(n_BTD))));
            });
        }

        /** In the type that products take, so that the products after a normalization share one cast of its result. */
        private Tensor narrowed(Tensor x) {
            Tensor narrow = Autocast.cast(x);
            // Without autocast, products need both operands in one type.
            return narrow == x ? x.to(query.type()) : narrow;
        }

        private Tensor attend(Tensor x_BTD, AttentionContext context) {
            Tensor q_BHTK = heads(query.forward(x_BTD), config.numHeads(), queryNorm);
            Tensor k_BNTK = heads(key.forward(x_BTD), config.numKeyValueHeads(), keyNorm);
            q_BHTK = RotaryEmbedding.turn(q_BHTK, context.angles());
            k_BNTK = RotaryEmbedding.turn(k_BNTK, context.angles());
            Tensor v_BNTK = heads(value.forward(x_BTD), config.numKeyValueHeads(), null);
            @Nullable KeyValueCache cache = context.cache();
            Tensor k_BNSK = cache == null ? k_BNTK : cache.keys(index, k_BNTK).to(k_BNTK.dtype());
            Tensor v_BNSK = cache == null ? v_BNTK : cache.values(index, v_BNTK).to(v_BNTK.dtype());
            @Nullable Tensor bias = config.windows().get(index) > 0 ? context.windowBias() : context.bias();
            return output.forward(mixed(q_BHTK, k_BNSK, v_BNSK, bias));
        }

        private Tensor heads(Tensor x_BTE, int heads, @Nullable RmsNorm headNorm) {
            Tensor x_BTHK = x_BTE.view(x_BTE.size(0), x_BTE.size(1), heads, config.headDim());
            return (headNorm == null ? x_BTHK : headNorm.forward(x_BTHK)).transpose(1, 2);
        }

        /** Attention, some queries at a time: no token sees a later one, so early queries need not be scored against late keys. */
        private Tensor mixed(Tensor q_BHTK, Tensor k_BNSK, Tensor v_BNSK, @Nullable Tensor bias_B1TS) {
            long tokens = q_BHTK.size(2);
            long before = k_BNSK.size(2) - tokens;
            Tensor scaled_BHTK = q_BHTK.mul(1 / Math.sqrt(config.headDim()));
            List<Tensor> parts = new ArrayList<>();
            for (long next = 0; next < tokens; next += QUERIES) {
                long start = next;
                long count = Math.min(QUERIES, tokens - start);
                long seen = before + start + count;
                parts.add(TensorScope.keep(() -> mixedPart(
                        part(scaled_BHTK, start, count),
                        part(k_BNSK, 0, seen),
                        part(v_BNSK, 0, seen),
                        bias_B1TS == null ? null : seenBias(part(bias_B1TS, start, count), seen))));
            }
            return parts.size() == 1 ? parts.get(0) : Tensor.cat(parts, 1);
        }

        private static Tensor part(Tensor x, long from, long count) {
            return count == x.size(2) ? x : x.narrow(2, from, count);
        }

        private static Tensor seenBias(Tensor bias_B1QS, long seen) {
            return seen == bias_B1QS.size(3) ? bias_B1QS : bias_B1QS.narrow(3, 0, seen);
        }

        /** (B, Q, H · K) for Q queries. */
        private Tensor mixedPart(Tensor q_BHQK, Tensor k_BNSK, Tensor v_BNSK, @Nullable Tensor bias_B1QS) {
            long rows = q_BHQK.size(0);
            long queries = q_BHQK.size(2);
            long seen = k_BNSK.size(2);
            long shared = config.numKeyValueHeads();
            long grouped = config.numHeads() / shared * queries;
            Tensor q_BNGK = q_BHQK.reshape(rows, shared, grouped, config.headDim());
            Tensor scores_BHQS = q_BNGK.matmul(k_BNSK.transpose(2, 3)).view(rows, config.numHeads(), queries, seen);
            if (bias_B1QS != null) {
                scores_BHQS = scores_BHQS.add(bias_B1QS.to(scores_BHQS.dtype()));
            }
            // Autocast would give weights in single precision, to be kept for the backward pass beside their copy in
            // half: three times the bytes. Sums are single in both.
            Tensor weights_BNGS;
            try (Autocast asIs = Autocast.off()) {
                weights_BNGS = scores_BHQS.softmax(-1).view(rows, shared, grouped, seen);
            }
            Tensor mixed_BHQK = weights_BNGS.matmul(v_BNSK).view(rows, config.numHeads(), queries, config.headDim());
            return mixed_BHQK.transpose(1, 2).reshape(rows, queries, (long) config.numHeads() * config.headDim());
        }
    }
}
