package dev.shoestring.train;

import dev.shoestring.optim.Optimizer;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An optimizer after each of whose steps a running average of the weights moves. */
public final class AveragedOptimizer implements Optimizer {
    private final Optimizer optimizer;
    private final WeightAverage average;
    private final Tensor steps = Tensor.zeros(DType.FLOAT32, 1).unscoped().named("steps of the average");

    /** Moves {@code average} by what {@code optimizer} does. */
    public AveragedOptimizer(Optimizer optimizer, WeightAverage average) {
        this.optimizer = optimizer;
        this.average = average;
    }

    @Override
    public void step(double factor) {
        optimizer.step(factor);
        steps.fill(steps.item() + 1);
        average.update((long) steps.item());
    }

    @Override
    public List<Tensor> parameters() {
        return optimizer.parameters();
    }

    @Override
    public List<Integer> owners() {
        return optimizer.owners();
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(optimizer.state());
        state.putAll(average.state());
        state.put("average_steps", steps);
        return state;
    }

    @Override
    public void close() {
        optimizer.close();
        average.close();
        steps.close();
    }
}
