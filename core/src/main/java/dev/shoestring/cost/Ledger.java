package dev.shoestring.cost;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what a run costs: a clock that runs from the start until it is stopped, and says at any moment what has come together.
 * One that is resumed adds to an earlier cost. Safe for several threads at once.
 */
public final class Ledger {
    private static final double SECONDS = 1e-9;

    /** The clocks that a ledger reads: nanoseconds of wall time from any origin, seconds of processor time, cores, energy. */
    record Clocks(LongSupplier wallNanos, DoubleSupplier cpuSeconds, int cores, EnergyMeter energy) {
        static Clocks ofThisProcess() {
            return new Clocks(
                    System::nanoTime,
                    CpuTime::seconds,
                    Runtime.getRuntime().availableProcessors(),
                    EnergyMeter.start());
        }
    }

    private final PriceList prices;
    private final Clocks clocks;
    private final @Nullable Cost before;
    private final long wallStart;
    private final double cpuStart;
    private double flops;
    private double others;
    private int machines = 1;
    private @Nullable Cost stopped;

    Ledger(PriceList prices, Clocks clocks, @Nullable Cost before) {
        this.prices = prices;
        this.clocks = clocks;
        this.before = before;
        this.wallStart = clocks.wallNanos().getAsLong();
        this.cpuStart = clocks.cpuSeconds().getAsDouble();
    }

    /** Starts at nothing. */
    public static Ledger start(PriceList prices) {
        return new Ledger(prices, Clocks.ofThisProcess(), null);
    }

    /**
     * Goes on from an earlier cost. If the currency of the price list has changed since, the earlier time is priced again, on this
     * machine's cores.
     */
    public static Ledger resume(PriceList prices, Cost before) {
        return new Ledger(prices, Clocks.ofThisProcess(), before);
    }

    /** Adds floating-point operations. */
    public synchronized void addFlops(double more) {
        flops += more;
    }

    /** Says that so many machines like this one work on the run, each of which has its price. */
    public synchronized void machines(int number) {
        machines = number;
    }

    /** Adds processor time of other processes that work on the run. */
    public synchronized void addCpuSeconds(double more) {
        others += more;
    }

    /** What the run has cost so far; once stopped, what it had cost then. */
    public synchronized Cost soFar() {
        if (stopped != null) {
            return stopped;
        }
        double wall = (clocks.wallNanos().getAsLong() - wallStart) * SECONDS;
        double cpu = Math.max(0, clocks.cpuSeconds().getAsDouble() - cpuStart) + others;
        Energy used = clocks.energy().used(wall, cpu);
        Cost since = new Cost(wall, cpu, flops, used, price(wall, used.joules()));
        return before == null ? since : sum(before, since);
    }

    /** Stops the clock. Stopping again changes nothing. */
    public synchronized Cost stop() {
        Cost cost = soFar();
        stopped = cost;
        return cost;
    }

    private Cost sum(Cost earlier, Cost since) {
        double wall = earlier.wallSeconds() + since.wallSeconds();
        boolean sameCurrency = earlier.money().currency().equals(since.money().currency());
        Money money = sameCurrency
                ? new Money(
                        earlier.money().amount() + since.money().amount(),
                        since.money().currency())
                : price(wall, earlier.energy().joules() + since.energy().joules());
        return new Cost(
                wall,
                earlier.cpuSeconds() + since.cpuSeconds(),
                earlier.flops() + since.flops(),
                earlier.energy().plus(since.energy()),
                money);
    }

    private Money price(double wallSeconds, double joules) {
        return prices.priceOf(Duration.ofNanos((long) (wallSeconds / SECONDS)), clocks.cores() * machines, joules);
    }
}
