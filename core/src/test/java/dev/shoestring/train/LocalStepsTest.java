package dev.shoestring.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.distributed.Team;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.optim.Schedule;
import dev.shoestring.optim.Sgd;
import dev.shoestring.recipe.DistributedSpec;
import dev.shoestring.recipe.ScheduleSpec;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two members of a team, each on a thread of this process, that draw one number towards targets of their own. */
final class LocalStepsTest {
    private static final int STEPS = 8;
    private static final int LOCAL = 4;

    /** A target for the number. */
    private record Target(double value) implements MicroBatch {
        @Override
        public int examples() {
            return 1;
        }

        @Override
        public double flops() {
            return 1;
        }
    }

    /** How a member's run ended, after how many steps, at how many evaluations, and where the number is. */
    private record Ended(StopReason reason, int steps, List<Long> evaluations, float number) {}

    private static Ended run(Team team, DistributedSpec spec, EvaluationPlan plan, StepBatches<Target> targets) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor number = Tensor.full(0, 1).requiresGrad(true);
            List<Long> evaluations = new ArrayList<>();
            List<Long> steps = new ArrayList<>();
            Sgd optimizer = new Sgd(List.of(new ParameterGroup(Map.of("number", number), 0.125, 0)), 0);
            Objective<Target> objective = batch -> {
                Tensor way = number.sub(Tensor.full(batch.value(), 1));
                return way.mul(way).sum();
            };
            try (LocalSteps sync = new LocalSteps(team.collectives(), spec, optimizer.parameters(), STEPS, List.of())) {
                StopReason reason = new TrainingLoop<>(
                                targets,
                                objective,
                                Arithmetic.FP32,
                                optimizer,
                                new Schedule(ScheduleSpec.Kind.CONSTANT, STEPS, 0, 0),
                                0,
                                sync,
                                plan,
                                List.of(recording(steps, evaluations)))
                        .run(0, new RunControl());
                return new Ended(reason, steps.size(), evaluations, number.toFloats()[0]);
            }
        }
    }

    private static Observer recording(List<Long> steps, List<Long> evaluations) {
        return new Observer() {
            @Override
            public void afterStep(StepRecord step, RunControl control) {
                steps.add(step.step());
            }

            @Override
            public void afterEvaluation(EvaluationRecord evaluation, RunControl control) {
                evaluations.add(evaluation.step());
            }
        };
    }

    private static EvaluationPlan after(long... due) {
        return new EvaluationPlan() {
            @Override
            public boolean dueAfter(long step) {
                return Arrays.stream(due).anyMatch(one -> one == step);
            }

            @Override
            public EvaluationRecord evaluate(long step, RunControl control) {
                return new EvaluationRecord(step, 0, new Measurement(null, null, 0, null, null, 1), true, 0);
            }
        };
    }

    private static DistributedSpec spec(double rate, double momentum) {
        return new DistributedSpec(false, DistributedSpec.Shard.NONE, LOCAL, rate, momentum, 1);
    }

    /** Each draws to its own target for four steps: with outer rate 1 and no momentum all have the mean of where they came to. */
    @Test
    void withRateOneAndNoMomentumAllTakeTheMean() throws Exception {
        List<Ended> ended = Teams.together(
                2, (team, rank) -> run(team, spec(1, 0), after(STEPS), step -> List.of(new Target(rank == 0 ? 1 : 3))));
        // Each step leaves three quarters of the way; after four together, from their mean again.
        double mean = 2 * (1 - Math.pow(0.75, STEPS));
        assertThat(ended).allSatisfy(one -> {
            assertThat(one.number()).isCloseTo((float) mean, within(1e-5f));
            assertThat(one.reason()).isEqualTo(StopReason.COMPLETED);
            assertThat(one.evaluations()).containsExactly((long) STEPS);
        });
    }

    /** One member's loss is no number just before an evaluation, in which both would meet. */
    @Test
    void noNumberInOneProcessBeforeAnEvaluationEndsBoth() throws Exception {
        List<Ended> ended = Teams.together(
                2,
                (team, rank) -> run(
                        team,
                        spec(0.7, 0.9),
                        after(2, STEPS),
                        step -> List.of(new Target(rank == 1 && step == 1 ? Double.NaN : 1))));
        assertThat(ended).allSatisfy(one -> {
            assertThat(one.reason()).isEqualTo(StopReason.DIVERGED);
            assertThat(one.evaluations()).isEmpty();
        });
    }

    @Test
    void noNumberInTheLastStepEndsBothWhereNothingIsEvaluated() throws Exception {
        List<Ended> ended = Teams.together(
                2,
                (team, rank) -> run(
                        team,
                        spec(0.7, 0.9),
                        after(),
                        step -> List.of(new Target(rank == 0 && step == STEPS - 1 ? Double.NaN : 1))));
        assertThat(ended).allSatisfy(one -> assertThat(one.reason()).isEqualTo(StopReason.DIVERGED));
    }

    @Test
    void noNumberOnTheWayEndsBothAtTheNextExchange() throws Exception {
        List<Ended> ended = Teams.together(
                2,
                (team, rank) -> run(
                        team,
                        spec(0.7, 0.9),
                        after(STEPS),
                        step -> List.of(new Target(rank == 1 && step == 1 ? Double.NaN : 1))));
        assertThat(ended).allSatisfy(one -> {
            assertThat(one.reason()).isEqualTo(StopReason.DIVERGED);
            assertThat(one.steps()).isLessThanOrEqualTo(LOCAL);
        });
    }
}
