package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.distributed.Team;
import dev.shoestring.optim.CompactAdamW;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Checkpoints;
import dev.shoestring.train.Teams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint is the same whoever keeps the optimizer's state, and any number of processes goes on with it. */
final class ShardedStateTest {
    private static final int TENSORS = 5;

    private final Path folder;

    ShardedStateTest(@TempDir Path folder) {
        this.folder = folder;
    }

    /** Moments in eight bits: bytes with scales beside them, and a count that every process keeps. */
    private static CompactAdamW optimizer(Shards shards) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        for (int i = 0; i < TENSORS; i++) {
            parameters.put("weight" + i, Tensor.zeros(DType.FLOAT32, 300 + i, 2));
        }
        return new CompactAdamW(
                List.of(new ParameterGroup(parameters, 1, 0)), 0.9, 0.95, 1e-8, CompactAdamW.Moments.INT8, shards);
    }

    private static double expected(String name) {
        return Math.floorMod(name.hashCode(), 251);
    }

    private static void fill(CompactAdamW optimizer) {
        optimizer.state().forEach((name, tensor) -> tensor.fill(expected(name)));
    }

    private static void write(OptimizerState state, Path to) {
        try (TensorScope scope = TensorScope.open()) {
            state.write(
                    new Checkpoints(to), 7, Map.of("shared", Tensor.full(3, 2)), new ObjectMapper().createObjectNode());
        }
    }

    private static Map<String, Double> found(CompactAdamW optimizer) {
        Map<String, Double> found = new TreeMap<>();
        optimizer.state().forEach((name, tensor) -> {
            float[] values = tensor.toFloats();
            assertThat(values).containsOnly(values[0]);
            found.put(name, (double) values[0]);
        });
        return found;
    }

    /** What each of some processes finds in a checkpoint. */
    private static List<Map<String, Double>> restored(Path from, int processes) throws Exception {
        return Teams.together(processes, (team, rank) -> {
            Checkpoints.Saved saved = new Checkpoints(from).newest().orElseThrow();
            try (TensorScope scope = TensorScope.open();
                    CompactAdamW optimizer = optimizer(new Shards(rank, processes))) {
                new ShardedState(optimizer, team).begin(Optional.of(saved));
                return found(optimizer);
            }
        });
    }

    private static void requireWhole(List<Map<String, Double>> parts) {
        Map<String, Double> all = new TreeMap<>();
        parts.forEach(all::putAll);
        assertThat(all).hasSize(1 + 4 * TENSORS);
        all.forEach((name, value) -> assertThat(value).as(name).isEqualTo(expected(name)));
        assertThat(parts).allSatisfy(part -> assertThat(part.size()).isLessThan(all.size()));
    }

    @Test
    void whatTwoKeepIsReadByThreeAndByOne() throws Exception {
        Teams.together(2, (team, rank) -> {
            try (TensorScope scope = TensorScope.open();
                    CompactAdamW optimizer = optimizer(new Shards(rank, 2))) {
                fill(optimizer);
                write(new ShardedState(optimizer, team), folder);
                return "written";
            }
        });
        requireWhole(restored(folder, 3));
        try (TensorScope scope = TensorScope.open();
                CompactAdamW alone = optimizer(Shards.WHOLE)) {
            new Checkpoints(folder).newest().orElseThrow().restoreInto(alone.state());
            found(alone).forEach((name, value) -> assertThat(value).as(name).isEqualTo(expected(name)));
        }
    }

    /** Values change as soon as it has begun; its parts are handed on in several steps. */
    @Test
    void whatIsWrittenInTheCourseOfStepsIsWhatWasThereAtItsBeginning() throws Exception {
        Teams.together(2, (team, rank) -> {
            try (TensorScope scope = TensorScope.open();
                    CompactAdamW optimizer = optimizer(new Shards(rank, 2))) {
                fill(optimizer);
                Tensor shared = Tensor.full(3, 1 << 20);
                try (CheckpointUnderway underway =
                        Objects.requireNonNull(start(new ShardedState(optimizer, team), shared, bytes -> true))) {
                    optimizer.state().values().forEach(tensor -> tensor.fill(0));
                    shared.fill(0);
                    underway.advance();
                    assertThat(underway.isDone()).isFalse();
                    underway.finish();
                    assertThat(underway.isDone()).isTrue();
                }
                return "written";
            }
        });
        requireWhole(restored(folder, 3));
        requireShared(1 << 20);
    }

    @Test
    void withoutRoomInOneProcessItIsWrittenAtOnce() throws Exception {
        Teams.together(2, (team, rank) -> {
            try (TensorScope scope = TensorScope.open();
                    CompactAdamW optimizer = optimizer(new Shards(rank, 2))) {
                fill(optimizer);
                assertThat(start(new ShardedState(optimizer, team), Tensor.full(3, 2), bytes -> rank == 0))
                        .isNull();
                return "written";
            }
        });
        requireWhole(restored(folder, 2));
    }

    /** As where a process is lost: nothing is left of it, in memory or among the checkpoints. */
    @Test
    void oneThatIsGivenUpLeavesNothing() throws Exception {
        long before = LiveTensors.count();
        Teams.together(2, (team, rank) -> {
            try (TensorScope scope = TensorScope.open();
                    CompactAdamW optimizer = optimizer(new Shards(rank, 2))) {
                fill(optimizer);
                Objects.requireNonNull(start(new ShardedState(optimizer, team), Tensor.full(3, 2), bytes -> true))
                        .close();
                return "given up";
            }
        });
        assertThat(LiveTensors.count()).isEqualTo(before);
        assertThat(new Checkpoints(folder).newest()).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void oneProcessAloneGoesOnWhileItsCheckpointIsWritten() {
        try (TensorScope scope = TensorScope.open();
                CompactAdamW alone = optimizer(Shards.WHOLE)) {
            fill(alone);
            OptimizerState state = new OptimizerState.Whole(alone, new TeamWork(Team.alone()));
            long before = LiveTensors.count();
            Tensor shared = Tensor.full(3, 2);
            try (CheckpointUnderway underway = Objects.requireNonNull(start(state, shared, bytes -> true))) {
                assertThat(LiveTensors.count()).isGreaterThan(before + 1);
                shared.fill(0);
                alone.state().values().forEach(tensor -> tensor.fill(0));
                underway.finish();
            }
            requireShared(2);
            new Checkpoints(folder).newest().orElseThrow().restoreInto(alone.state());
            found(alone).forEach((name, value) -> assertThat(value).as(name).isEqualTo(expected(name)));
        }
    }

    @Test
    void aDiskThatRefusesIsSaidWhenItIsFinished() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        try (TensorScope scope = TensorScope.open();
                CompactAdamW alone = optimizer(Shards.WHOLE)) {
            OptimizerState state = new OptimizerState.Whole(alone, new TeamWork(Team.alone()));
            try (CheckpointUnderway underway = Objects.requireNonNull(state.start(
                    new Checkpoints(file), 7, Map.of(), new ObjectMapper().createObjectNode(), bytes -> true, 0))) {
                assertThatThrownBy(underway::finish)
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("the checkpoint of step 7 could not be written");
            }
        }
    }

    private @Nullable CheckpointUnderway start(OptimizerState state, Tensor shared, LongPredicate room) {
        return state.start(
                new Checkpoints(folder), 7, Map.of("shared", shared), new ObjectMapper().createObjectNode(), room, 0);
    }

    /** What all have is written as it was at the beginning. */
    private void requireShared(long elements) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor shared = Tensor.zeros(DType.FLOAT32, elements);
            new Checkpoints(folder).newest().orElseThrow().restoreInto(Map.of("shared", shared));
            assertThat(shared.toFloats()).containsOnly(3);
        }
    }

    @Test
    void whatOneKeepsIsReadByTwo() throws Exception {
        try (TensorScope scope = TensorScope.open();
                CompactAdamW alone = optimizer(Shards.WHOLE)) {
            fill(alone);
            write(new OptimizerState.Whole(alone, new TeamWork(Team.alone())), folder);
        }
        requireWhole(restored(folder, 2));
    }
}
