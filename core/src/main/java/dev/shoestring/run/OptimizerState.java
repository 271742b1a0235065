package dev.shoestring.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Checkpoints;
import dev.shoestring.train.TensorCopies;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** How the optimizer's state comes into a checkpoint, and out of it. A checkpoint is the same whoever keeps the state. */
interface OptimizerState {
    /** Gives every process the state that it keeps, out of rank 0's checkpoint. */
    void begin(Optional<Checkpoints.Saved> saved);

    /** Writes a checkpoint in rank 0; the others do their part of it. */
    void write(Checkpoints checkpoints, long step, Map<String, Tensor> shared, ObjectNode state);

    /**
     * Begins to write one of the values as they are now, in the course of the next steps; every process that keeps state calls it after the
     * same step. Null where one has no room for copies: it is written before this returns.
     *
     * @param room whether this process may hold so many bytes more
     * @param seconds wall time of a step
     */
    @Nullable
    CheckpointUnderway start(
            Checkpoints checkpoints,
            long step,
            Map<String, Tensor> shared,
            ObjectNode state,
            LongPredicate room,
            double seconds);

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
                checkpoints.write(step, all(shared), state);
            }
        }

        @Override
        public @Nullable CheckpointUnderway start(
                Checkpoints checkpoints,
                long step,
                Map<String, Tensor> shared,
                ObjectNode state,
                LongPredicate room,
                double seconds) {
            Map<String, Tensor> tensors = all(shared);
            if (!work.team().first() || !room.test(TensorCopies.bytes(tensors))) {
                write(checkpoints, step, shared, state);
                return null;
            }
            return new CheckpointUnderway(
                    work.team(),
                    new TensorCopies(tensors),
                    List.of(),
                    1,
                    outputs -> checkpoints.write(step, outputs, state));
        }

        private Map<String, Tensor> all(Map<String, Tensor> shared) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(shared);
            tensors.putAll(optimizer.state());
            return tensors;
        }
    }
}
