package dev.shoestring.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final PriceList PRICES = new PriceList(3.6, 2, 0, "EUR", "test");

    private long nanos = 7_000_000_000L;
    private double cpu = 100;

    private Ledger.Clocks clocks() {
        return new Ledger.Clocks(() -> nanos, () -> cpu, 2, new EstimatedEnergy(2));
    }

    private void pass(double wallSeconds, double cpuSeconds) {
        nanos += (long) (wallSeconds * 1e9);
        cpu += cpuSeconds;
    }

    @Test
    void startsAtNothingAndAddsUp() {
        Ledger ledger = new Ledger(PRICES, clocks(), null);
        assertThat(ledger.soFar()).isEqualTo(new Cost(0, 0, 0, new Energy(0, "estimated"), new Money(0, "EUR")));
        pass(10, 15);
        ledger.addFlops(1e9);
        ledger.addFlops(2e9);
        Cost cost = ledger.soFar();
        assertThat(cost.wallSeconds()).isCloseTo(10, within(1e-9));
        assertThat(cost.cpuSeconds()).isCloseTo(15, within(1e-9));
        assertThat(cost.flops()).isEqualTo(3e9);
        assertThat(cost.energy().joules()).isCloseTo(10 * 2 * 0.74 + 15 * 2.76, within(1e-9));
        assertThat(cost.money().amount()).isCloseTo(0.01, within(1e-9));
    }

    @Test
    void aResumedLedgerAddsToTheEarlierCost() {
        Ledger first = new Ledger(PRICES, clocks(), null);
        pass(10, 15);
        first.addFlops(1e9);
        Cost before = first.soFar();
        pass(1000, 0);
        Ledger second = new Ledger(PRICES, clocks(), before);
        assertThat(second.soFar()).isEqualTo(before);
        pass(5, 5);
        second.addFlops(1e9);
        Cost cost = second.soFar();
        assertThat(cost.wallSeconds()).isCloseTo(15, within(1e-9));
        assertThat(cost.cpuSeconds()).isCloseTo(20, within(1e-9));
        assertThat(cost.flops()).isEqualTo(2e9);
        assertThat(cost.money().amount()).isCloseTo(0.015, within(1e-9));
        assertThat(cost.energy().joules()).isGreaterThan(before.energy().joules());
    }

    @Test
    void anotherCurrencyPricesTheEarlierTimeAgain() {
        Cost before = new Cost(100, 1, 0, new Energy(1, "rapl"), new Money(77, "USD"));
        Ledger ledger = new Ledger(PRICES, clocks(), before);
        pass(100, 1);
        assertThat(ledger.soFar().money().currency()).isEqualTo("EUR");
        assertThat(ledger.soFar().money().amount()).isCloseTo(0.2, within(1e-9));
        assertThat(ledger.soFar().energy().source()).isEqualTo("estimated");
    }

    @Test
    void aStoppedClockStandsStill() {
        Ledger ledger = new Ledger(PRICES, clocks(), null);
        pass(10, 15);
        Cost stopped = ledger.stop();
        pass(10, 15);
        assertThat(ledger.soFar()).isEqualTo(stopped);
        assertThat(ledger.stop()).isEqualTo(stopped);
        assertThat(stopped.wallSeconds()).isCloseTo(10, within(1e-9));
    }

    @Test
    void theClocksOfThisProcessRun() {
        Ledger ledger = Ledger.start(PriceList.bundled());
        Cost first = ledger.soFar();
        Cost second = ledger.soFar();
        assertThat(second.wallSeconds()).isGreaterThan(first.wallSeconds());
        assertThat(second.money().amount()).isGreaterThan(0);
        assertThat(Ledger.resume(PriceList.bundled(), second).soFar().wallSeconds())
                .isGreaterThan(second.wallSeconds());
    }
}
