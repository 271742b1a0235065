package dev.shoestring.optim;

import dev.shoestring.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Several optimizers as one, each with parameters of its own. */
public record Optimizers(List<Optimizer> parts) implements Optimizer {
    /** Copies the list. */
    public Optimizers {
        parts = List.copyOf(parts);
    }

    @Override
    public void step(double factor) {
        parts.forEach(part -> part.step(factor));
    }

    @Override
    public List<Tensor> parameters() {
        return parts.stream().flatMap(part -> part.parameters().stream()).toList();
    }

    @Override
    public List<Integer> owners() {
        return parts.stream().flatMap(part -> part.owners().stream()).toList();
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        parts.forEach(part -> all.putAll(part.state()));
        return all;
    }

    @Override
    public void close() {
        parts.forEach(Optimizer::close);
    }
}
