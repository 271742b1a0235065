package dev.shoestring.models;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/** Keys and values of the tokens seen so far, for each layer (B, KV heads, capacity, K), outside scopes, until closed. */
public final class KeyValueCache implements AutoCloseable {
    private final List<Tensor> keys = new ArrayList<>();
    private final List<Tensor> values = new ArrayList<>();
    private final DecoderConfig config;
    private final DType type;
    private final int capacity;
    private int length;

    /** Room for {@code capacity} tokens in each of {@code rows} rows. */
    public KeyValueCache(DecoderConfig config, int rows, int capacity, DType type) {
        this.config = config;
        this.type = type;
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

    /** A new cache of some of the rows, in that order, with other room; this one stays as it is. */
    public KeyValueCache select(int[] rows, int newCapacity) {
        if (newCapacity < length) {
            throw new IllegalArgumentException("cache: room for " + newCapacity + " of " + length + " tokens");
        }
        KeyValueCache selected = new KeyValueCache(config, rows.length, newCapacity, type);
        selected.length = length;
        try (TensorScope scope = TensorScope.open()) {
            Tensor index = Tensor.of(rows, rows.length);
            copy(keys, selected.keys, index);
            copy(values, selected.values, index);
        }
        return selected;
    }

    private void copy(List<Tensor> from, List<Tensor> to, Tensor rows) {
        for (int i = 0; i < from.size(); i++) {
            to.get(i)
                    .narrow(2, 0, length)
                    .copyFrom(from.get(i).narrow(2, 0, length).indexSelect(0, rows));
        }
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
