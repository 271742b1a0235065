package dev.shoestring.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Checkpoints;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** How the optimizer's state comes into a checkpoint, and out of it. A checkpoint is the same whoever keeps the state. */
interface OptimizerState {
    /** Gives every process the state that it keeps, out of rank 0's checkpoint. */
    void begin(Optional<Checkpoints.Saved> saved);

    /** Writes a checkpoint in rank 0; the others do their part of it. */
    void write(Checkpoints checkpoints, long step, Map<String, Tensor> shared, ObjectNode state);

    /** Every process keeps all of it; rank 0 needs nobody to write. */
    record Whole(Optimizer optimizer, TeamWork work) implements OptimizerState {
        @Override
        public void begin(Optional<Checkpoints.Saved> saved) {
            saved.filter(from -> work.team().first()).ifPresent(from -> from.restoreInto(optimizer.state()));
            work.share(optimizer.state().values());
        }

        @Override
        public void write(Checkpoints checkpoints, long step, Map<String, Tensor> shared, ObjectNode state) {
            if (work.team().first()) {
                Map<String, Tensor> tensors = new LinkedHashMap<>(shared);
                tensors.putAll(optimizer.state());
                checkpoints.write(step, tensors, state);
            }
        }
    }
}
