package dev.shoestring.train;

import dev.shoestring.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tensors as they were at one moment, in the host's memory and outside scopes. */
public final class TensorCopies implements AutoCloseable {
    private final Map<String, Tensor> copies = new LinkedHashMap<>();

    /** Copies tensors as they are now. */
    public TensorCopies(Map<String, Tensor> tensors) {
        try {
            tensors.forEach((name, tensor) ->
                    copies.put(name, tensor.hostCopy().unscoped().named("checkpoint of " + name)));
        } catch (RuntimeException | Error noMemory) {
            copies.values().forEach(Tensor::close);
            throw noMemory;
        }
    }

    /** Bytes that copies of tensors take. */
    public static long bytes(Map<String, Tensor> tensors) {
        return tensors.values().stream()
                .mapToLong(tensor -> tensor.numel() * tensor.dtype().bytes())
                .sum();
    }

    /** The copies under their names. */
    public Map<String, Tensor> tensors() {
        return copies;
    }

    @Override
    public void close() {
        copies.values().forEach(Tensor::close);
    }
}
