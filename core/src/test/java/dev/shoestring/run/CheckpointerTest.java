package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.distributed.Team;
import dev.shoestring.optim.CompactAdamW;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.BestWeights;
import dev.shoestring.train.Checkpoints;
import dev.shoestring.train.StepRecord;
import dev.shoestring.train.ValidationPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that ends while a checkpoint is on its way has one of its last step, or says that it has none. */
final class CheckpointerTest {
    private final Path folder;

    CheckpointerTest(@TempDir Path folder) {
        this.folder = folder;
    }

    /** A run's checkpointer and what it counts steps by. */
    private record Run(Checkpointer checkpointer, RunMeter meter) {
        void step(long number, boolean now) {
            meter.stepped(new StepRecord(number, 100, 1, 1, 1, 1, 1, 1, 0, 0.1, 0));
            checkpointer.afterStep(0.1, now);
        }
    }

    private static void within(Path checkpoints, Consumer<Run> work) {
        long before = LiveTensors.count();
        try (TensorScope scope = TensorScope.open()) {
            Map<String, Tensor> trained = Map.of("weight", Tensor.zeros(DType.FLOAT32, 1 << 20));
            RunMeter meter = new RunMeter(
                    Ledger.start(PriceList.load()),
                    Recipes.load("definitions", List.of()).stop(),
                    0);
            try (BestWeights best = new BestWeights(trained);
                    CompactAdamW optimizer = new CompactAdamW(
                            List.of(new ParameterGroup(trained, 1, 0)), 0.9, 0.95, 1e-8, CompactAdamW.Moments.BF16);
                    Checkpointer checkpointer = new Checkpointer(
                            new Checkpoints(checkpoints),
                            trained,
                            new OptimizerState.Whole(optimizer, new TeamWork(Team.alone())),
                            best,
                            () -> ValidationPlan.Progress.START,
                            meter,
                            "data",
                            MemorySpec.AUTO,
                            bytes -> true)) {
                work.accept(new Run(checkpointer, meter));
            }
        }
        assertThat(LiveTensors.count()).isEqualTo(before);
    }

    private static long newest(Path checkpoints) {
        return new Checkpoints(checkpoints).newest().orElseThrow().step();
    }

    @Test
    void theOneOfTheLastStepIsFinished() {
        within(folder, run -> {
            run.step(1, true);
            run.checkpointer().write();
            assertThat(newest(folder)).isEqualTo(1);
        });
    }

    @Test
    void anEarlierOneGivesWayToTheLast() {
        within(folder, run -> {
            run.step(1, true);
            run.step(2, false);
            run.checkpointer().write();
            assertThat(newest(folder)).isEqualTo(2);
        });
    }

    /** As where another process is lost some steps later. */
    @Test
    void oneThatIsWhollyHereIsFinishedWhenTheRunBreaks() {
        within(folder, run -> {
            run.step(1, true);
            run.step(2, false);
            run.checkpointer().close();
            assertThat(newest(folder)).isEqualTo(1);
        });
    }

    @Test
    void aFullDiskIsToldAtTheEndToo() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        within(file, run -> {
            run.step(1, true);
            assertThatThrownBy(run.checkpointer()::write)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("the checkpoint of step 1 could not be written");
        });
    }
}
