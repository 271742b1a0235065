package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head self-attention (arXiv 1706.03762, section 3.2.2) as BERT names its parameters: {@code query}, {@code key},
 * {@code value}. Query, key and value come from one matrix product. Attention is three explicit products and a softmax: at the
 * lengths of sentences that is faster on a CPU in bf16 than LibTorch's fused kernel.
 */
public final class SelfAttention {
    // B batch, T tokens, Q query tokens, D model width, H heads, K head width
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final int numHeads;
    private final int headDim;
    private final Dropout dropout;

    /** Takes its parameters from the store under {@code name}; {@code numHeads} divides {@code width}. */
    public SelfAttention(ParameterStore store, String name, int width, int numHeads, Dropout dropout) {
        query = new Linear(store, name + ".query", width, width);
        key = new Linear(store, name + ".key", width, width);
        value = new Linear(store, name + ".value", width, width);
        this.numHeads = numHeads;
        this.headDim = width / numHeads;
        this.dropout = dropout;
    }

    /**
     * Every token attends to every token of its own row.
     *
     * @param bias_B11T added to the scores, 0 or a large negative number for padding; null if there is no padding
     * @return (B, T, D)
     */
    public Tensor forward(Tensor x_BTD, @Nullable Tensor bias_B11T, Mode mode) {
        long batch = x_BTD.size(0);
        long tokens = x_BTD.size(1);
        Tensor qkv_3BHTK = queriesKeysValues(x_BTD)
                .view(batch, tokens, 3, numHeads, headDim)
                .permute(2, 0, 3, 1, 4);
        return TensorScope.keep(() -> {
            List<Tensor> qkv = qkv_3BHTK.unbind(0);
            return attend(qkv.get(0), qkv.get(1), qkv.get(2), bias_B11T, mode);
        });
    }

    /** Queries, keys and values of every token, those of one head after the other's, (B, T, 3 · D). */
    public Tensor queriesKeysValues(Tensor x_BTD) {
        Tensor weight = Tensor.cat(List.of(query.weight(), key.weight(), value.weight()), 0);
        Tensor bias = Tensor.cat(List.of(query.bias(), key.bias(), value.bias()), 0);
        return x_BTD.linear(weight, bias);
    }

    /**
     * Only the first token of each row attends; the same numbers as {@link #forward} gives for it.
     *
     * @return (B, 1, D)
     */
    public Tensor forwardFirst(Tensor x_BTD, @Nullable Tensor bias_B11T, Mode mode) {
        long batch = x_BTD.size(0);
        long tokens = x_BTD.size(1);
        Tensor weight = Tensor.cat(List.of(key.weight(), value.weight()), 0);
        Tensor bias = Tensor.cat(List.of(key.bias(), value.bias()), 0);
        Tensor kv_2BHTK = x_BTD.linear(weight, bias)
                .view(batch, tokens, 2, numHeads, headDim)
                .permute(2, 0, 3, 1, 4);
        Tensor q_BH1K = query.forward(x_BTD.narrow(1, 0, 1))
                .view(batch, 1, numHeads, headDim)
                .transpose(1, 2);
        return TensorScope.keep(() -> {
            List<Tensor> kv = kv_2BHTK.unbind(0);
            return attend(q_BH1K, kv.get(0), kv.get(1), bias_B11T, mode);
        });
    }

    private Tensor attend(Tensor q_BHQK, Tensor k_BHTK, Tensor v_BHTK, @Nullable Tensor bias_B11T, Mode mode) {
        Tensor scores_BHQT = q_BHQK.mul(1 / Math.sqrt(headDim)).matmul(k_BHTK.transpose(2, 3));
        if (bias_B11T != null) {
            scores_BHQT = scores_BHQT.add(bias_B11T.to(scores_BHQT.dtype()));
        }
        Tensor weights_BHQT = dropout.forward(scores_BHQT.softmax(-1), mode);
        Tensor mixed_BQHK = weights_BHQT.matmul(v_BHTK).transpose(1, 2);
        return mixed_BQHK.reshape(q_BHQK.size(0), q_BHQK.size(2), (long) numHeads * headDim);
    }
}
