package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.distributed.Team;
import dev.shoestring.optim.CompactAdamW;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.optim.Shards;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Checkpoints;
import dev.shoestring.train.Teams;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
