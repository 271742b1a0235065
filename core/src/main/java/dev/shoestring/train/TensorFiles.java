package dev.shoestring.train;

import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Lends the values of live tensors to whoever writes them, without copying. */
public final class TensorFiles {
    private TensorFiles() {}

    /** Calls {@code writer} with all tensors under their names; the data must not be used after it returns. */
    public static void lend(Map<String, Tensor> tensors, Consumer<List<Safetensors.TensorData>> writer) {
        lend(List.copyOf(tensors.entrySet()), new ArrayList<>(), writer);
    }

    /** Recursion keeps every buffer inside its tensor's {@code readBytes}. */
    private static void lend(
            List<Map.Entry<String, Tensor>> rest,
            List<Safetensors.TensorData> ready,
            Consumer<List<Safetensors.TensorData>> writer) {
        if (rest.isEmpty()) {
            writer.accept(ready);
            return;
        }
        Map.Entry<String, Tensor> next = rest.get(0);
        List<Long> shape = Arrays.stream(next.getValue().shape()).boxed().toList();
        next.getValue().readBytes(bytes -> {
            ready.add(new Safetensors.TensorData(
                    new TensorInfo(next.getKey(), StoredTensors.elementType(next.getValue()), shape), bytes));
            lend(rest.subList(1, rest.size()), ready, writer);
        });
    }
}
