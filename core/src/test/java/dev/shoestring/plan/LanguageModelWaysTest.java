package dev.shoestring.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.cost.Link;
import dev.shoestring.plan.Layout.Recompute;
import dev.shoestring.plan.Layout.Shard;
import dev.shoestring.plan.Workload.Adaptation;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class LanguageModelWaysTest {
    private static final ModelShape SEVEN = ModelShapeTest.shape(
            "{'model_type':'llama','hidden_size':4096,'num_hidden_layers':32,'num_attention_heads':32,"
                    + "'intermediate_size':11008,'vocab_size':32000}");
    private static final Hardware H100 = HardwareCatalogue.bundled().named("h100");

    private static Workload job(double batch) {
        return new Workload(SEVEN, 4096, 2e12, batch, "bf16", new Adaptation.Full(), true, false, true);
    }

    private static Ways ways(Workload job, Hardware hardware, int devices) {
        Spread spread = Spread.of(devices, null, null, hardware);
        return LanguageModelWays.of(job, hardware, spread, Wishes.devices(devices), 30);
    }

    private static Way way(Ways ways, String name) {
        return ways.all().stream()
                .filter(each -> each.name().startsWith(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void zeroSendsAsMuchInItsFirstStageAndHalfMoreInItsThird() {
        // arXiv 1910.02054, section 7: 2Ψ for data parallelism and stage 1, 3Ψ for stage 3; here 2 bytes a number,
        // 63/64 of it.
        Workload job = job(64 * 4096);
        double psi = SEVEN.parameters() * 2.0 * 63 / 64;
        assertThat(exchange(job, Shard.NONE).sent()).isCloseTo(2 * psi, within(1.0));
        assertThat(exchange(job, Shard.OPTIMIZER).sent()).isCloseTo(2 * psi, within(1.0));
        assertThat(exchange(job, Shard.FULL).sent()).isCloseTo(3 * psi, within(1.0));
    }

    private static Exchange exchange(Workload job, Shard shard) {
        return Exchange.of(job, new Layout(64, 1, 1, shard, Recompute.NONE, 1), H100);
    }

    @Test
    void devicesOfAMachineShareItsWayOut() {
        Exchange all = exchange(job(64 * 4096), Shard.NONE);
        assertThat(all.ring().machines()).isEqualTo(8);
        assertThat(all.ring().network().bytesPerSecond()).isEqualTo(8 * 50e9);
        // With eight devices to a matrix, eight rings leave the machine, each with a device's share.
        Layout tensors = new Layout(64, 8, 1, Shard.OPTIMIZER, Recompute.NONE, 1);
        Exchange split = Exchange.of(job(64 * 4096), tensors, H100);
        assertThat(split.ring().members()).isEqualTo(8);
        assertThat(split.ring().slowest()).isEqualTo(50e9);
    }

    @Test
    void momentsOfAZeroStageAreAsPublished() {
        // arXiv 1910.02054, figure 1: 7.5 G numbers on 64 devices; 12 bytes a number are optimizer states, 90 GB, and
        // 1.4 GB a device when
        // sharded. Ours keeps single-precision weights whole, so 8 bytes are shared: 60 and 0.94.
        ModelShape model = ModelShapeTest.shape(
                "{'model_type':'gpt2','n_embd':4096,'n_layer':36,'n_head':32,'vocab_size':51200,'n_positions':2048}");
        Workload job = new Workload(model, 2048, 1e9, 1e6, "bf16", new Adaptation.Full(), true, false, false);
        double own = MemoryParts.of(job, new Layout(64, 1, 1, Shard.NONE, Recompute.FULL, 1))
                .optimizer();
        double shared = MemoryParts.of(job, new Layout(64, 1, 1, Shard.OPTIMIZER, Recompute.FULL, 1))
                .optimizer();
        assertThat(own).isCloseTo(8.0 * model.parameters(), within(0.01 * own));
        assertThat(shared).isCloseTo(own / 64, within(1.0));
    }

    @Test
    void sevenBillionNumbersDoNotFitWholeOnEveryDevice() {
        Ways ways = ways(job(4_194_304), H100, 64);
        Way whole = way(ways, "gradients");
        assertThat(whole.possible()).isFalse();
        // 18 bytes a number are 113 GiB before any activation.
        assertThat(whole.memory() / (1L << 30)).isBetween(113.0, 130.0);
        assertThat(way(ways, "weights sharded").possible()).isTrue();
        assertThat(Objects.requireNonNull(ways.best()).effect()).isEqualTo(Way.Effect.NONE);
    }

    @Test
    void aStepMustHaveASequenceForEachCopy() {
        Ways ways = ways(job(64 * 4096), H100, 128);
        assertThat(way(ways, "weights sharded").refused()).contains("sequence");
        assertThat(way(ways, "tensor").possible()).isTrue();
    }

    @Test
    void localStepsPayBetweenMachinesOnASlowNetwork() {
        Hardware slow = H100.joined(8, new Link(1.25e9, 1e-4));
        Ways ways = ways(job(4_194_304), slow, 64);
        Way best = Objects.requireNonNull(ways.best());
        assertThat(best.name()).isEqualTo("30 local steps of each machine");
        // Outer weights and momentum of an eighth of the numbers lie on each device.
        Way inside = ways(job(4_194_304), H100, 64).all().get(4);
        assertThat(best.seconds()).isGreaterThan(inside.seconds());
        assertThat(way(ways, "weights sharded").seconds()).isGreaterThan(2 * best.seconds());
    }
}
