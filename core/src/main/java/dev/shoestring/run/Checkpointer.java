package dev.shoestring.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.recipe.InputException;
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
import java.util.function.Supplier;

/** Writes a checkpoint every so many seconds: all that a resumed run needs to go on to the same bits. */
final class Checkpointer implements Observer {
    private static final double SECONDS_BETWEEN =
            Double.parseDouble(System.getProperty("shoestring.checkpointSeconds", "30"));

    private final Checkpoints checkpoints;
    private final Map<String, Tensor> trained;
    private final Optimizer optimizer;
    private final BestWeights best;
    private final Supplier<ValidationPlan.Progress> validation;
    private final RunMeter meter;
    private final String data;
    private long lastWritten = System.nanoTime();
    private long lastStep = -1;

    Checkpointer(
            Checkpoints checkpoints,
            Map<String, Tensor> trained,
            Optimizer optimizer,
            BestWeights best,
            Supplier<ValidationPlan.Progress> validation,
            RunMeter meter,
            String data) {
        this.checkpoints = checkpoints;
        this.trained = trained;
        this.optimizer = optimizer;
        this.best = best;
        this.validation = validation;
        this.meter = meter;
        this.data = data;
    }

    @Override
    public void afterEvaluation(EvaluationRecord evaluation, RunControl control) {
        // The step that follows may write.
    }

    @Override
    public void afterStep(StepRecord step, RunControl control) {
        if ((System.nanoTime() - lastWritten) * 1e-9 >= SECONDS_BETWEEN) {
            write();
        }
    }

    /** Writes a checkpoint of the steps done so far, unless there is one. */
    void write() {
        if (lastStep == meter.steps()) {
            return;
        }
        Map<String, Tensor> tensors = tensors();
        ObjectNode state = new ObjectMapper().createObjectNode();
        ValidationPlan.Progress progress = validation.get();
        if (progress.bestStep() > 0) {
            state.put("best_value", progress.bestValue()).put("best_step", progress.bestStep());
        }
        state.put("evaluations_since_best", progress.evaluationsSinceBest());
        meter.save(state);
        state.put("data_sha256", data);
        checkpoints.write(meter.steps(), tensors, state);
        lastStep = meter.steps();
        lastWritten = System.nanoTime();
    }

    /** All that a checkpoint holds. */
    Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>(trained);
        tensors.putAll(optimizer.state());
        tensors.putAll(best.state());
        return tensors;
    }

    /**
     * Puts a checkpoint's values into parameters, optimizer and best weights.
     *
     * @param read whether this process has the checkpoint's tensors; otherwise another gives it their values
     */
    void restore(Checkpoints.Saved saved, boolean read) {
        if (!saved.state().path("data_sha256").asText().equals(data)) {
            throw new InputException(
                    saved.tensors() + ": was trained on other data than the recipe's files hold now, so test "
                            + "texts could be among those already trained on; put the data back, or start a new run");
        }
        if (saved.state().has("best_step")) {
            best.remember();
        }
        if (read) {
            saved.restoreInto(tensors());
        }
        meter.restore(saved.state());
        lastStep = saved.step();
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
