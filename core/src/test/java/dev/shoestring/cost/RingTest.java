package dev.shoestring.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.recipe.InputException;
import org.junit.jupiter.api.Test;

final class RingTest {
    private static final Link FAST = new Link(100e9, 1e-6);
    private static final Link SLOW = new Link(10e9, 20e-6);

    @Test
    void eachSendsTwiceAllButItsOwnPart() {
        Ring four = new Ring(4, 1, FAST, SLOW);
        assertThat(four.sentByAllReduce(1e9)).isEqualTo(1.5e9); // 2 · 3/4
        assertThat(four.sentByGather(1e9)).isEqualTo(0.75e9);
        // 1.5 GB at three quarters of 100 GB/s, and six steps of a microsecond
        assertThat(four.allReduce(1e9)).isCloseTo(1.5e9 / 75e9 + 6e-6, within(1e-12));
    }

    @Test
    void theSlowestLinkSetsThePace() {
        // Eight on two machines: a part takes six steps within them and one between, twice.
        Ring eight = new Ring(8, 2, FAST, SLOW);
        assertThat(eight.latency()).isCloseTo(6e-6 + 20e-6, within(1e-12));
        assertThat(eight.allReduce(1e9)).isCloseTo(1.75e9 / 7.5e9 + 2 * 26e-6, within(1e-12));
        // One on each: no link within a machine is used.
        assertThat(new Ring(2, 2, new Link(1, 9), SLOW).slowest()).isEqualTo(10e9);
        assertThat(new Ring(1, 1, FAST, SLOW).allReduce(1e9)).isZero();
        assertThatThrownBy(() -> new Ring(2, 3, FAST, SLOW)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void latencyIsWhatManyProcessesCostWithNothingToSend() {
        Ring ring = new Ring(1024, 128, new Link(450e9, 3.4e-6), new Link(400e9, 14e-6));
        assertThat(ring.gather(0)).isCloseTo(896 * 3.4e-6 + 127 * 14e-6, within(1e-12)); // 4.8 ms
    }

    @Test
    void aNetworkIsReadAsPeopleSayIt() {
        assertThat(Link.parse("--network", "100Mbit/20ms")).isEqualTo(new Link(12.5e6, 0.01));
        assertThat(Link.parse("--network", "1gbit")).isEqualTo(new Link(125e6, 1e-4));
        assertThat(Link.parse("--network", "400 Gbit/s/28us").latency()).isCloseTo(14e-6, within(1e-12));
        assertThat(Link.parse("--network", "100Mbit/20ms").inWords()).isEqualTo("100 Mbit/s, 20 ms there and back");
        assertThat(Link.parse("--network", "2.5Gbit/50us").inWords()).isEqualTo("2.5 Gbit/s, 50 µs there and back");
        for (String bad : new String[] {"fast", "100", "100Mbit/20", "0Mbit/1ms", "1.2.3Gbit", "9999999Gbit"}) {
            assertThatThrownBy(() -> Link.parse("--network", bad))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("100Mbit/20ms");
        }
    }
}
