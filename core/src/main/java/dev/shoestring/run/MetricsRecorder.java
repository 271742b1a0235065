package dev.shoestring.run;

import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.MetricsLine;
import dev.shoestring.report.MetricsLog;
import dev.shoestring.report.TensorBoardWriter;
import dev.shoestring.report.TrainingProgress;
import dev.shoestring.train.EvaluationRecord;
import dev.shoestring.train.Measurement;
import dev.shoestring.train.Observer;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StepRecord;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes each step and evaluation to the metrics log and to TensorBoard, and tells the listener. */
final class MetricsRecorder implements Observer, AutoCloseable {
    private final Recipe recipe;
    private final RunMeter meter;
    private final MetricsLog log;
    private final TensorBoardWriter board;
    private final RunListener listener;
    private boolean evaluated;

    MetricsRecorder(Recipe recipe, RunMeter meter, MetricsLog log, TensorBoardWriter board, RunListener listener) {
        this.recipe = recipe;
        this.meter = meter;
        this.log = log;
        this.board = board;
        this.listener = listener;
    }

    @Override
    public void afterEvaluation(EvaluationRecord evaluation, RunControl control) {
        evaluated = true;
        Measurement measured = evaluation.measured();
        log.append(new MetricsLine.Evaluation(
                evaluation.step(),
                meter.cost().wallSeconds(),
                evaluation.value(),
                measured.accuracy(),
                measured.macroF1(),
                measured.loss(),
                measured.bitsPerByte(),
                measured.rewardMargin(),
                evaluation.best(),
                meter.cost().flops()));
        scalar("validation/accuracy", evaluation.step(), measured.accuracy());
        scalar("validation/macro_f1", evaluation.step(), measured.macroF1());
        scalar("validation/loss", evaluation.step(), measured.loss());
        scalar("validation/bits_per_byte", evaluation.step(), measured.bitsPerByte());
        scalar("validation/reward_margin", evaluation.step(), measured.rewardMargin());
        if (measured.rewardMargin() != null && measured.accuracy() != null) {
            listener.message(String.format(
                    Locale.ROOT,
                    "held-out pairs at step %,d: loss %.4f, reward margin %.3f, better answer preferred in %.1f%%",
                    evaluation.step(),
                    measured.loss(),
                    measured.rewardMargin(),
                    100 * measured.accuracy()));
        }
    }

    @Override
    public void afterStep(StepRecord step, RunControl control) {
        double lr = step.lrFactor()
                * (recipe.adapt() instanceof AdaptSpec.Head
                        ? recipe.optimizer().headLr()
                        : recipe.optimizer().lr());
        double tokensPerSecond = step.tokens() / step.seconds();
        double money = meter.cost().money().amount();
        log.append(new MetricsLine.Step(
                step.step(),
                meter.cost().wallSeconds(),
                step.loss(),
                lr,
                step.gradientNorm(),
                step.examples(),
                step.tokens(),
                tokensPerSecond,
                money));
        board.scalar("train/loss", step.step(), step.loss());
        board.scalar("train/learning_rate", step.step(), lr);
        board.scalar("train/gradient_norm", step.step(), step.gradientNorm());
        board.scalar("train/real_tokens_per_second", step.step(), tokensPerSecond);
        board.scalar("cost/money", step.step(), money);
        @Nullable EvaluationRecord latest = meter.latest();
        double wall = meter.cost().wallSeconds();
        listener.progress(
                new TrainingProgress(
                        step.step(),
                        step.steps(),
                        meter.lossMean(),
                        latest == null ? null : latest.value(),
                        recipe.stop()
                                .metric()
                                .name()
                                .toLowerCase(java.util.Locale.ROOT)
                                .replace('_', '-'),
                        meter.tokens() > 0 ? meter.tokens() / Math.max(1e-9, meter.stepSeconds()) : Double.NaN,
                        wall / step.step() * (step.steps() - step.step()),
                        money,
                        meter.cost().money().currency()),
                evaluated);
        evaluated = false;
    }

    private void scalar(String name, long step, @Nullable Double value) {
        if (value != null) {
            board.scalar(name, step, value);
        }
    }

    /** Notes in TensorBoard's hyper-parameter view that the run has ended. */
    void end(boolean success) {
        board.end(success);
    }

    @Override
    public void close() {
        log.close();
        board.close();
    }
}
