package dev.shoestring.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.BestWeights;
import dev.shoestring.train.Checkpoints;
import dev.shoestring.train.EvaluationRecord;
import dev.shoestring.train.Observer;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StepRecord;
import dev.shoestring.train.ValidationPlan;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a checkpoint every so many seconds: all that a resumed run needs to go on to the same bits. The training goes on meanwhile, where
 * there is room for a copy.
 */
final class Checkpointer implements Observer, AutoCloseable {
    private static final double SECONDS_BETWEEN =
            Double.parseDouble(System.getProperty("shoestring.checkpointSeconds", "30"));

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MEASURES = "memory";

    private final Checkpoints checkpoints;
    private final Map<String, Tensor> trained;
    private final OptimizerState optimizer;
    private final BestWeights best;
    private final Supplier<ValidationPlan.Progress> validation;
    private final RunMeter meter;
    private final String data;
    private final MemorySpec measures;
    private final LongPredicate room;
    private @Nullable CheckpointUnderway underway;
    private long begun = -1;
    private long lastWritten = System.nanoTime();
    private long lastStep = -1;

    Checkpointer(
            Checkpoints checkpoints,
            Map<String, Tensor> trained,
            OptimizerState optimizer,
            BestWeights best,
            Supplier<ValidationPlan.Progress> validation,
            RunMeter meter,
            String data,
            MemorySpec measures,
            LongPredicate room) {
        this.checkpoints = checkpoints;
        this.trained = trained;
        this.optimizer = optimizer;
        this.best = best;
        this.validation = validation;
        this.meter = meter;
        this.data = data;
        this.measures = measures;
        this.room = room;
    }

    @Override
    public void afterEvaluation(EvaluationRecord evaluation, RunControl control) {
        // The step that follows may write.
    }

    @Override
    public void afterStep(StepRecord step, RunControl control) {
        afterStep(step.seconds(), due());
    }

    /**
     * Goes on with the checkpoint that is under way, and begins one if {@code now}; every process that keeps state calls it.
     *
     * @param seconds wall time of the step
     */
    void afterStep(double seconds, boolean now) {
        if (underway != null) {
            underway.advance();
            if (underway.isDone()) {
                finish();
            }
        }
        if (now && lastStep != meter.steps()) {
            // Rank 0 alone may still be writing, but then it does not ask for the next.
            begun = meter.steps();
            underway = optimizer.start(checkpoints, begun, shared(), state(), room, seconds);
            if (underway == null) {
                written(begun);
            }
        }
    }

    /** Whether it is time to begin one. */
    boolean due() {
        return underway == null && (System.nanoTime() - lastWritten) * 1e-9 >= SECONDS_BETWEEN;
    }

    private void finish() {
        try (@Nullable CheckpointUnderway last = underway) {
            underway = null;
            if (last != null) {
                last.finish();
                written(begun);
            }
        }
    }

    /** Writes a checkpoint of the steps done so far, unless there is one: that of earlier steps is given up for it. */
    void write() {
        if (begun == meter.steps()) {
            finish();
        } else if (underway != null) {
            underway.giveUp();
            underway = null;
        }
        if (lastStep == meter.steps()) {
            return;
        }
        optimizer.write(checkpoints, meter.steps(), shared(), state());
        written(meter.steps());
    }

    private void written(long step) {
        lastStep = step;
        lastWritten = System.nanoTime();
    }

    private ObjectNode state() {
        ObjectNode state = JSON.createObjectNode();
        ValidationPlan.Progress progress = validation.get();
        if (progress.bestStep() > 0) {
            state.put("best_value", progress.bestValue()).put("best_step", progress.bestStep());
        }
        state.put("evaluations_since_best", progress.evaluationsSinceBest());
        meter.save(state);
        state.put("data_sha256", data);
        state.set(MEASURES, JSON.valueToTree(measures));
        return state;
    }

    /** Ends the checkpoint that is under way, whole if no other process is needed for it, and frees copies. */
    @Override
    public void close() {
        if (underway != null) {
            underway.close();
            underway = null;
        }
    }

    /** What a checkpoint holds and every process has: all but the optimizer's state. */
    private Map<String, Tensor> shared() {
        Map<String, Tensor> tensors = new LinkedHashMap<>(trained);
        tensors.putAll(best.state());
        return tensors;
    }

    /** Gives every process what rank 0 begins with, from a checkpoint or as it was made. */
    void begin(Optional<Checkpoints.Saved> saved, TeamWork work) {
        saved.ifPresent(from -> restore(from, work.team().first()));
        // What each had to prepare may take longer than a call may.
        work.team().meet();
        work.share(shared().values());
        optimizer.begin(saved);
    }

    /** Puts a checkpoint's values into parameters and best weights; {@code read}: whether this process has them, or is given them. */
    private void restore(Checkpoints.Saved saved, boolean read) {
        if (!saved.state().path("data_sha256").asText().equals(data)) {
            throw new InputException(
                    saved.tensors() + ": was trained on other data than the recipe's files hold now, so test "
                            + "texts could be among those already trained on; put the data back, or start a new run");
        }
        if (saved.state().has("best_step")) {
            best.remember();
        }
        if (read) {
            saved.restoreInto(shared());
        }
        meter.restore(saved.state());
        lastStep = saved.step();
    }

    /** What a run did to need less memory when its checkpoint was written; its optimizer's state is of that kind. */
    static Optional<MemorySpec> measures(ObjectNode state) {
        try {
            return Optional.ofNullable(JSON.treeToValue(state.get(MEASURES), MemorySpec.class));
        } catch (JsonProcessingException damaged) {
            throw new InputException(
                    "the checkpoint says of memory " + state.get(MEASURES)
                            + ", which this version does not know; go on with the version that wrote it",
                    damaged);
        }
    }

    /** What the validation plan had come to at a checkpoint. */
    static ValidationPlan.Progress progress(ObjectNode state) {
        return state.has("best_step")
                ? new ValidationPlan.Progress(
                        state.path("best_value").asDouble(),
                        state.path("best_step").asLong(),
                        state.path("evaluations_since_best").asInt())
                : ValidationPlan.Progress.START;
    }
}
