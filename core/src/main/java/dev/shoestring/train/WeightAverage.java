package dev.shoestring.train;

import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A running average of weights and running statistics (Polyak and Juditsky 1992, in the exponential form of arXiv 1703.01780). Its decay
 * begins low, as (1 + steps) / (10 + steps), so that the average forgets where training began. Evaluation and the final model take the
 * average: {@link #exchange} puts it into the network and the network's own weights here, and back.
 */
public final class WeightAverage implements AutoCloseable {
    private static final String PREFIX = "average.";
    private static final double EARLY = 10;

    private final Map<String, Tensor> live;
    private final Map<String, Tensor> averages = new LinkedHashMap<>();
    private final double decay;

    /** Averages these tensors, from what they are now. */
    public WeightAverage(Map<String, Tensor> live, double decay) {
        this.live = live;
        this.decay = decay;
        live.forEach((name, tensor) ->
                averages.put(name, tensor.detach().copy().unscoped().named(PREFIX + name)));
    }

    /** Moves the average towards the weights after the step numbered from 1. */
    public void update(long step) {
        double now = Math.min(decay, (1 + step) / (EARLY + step));
        averages.forEach((name, average) ->
                average.lerpInPlace(Objects.requireNonNull(live.get(name)).detach(), 1 - now));
    }

    /** Exchanges the average and the network's weights. */
    public void exchange() {
        averages.forEach((name, average) -> {
            try (TensorScope scope = TensorScope.open()) {
                Tensor own = Objects.requireNonNull(live.get(name));
                Tensor kept = own.detach().copy();
                own.copyFrom(average);
                average.copyFrom(kept);
            }
        });
    }

    /** The averages under their checkpoint names. */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        averages.forEach((name, average) -> state.put(PREFIX + name, average));
        return state;
    }

    @Override
    public void close() {
        averages.values().forEach(Tensor::close);
    }
}
