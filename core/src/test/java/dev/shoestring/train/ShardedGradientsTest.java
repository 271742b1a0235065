package dev.shoestring.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.distributed.Team;
import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.CompactAdamW;
import dev.shoestring.optim.Muon;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Optimizers;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.optim.Sgd;
import dev.shoestring.optim.Shards;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Members of a team, each on a thread of this process, with parameters of their own. */
final class ShardedGradientsTest {
    private static final int STEPS = 4;

    /** Every optimizer that a recipe can ask for. */
    private enum Kind {
        ADAMW,
        BF16_MOMENTS,
        INT8_MOMENTS,
        SGD,
        MUON;

        Optimizer make(Map<String, Tensor> matrices, Map<String, Tensor> others, Shards shards) {
            List<ParameterGroup> groups =
                    List.of(new ParameterGroup(matrices, 0.01, 0.1), new ParameterGroup(others, 0.02, 0));
            return switch (this) {
                case ADAMW -> new AdamW(groups, 0.9, 0.95, 1e-8, shards);
                case BF16_MOMENTS -> new CompactAdamW(groups, 0.9, 0.95, 1e-8, CompactAdamW.Moments.BF16, shards);
                case INT8_MOMENTS -> new CompactAdamW(groups, 0.9, 0.95, 1e-8, CompactAdamW.Moments.INT8, shards);
                case SGD -> new Sgd(groups, 0.9, shards);
                case MUON ->
                    new Optimizers(List.of(
                            new Muon(List.of(groups.get(0)), 0.9, false, shards),
                            new AdamW(List.of(groups.get(1)), 0.9, 0.95, 1e-8, shards)));
            };
        }
    }

    private record Trained(List<float[]> parameters, List<Double> norms) {}

    private static Tensor random(Random random, long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, shape);
    }

    /** Trains on gradients that are random, of which some ranks have none, as have all of one parameter. */
    private static Trained train(Team team, Kind kind, boolean sharded, boolean compressed) {
        Random fixed = new Random(3);
        Map<String, Tensor> matrices = new LinkedHashMap<>();
        Map<String, Tensor> others = new LinkedHashMap<>();
        for (int i = 0; i < 5; i++) {
            matrices.put(
                    "matrix" + i,
                    random(fixed, 40 + 10 * (i / 3), 300).unscoped().requiresGrad(true));
            others.put("vector" + i, random(fixed, 7 + i).unscoped().requiresGrad(true));
        }
        Shards shards = sharded ? new Shards(team.rank(), team.size()) : Shards.WHOLE;
        List<Double> norms = new ArrayList<>();
        Optimizer optimizer = kind.make(matrices, others, shards);
        List<Tensor> parameters = optimizer.parameters();
        ShardedGradients divided = new ShardedGradients(
                team.collectives(), compressed, parameters, optimizer.owners(), List.of(), () -> true);
        SummedGradients summed = new SummedGradients(team.collectives(), compressed, parameters, List.of());
        GradientSync sync = sharded ? divided : summed;
        try {
            for (int step = 0; step < STEPS; step++) {
                backward(parameters, step, team.rank(), sync);
                sync.synchronize(parameters);
                norms.add(sync.clip(parameters, 1.0));
                optimizer.step(0.5);
                optimizer.clearGradients();
                sync.afterStep(step + 1L);
            }
            assertThat(divided.granted()).isEqualTo(sharded);
            return new Trained(parameters.stream().map(Tensor::toFloats).toList(), norms);
        } finally {
            divided.close();
            summed.close();
            optimizer.close();
            parameters.forEach(Tensor::close);
        }
    }

    /**
     * Gives parameters a random gradient each by two backward passes, of which the last sends. Some have none in some steps, one never has; in one
     * step a rank has nothing at all, and one parameter has a part that no pass tells of.
     */
    private static void backward(List<Tensor> parameters, int step, int rank, GradientSync sync) {
        if (step == 2 && rank == 1) {
            return;
        }
        for (int pass = 0; pass < 2; pass++) {
            if (pass == 1) {
                sync.lastBackward();
            }
            try (TensorScope scope = TensorScope.open()) {
                Tensor loss = Tensor.zeros(DType.FLOAT32, 1);
                for (int i = 0; i < parameters.size(); i++) {
                    Random random = new Random(1000L * step + 100L * pass + 10L * i + rank);
                    Tensor factors = random(random, parameters.get(i).shape());
                    if (i == 1 && pass == 0) {
                        parameters.get(i).takeGrad(factors);
                    } else if (i != 2 && (i + step + rank) % 4 != 0) {
                        loss = loss.add(parameters.get(i).mul(factors).sum());
                    }
                }
                loss.sum().backward();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachWithItsPartGivesTheBitsOfEachWithAll(Kind kind) throws Exception {
        List<Trained> whole = Teams.together(2, (team, rank) -> train(team, kind, false, false));
        List<Trained> parts = Teams.together(2, (team, rank) -> train(team, kind, true, false));
        for (Trained one : parts) {
            assertThat(one.norms()).isEqualTo(whole.get(0).norms());
            assertThat(one.parameters().toArray())
                    .isEqualTo(whole.get(0).parameters().toArray());
        }
    }

    @Test
    void threeProcessesDifferByTheOrderOfTheirSums() throws Exception {
        List<Trained> whole = Teams.together(3, (team, rank) -> train(team, Kind.SGD, false, false));
        List<Trained> parts = Teams.together(3, (team, rank) -> train(team, Kind.SGD, true, false));
        assertThat(parts.get(2).parameters().toArray())
                .isEqualTo(parts.get(0).parameters().toArray());
        for (int i = 0; i < whole.get(0).parameters().size(); i++) {
            assertThat(parts.get(0).parameters().get(i))
                    .containsExactly(whole.get(0).parameters().get(i), within(1e-5f));
        }
    }

    @Test
    void compressedGradientsAreRoundedAndParametersAreNot() throws Exception {
        List<Trained> whole = Teams.together(2, (team, rank) -> train(team, Kind.SGD, true, false));
        List<Trained> rounded = Teams.together(2, (team, rank) -> train(team, Kind.SGD, true, true));
        assertThat(rounded.get(1).parameters().toArray())
                .isEqualTo(rounded.get(0).parameters().toArray());
        assertThat(rounded.get(0).norms().get(0))
                .isNotEqualTo(whole.get(0).norms().get(0))
                .isCloseTo(whole.get(0).norms().get(0), within(1e-2));
    }

    @Test
    void moreProcessesThanParametersHaveNothingToDo() throws Exception {
        List<float[]> results = Teams.together(3, (team, rank) -> {
            Map<String, Tensor> one =
                    Map.of("only", Tensor.zeros(DType.FLOAT32, 3).unscoped().requiresGrad(true));
            try (Sgd optimizer = new Sgd(List.of(new ParameterGroup(one, 1, 0)), 0, new Shards(rank, 3));
                    ShardedGradients sync = new ShardedGradients(
                            team.collectives(),
                            false,
                            optimizer.parameters(),
                            optimizer.owners(),
                            List.of(),
                            () -> false)) {
                Tensor parameter = optimizer.parameters().get(0);
                try (TensorScope scope = TensorScope.open()) {
                    parameter.takeGrad(Tensor.full(1 + rank, 3));
                }
                sync.synchronize(optimizer.parameters());
                sync.clip(optimizer.parameters(), Float.MAX_VALUE);
                optimizer.step(1);
                optimizer.clearGradients();
                sync.afterStep(1);
                return parameter.toFloats();
            } finally {
                one.values().forEach(Tensor::close);
            }
        });
        assertThat(results).allSatisfy(values -> assertThat(values).containsExactly(-6, -6, -6));
    }

    @ParameterizedTest
    @EnumSource
    void halfOfTheStateIsHeldByEach(Kind kind) {
        Map<String, Tensor> matrices = new LinkedHashMap<>();
        Map<String, Tensor> others = new LinkedHashMap<>();
        try (TensorScope scope = TensorScope.open()) {
            for (int i = 0; i < 8; i++) {
                matrices.put("matrix" + i, Tensor.zeros(DType.FLOAT32, 256, 512));
                others.put("vector" + i, Tensor.zeros(DType.FLOAT32, 512));
            }
            long whole = bytes(() -> kind.make(matrices, others, Shards.WHOLE));
            long first = bytes(() -> kind.make(matrices, others, new Shards(0, 2)));
            long second = bytes(() -> kind.make(matrices, others, new Shards(1, 2)));
            // What is drawn to round by is each process's own.
            long noise = kind == Kind.BF16_MOMENTS || kind == Kind.INT8_MOMENTS ? 3L * 4 * (1 << 19) : 0;
            assertThat(first - noise).isCloseTo((whole - noise) / 2, within(4096L));
            assertThat(second - noise).isCloseTo((whole - noise) / 2, within(4096L));
        }
    }

    private interface Maker {
        Optimizer make();
    }

    private static long bytes(Maker maker) {
        long before = LiveTensors.bytes();
        try (Optimizer optimizer = maker.make()) {
            return LiveTensors.bytes() - before;
        }
    }
}
