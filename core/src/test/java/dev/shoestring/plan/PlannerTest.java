package dev.shoestring.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.plan.Workload.Adaptation;
import dev.shoestring.recipe.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlannerTest {
    private static final ModelShape GPT = ModelShapeTest.shape(
            "{'model_type':'gpt2','n_embd':768,'n_layer':12,'n_head':12,'vocab_size':50257,'n_positions':1024}");
    private static final ModelShape EIGHT = ModelShapeTest.shape(
            "{'model_type':'llama','hidden_size':4096,'num_hidden_layers':32,'num_attention_heads':32,"
                    + "'num_key_value_heads':8,'intermediate_size':14336,'vocab_size':128256}");

    private static Workload job(ModelShape model, Adaptation adaptation) {
        return new Workload(model, 1024, 1e9, 524_288, "bf16", adaptation, true, false, false);
    }

    @Test
    void flopsAreThoseOfTheMatrices() {
        TransformerFlops flops = TransformerFlops.of(GPT, 1024);
        // 12 blocks of 12·768² numbers, two operations each; half of 4·1024·768 a block for attention; 768·50257 for
        // the head
        assertThat(flops.blocks()).isEqualTo(2.0 * 12 * 12 * 768 * 768);
        assertThat(flops.attention()).isEqualTo(12 * 4.0 * 1024 * 768 / 2);
        assertThat(flops.head()).isEqualTo(2.0 * 768 * 50257);
        Workload full = job(GPT, new Adaptation.Full());
        assertThat(flops.training(full)).isEqualTo(3 * flops.forward());
        assertThat(flops.executed(full, Layout.Recompute.FULL))
                .isEqualTo(3 * flops.forward() + flops.blocks() + flops.attention());
    }

    @Test
    void aFrozenMatrixNeedsNoGradientOfItsOwn() {
        TransformerFlops flops = TransformerFlops.of(GPT, 1024);
        Workload lora = job(GPT, new Adaptation.Lora(8));
        double adapters = 6 * lora.trained();
        assertThat(flops.training(lora))
                .isCloseTo(2 * (flops.blocks() + flops.head()) + 3 * flops.attention() + adapters, within(1.0));
    }

    @Test
    void loraCountsEveryExpert() {
        // 16 numbers for each input and output of query (2048 → 4096), key and value (→ 512), output, router (→ 128)
        // and the
        // three matrices (2048, 768) of 128 experts, in 48 blocks
        ModelShape qwen = ModelShapeTest.shape("{'model_type':'qwen3_moe','hidden_size':2048,'num_hidden_layers':48,"
                + "'num_attention_heads':32,'num_key_value_heads':4,'head_dim':128,'intermediate_size':6144,"
                + "'moe_intermediate_size':768,'num_experts':128,'num_experts_per_tok':8,'vocab_size':151936}");
        double attention = (2048 + 4096) + 2 * (2048 + 512) + (2048 + 4096);
        double experts = 128 * 3 * (2048 + 768) + 2048 + 128;
        Workload lora = job(qwen, new Adaptation.Lora(16));
        assertThat(lora.trained()).isEqualTo(16 * 48 * (attention + experts));
        assertThat(lora.trainedActive()).isEqualTo(16 * 48 * (attention + experts - 120 * 3 * (2048 + 768)));
    }

    @Test
    void aSmallMicroBatchIsSlower() {
        Hardware a100 = HardwareCatalogue.bundled().named("a100-80");
        Workload full = job(GPT, new Adaptation.Full());
        double one = step(full, a100, 1);
        double eight = step(full, a100, 8);
        assertThat(one).isGreaterThan(1.1 * eight);
        // 64 numbers wide, two blocks: the weights' arithmetic is nothing, starting the kernels is not
        ModelShape tiny = ModelShapeTest.shape(
                "{'model_type':'gpt2','n_embd':64,'n_layer':2,'n_head':2,'vocab_size':64,'n_positions':1024}");
        assertThat(step(new Workload(tiny, 64, 1e9, 64, "bf16", new Adaptation.Full(), true, false, false), a100, 1))
                .isGreaterThan(1e-4);
    }

    private static double step(Workload job, Hardware hardware, int micro) {
        Layout layout = new Layout(1, 1, 1, Layout.Shard.NONE, Layout.Recompute.NONE, micro);
        return StepTime.of(job, layout, hardware).total();
    }

    @Test
    void fullShardingGathersForEveryMicroBatch() {
        Hardware gaming = HardwareCatalogue.bundled().named("rtx-4090");
        Layout layout = new Layout(8, 1, 1, Layout.Shard.FULL, Layout.Recompute.FULL, 1);
        Workload few = new Workload(EIGHT, 1024, 1e9, 8 * 1024, "bf16", new Adaptation.Full(), true, false, false);
        Workload many = new Workload(EIGHT, 1024, 1e9, 64 * 1024, "bf16", new Adaptation.Full(), true, false, false);
        assertThat(StepTime.of(many, layout, gaming).communication())
                .isGreaterThan(2 * StepTime.of(few, layout, gaming).communication());
    }

    @Test
    void copiesWithoutASequenceAreRefused() {
        Planner planner = new Planner(HardwareCatalogue.bundled().named("h100"));
        assertThatThrownBy(() -> planner.plan(job(EIGHT, new Adaptation.Full()), Wishes.devices(1 << 20)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("holds 512 sequences of 1024");
    }

    @Test
    void backtestHoldsItsGoals() {
        Backtest backtest = Backtest.bundled();
        for (boolean heldOut : new boolean[] {false, true}) {
            Backtest.Score score = backtest.score(heldOut);
            assertThat(score.runs()).isGreaterThanOrEqualTo(12);
            assertThat(score.medianError()).isLessThanOrEqualTo(0.15);
            assertThat(score.within35()).isGreaterThanOrEqualTo(0.9);
            assertThat(score.worstMemoryError()).isLessThanOrEqualTo(0.10);
        }
    }

    @Test
    void whatDoesNotFitIsToldWhatWould() {
        Planner planner = new Planner(HardwareCatalogue.bundled().named("rtx-4090"));
        assertThatThrownBy(() -> planner.plan(job(EIGHT, new Adaptation.Full()), Wishes.devices(1)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("does not fit")
                .hasMessageContaining("--processes 8")
                .hasMessageContaining("--adapt lora");
        Plan fits = planner.plan(job(EIGHT, new Adaptation.Full()), Wishes.devices(8));
        assertThat(fits.memory().total()).isLessThan(fits.hardware().memory());
    }

    @Test
    void everyPlanAddsUp() {
        Hardware hardware = HardwareCatalogue.bundled().named("a100-80");
        Plan plan = new Planner(hardware).plan(job(GPT, new Adaptation.Full()), Wishes.devices(8));
        assertThat(plan.seconds().middle()).isCloseTo(plan.steps() * plan.step().total(), within(1e-6));
        assertThat(plan.seconds().low()).isLessThan(plan.seconds().middle());
        assertThat(plan.mfu()).isBetween(0.2, 0.7);
        Plan.Interval money = Objects.requireNonNull(plan.money());
        assertThat(money.middle()).isCloseTo(plan.deviceHours() * 1.79, within(1e-6));
        assertThat(plan.largestMicroBatch())
                .isGreaterThanOrEqualTo(plan.layout().microBatch());
    }

    @Test
    void moreDevicesTakeLessTimeAndLowerPrecisionToo() {
        Hardware hardware = HardwareCatalogue.bundled().named("h100");
        Workload bf16 = job(EIGHT, new Adaptation.Full());
        Workload fp32 = new Workload(EIGHT, 1024, 1e9, 524_288, "fp32", new Adaptation.Full(), true, false, false);
        double eight =
                new Planner(hardware).plan(bf16, Wishes.devices(8)).seconds().middle();
        assertThat(new Planner(hardware)
                        .plan(bf16, Wishes.devices(16))
                        .seconds()
                        .middle())
                .isLessThan(eight);
        assertThat(new Planner(hardware).plan(fp32, Wishes.devices(8)).seconds().middle())
                .isGreaterThan(2 * eight);
    }

    @Test
    void theUsersFileGoesOverTheCatalogue(@TempDir Path folder) throws Exception {
        Path own = Files.writeString(folder.resolve("hardware.yaml"), "a100-80: {price: {per_hour: 1.10}}\n");
        Hardware hardware = HardwareCatalogue.with(own).named("A100-80");
        assertThat(Objects.requireNonNull(hardware.price()).perHour()).isEqualTo(1.10);
        assertThat(hardware.bandwidth()).isEqualTo(2039e9);
    }

    @Test
    void brokenHardwareIsNamedKeyByKey(@TempDir Path folder) throws Exception {
        Path own = Files.writeString(
                folder.resolve("hardware.yaml"), "mine: {watts: -1, price: {per_hour: -1, currency: USD}, speed: 3}\n");
        assertThatThrownBy(() -> HardwareCatalogue.with(own))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("mine.price.per_hour: must be a number from 0")
                .hasMessageContaining("mine.watts")
                .hasMessageContaining("mine.speed: is not a key here")
                .hasMessageContaining("mine.peak_tflops.fp32");
    }

    @Test
    void anUnknownNameGetsTheNearest() {
        assertThatThrownBy(() -> HardwareCatalogue.bundled().named("h10O"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nearest: h100");
    }
}
