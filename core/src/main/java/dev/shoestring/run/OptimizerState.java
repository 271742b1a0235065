package dev.shoestring.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Checkpoints;
import dev.shoestring.train.TensorCopies;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;

/** How the optimizer's state comes into a checkpoint, and out of it. A checkpoint is the same whoever keeps the state. */
interface OptimizerState {
    /** Gives every process the state that it keeps, out of rank 0's checkpoint. */
    void begin(Optional<Checkpoints.Saved> saved);

    /** Writes a checkpoint in rank 0; the others do their part of it. */
    void write(Checkpoints checkpoints, long step, Map<String, Tensor> shared, ObjectNode state);

    /**
     * Begins to write one of the values as they are now, in the course of the next steps; every process that keeps state calls it after the
     * same step. Where one has no room for copies it is written before this returns.
     *
     * @param room whether this process may hold so many bytes more
     */
    CheckpointUnderway start(
            Checkpoints checkpoints, long step, Map<String, Tensor> shared, ObjectNode state, LongPredicate room);

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
        public CheckpointUnderway start(
                Checkpoints checkpoints, long step, Map<String, Tensor> shared, ObjectNode state, LongPredicate room) {
            if (!work.team().first()) {
                return CheckpointUnderway.DONE;
            }
            Map<String, Tensor> tensors = all(shared);
            if (!room.test(TensorCopies.bytes(tensors))) {
                checkpoints.write(step, tensors, state);
                return CheckpointUnderway.DONE;
            }
            return new CopiedCheckpoint(new TensorCopies(tensors), copies -> checkpoints.write(step, copies, state));
        }

        private Map<String, Tensor> all(Map<String, Tensor> shared) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(shared);
            tensors.putAll(optimizer.state());
            return tensors;
        }
    }
}
