package dev.shoestring.cost;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What time on a machine and its energy cost. A core's share of the machine's price is charged for each core that a run may use, whether it
 * computes or not: that is how machines are billed.
 *
 * @param perHour price of the machine for an hour
 * @param cores virtual cores of that machine
 * @param perKilowattHour tariff of the energy that a run uses, on top; what one's own machine costs
 * @param currency ISO 4217 code
 * @param source where the price comes from, with its date
 */
public record PriceList(double perHour, int cores, double perKilowattHour, String currency, String source) {
    private static final String VARIABLE = "SHOESTRING_PRICES";
    private static final double NANOS_IN_AN_HOUR = 3.6e12;
    private static final double JOULES_IN_A_KILOWATT_HOUR = 3.6e6;

    /**
     * The file that {@code SHOESTRING_PRICES} names, otherwise {@code ~/.config/shoestring/prices.yaml}, otherwise the bundled list.
     *
     * @throws InputException if the file is not a price list
     */
    public static PriceList load() {
        return load(System.getenv(), Path.of(System.getProperty("user.home", "")));
    }

    static PriceList load(Map<String, String> environment, Path home) {
        String named = environment.getOrDefault(VARIABLE, "");
        if (!named.isBlank()) {
            return named(named);
        }
        Path own = home.resolve(Path.of(".config", "shoestring", "prices.yaml"));
        return Files.exists(own) ? PriceFile.read(own) : bundled();
    }

    private static PriceList named(String path) {
        try {
            return PriceFile.read(Path.of(path));
        } catch (InvalidPathException notAPath) {
            throw new InputException(VARIABLE + ": is not a path: \"" + path + "\"", notAPath);
        }
    }

    /** The list that comes with the library: an assumption, dated and with its source. */
    public static PriceList bundled() {
        try (InputStream in = PriceList.class.getResourceAsStream("prices.yaml")) {
            if (in == null) {
                throw new IllegalStateException("the bundled price list is missing");
            }
            return PriceFile.parse("bundled price list", in.readAllBytes());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The price of some time on that many cores, and of the energy used in it. */
    public Money priceOf(Duration time, int usedCores, double joules) {
        double hours = time.toNanos() / NANOS_IN_AN_HOUR;
        return new Money(
                perHour / cores * usedCores * hours + perKilowattHour * joules / JOULES_IN_A_KILOWATT_HOUR, currency);
    }

    /**
     * Checks that a budget can be held against these prices.
     *
     * @param budgetCurrency ISO 4217 code of {@code stop.budget.money}
     * @throws InputException if the prices are in another currency
     */
    public void requireCurrency(String budgetCurrency) {
        if (!currency.equals(budgetCurrency)) {
            throw new InputException("stop.budget.money: must be in " + currency + ", the currency of the price list ("
                    + source + "), but is in " + budgetCurrency + "; change the budget, or give prices of your own in "
                    + budgetCurrency + " (~/.config/shoestring/prices.yaml)");
        }
    }
}
