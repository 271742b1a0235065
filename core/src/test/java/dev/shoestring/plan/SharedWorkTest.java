package dev.shoestring.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.cost.Link;
import dev.shoestring.recipe.InputException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What sharing is predicted to be, by hand and against what was measured (docs/concepts/distributed.md). */
final class SharedWorkTest {
    private static final Link SLOW = new Link(12.5e6, 0.01);
    private static final double STEPS = 124;
    private static final double TOKENS = 64 * 64;

    /** The character model of the measurement: its speed without a network is given, what the network takes is predicted. */
    private static SharedWork characters() {
        double quiet = STEPS * TOKENS / 18_789;
        return work(2 * quiet, 0, 0, STEPS, 841e6 / STEPS / 2 / 4, 0.4e9, 0.25e9);
    }

    private static SharedWork work(
            double divided, double starts, double optimizer, double steps, double numbers, double memory, double room) {
        return new SharedWork(
                divided, starts, 0, optimizer, steps, 64, numbers, memory, 8 * numbers, room + memory, 1, "USD", 1, "");
    }

    private static Spread slow() {
        return Spread.of(2, 2, SLOW, null);
    }

    private static double rate(Ways ways, String name) {
        Way way = ways.all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        return STEPS * TOKENS / way.seconds();
    }

    @Test
    void whatWasMeasuredOnASlowNetworkIsPredicted() {
        Ways ways = characters().ways(slow(), 20);
        // Measured: 6,441, 9,042, 17,587 and 17,432 tokens/s.
        assertThat(rate(ways, "gradients in every step")).isCloseTo(6_441, within(0.03 * 6_441));
        assertThat(rate(ways, "gradients in bf16")).isCloseTo(9_042, within(0.03 * 9_042));
        assertThat(rate(ways, "20 local steps")).isCloseTo(17_587, within(0.03 * 17_587));
        assertThat(rate(ways, "20 local steps, bf16")).isCloseTo(17_432, within(0.03 * 17_432));
        assertThat(Objects.requireNonNull(ways.best()).name()).startsWith("20 local steps");
    }

    @Test
    void aStepIsWhatItsPartsTake() {
        // Half of ten seconds each, a second of starts halved, 100 steps: 2 MB back and forth at 9.375 MB/s, six
        // delays.
        SharedWork work = work(10, 1, 2, 100, 1e6 / 4, 1e6, 1e9);
        Way way = work.ways(slow()).all().get(0);
        double exchange = 1e6 / 9.375e6 + 2 * 0.01 + 2 * (64 / 9.375e6 + 2 * 0.01);
        assertThat(way.seconds()).isCloseTo(5 + 0.5 + 2 + 100 * exchange, within(1e-9));
        assertThat(way.sent()).isEqualTo(1e6);
        assertThat(way.communicating()).isCloseTo(100 * exchange / way.seconds(), within(1e-12));
        assertThat(way.money()).isCloseTo(2 * way.seconds(), within(1e-9));
        // The shards' optimizers share their work, the moments are halved.
        Way sharded = work.ways(slow()).all().get(1);
        assertThat(sharded.seconds()).isCloseTo(way.seconds() - 1, within(1e-9));
        assertThat(way.memory() - sharded.memory()).isCloseTo(1e6, within(1e-3));
    }

    @Test
    void onOneMachineThereAreNoMoreCores() {
        SharedWork work = work(10, 0, 0, 100, 1000, 1e6, 1e9);
        Ways ways = work.ways(Spread.of(4, 1, null, null));
        assertThat(ways.all().get(0).seconds()).isGreaterThan(10);
        assertThat(ways.why().get(0)).startsWith("Best: one process");
        // Four gigabytes do not fit where one does.
        assertThat(work(10, 0, 0, 100, 1000, 1e9, 2e9)
                        .ways(Spread.of(4, 1, null, null))
                        .all())
                .allSatisfy(way -> assertThat(way.refused()).isEqualTo("does not fit"));
    }

    @Test
    void aFastNetworkNeedsNoLocalSteps() {
        Ways ways = work(1000, 0, 0, 100, 1e6, 1e6, 1e9).ways(Spread.of(4, 4, new Link(12.5e9, 5e-6), null));
        Way best = Objects.requireNonNull(ways.best());
        assertThat(best.effect()).isEqualTo(Way.Effect.NONE);
        assertThat(ways.alone() / best.seconds()).isGreaterThan(3.9);
        assertThat(ways.why().get(1)).contains("Gradients in every step reach 0.9");
    }

    @Test
    void theRateFromWhichGradientsAreNoBurdenIsOne() {
        SharedWork work = characters();
        Ways quick = work.ways(Spread.of(2, 2, new Link(1.25e9, 1e-5), null));
        String why = quick.why().get(1);
        // 0.218 s a step, a ninth of it for 3.39 MB: 24 ms, less 60 µs of delays, at three quarters of the rate.
        double step = STEPS * TOKENS / 18_789 / STEPS;
        double bits = 8 * 841e6 / STEPS / 2 / (step / 9 - 6e-5) / 0.75;
        assertThat(why).contains(new Link(bits / 8, 1e-5).inWords());
        assertThat(work.ways(slow()).why().get(1)).contains("No bandwidth");
    }

    @Test
    void moreProcessesThanExamplesAreRefused() {
        assertThat(work(10, 0, 0, 100, 1000, 1e6, 1e9)
                        .ways(Spread.of(65, 65, null, null))
                        .all())
                .allSatisfy(way -> assertThat(way.refused()).contains("64 examples"));
        assertThatThrownBy(() -> Spread.of(3, 2, null, null))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nearest: --processes 4");
    }
}
