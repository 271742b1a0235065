package dev.shoestring.models;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Keys and values of the tokens seen so far, for each layer (B, KV heads, capacity, K), outside scopes, until closed. */
public final class KeyValueCache implements AutoCloseable {
    private final List<Tensor> keys = new ArrayList<>();
    private final List<Tensor> values = new ArrayList<>();
    private final int capacity;
    private int length;

    /** Room for {@code capacity} tokens in each of {@code rows} rows. */
    public KeyValueCache(DecoderConfig config, int rows, int capacity, DType type) {
        this.capacity = capacity;
        for (int i = 0; i < config.numLayers(); i++) {
            long[] shape = {rows, config.numKeyValueHeads(), capacity, config.headDim()};
            keys.add(Tensor.zeros(type, shape).unscoped().named("keys of layer " + i));
            values.add(Tensor.zeros(type, shape).unscoped().named("values of layer " + i));
        }
    }

    /** Tokens that are in it. */
    public int length() {
        return length;
    }

    /** Tokens that there is room for. */
    public int capacity() {
        return capacity;
    }

    /** Takes the tokens of a finished forward pass as seen. */
    public void advance(int tokens) {
        length += tokens;
    }

    /** Forgets all but the first {@code tokens} tokens. */
    public void truncate(int tokens) {
        length = Math.min(length, tokens);
    }

    /** Adds the keys of new tokens, (B, KV, T, K), and gives all so far. */
    Tensor keys(int layer, Tensor fresh) {
        return joined(keys.get(layer), fresh);
    }

    /** Adds the values of new tokens, (B, KV, T, K), and gives all so far. */
    Tensor values(int layer, Tensor fresh) {
        return joined(values.get(layer), fresh);
    }

    private Tensor joined(Tensor kept, Tensor fresh) {
        long tokens = fresh.size(2);
        if (length + tokens > capacity) {
            throw new IllegalArgumentException(
                    "cache: " + (length + tokens) + " tokens, but there is room for " + capacity);
        }
        kept.narrow(2, length, tokens).copyFrom(fresh);
        return kept.narrow(2, 0, length + tokens);
    }

    @Override
    public void close() {
        keys.forEach(Tensor::close);
        values.forEach(Tensor::close);
    }
}
