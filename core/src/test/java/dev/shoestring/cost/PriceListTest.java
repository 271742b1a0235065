package dev.shoestring.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceListTest {
    private static final String VALID =
            "currency: EUR\nper_hour: 0.30\ncores: 4\nsource: our rack\nas_of: 2025-06-01\n";

    private final Path folder;

    PriceListTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void theBundledListSaysThatItIsAnAssumption() {
        PriceList list = PriceList.bundled();
        assertThat(list.currency()).isEqualTo("USD");
        assertThat(list.source())
                .contains("assumed")
                .contains("list price on demand")
                .endsWith("as of 2025");
        assertThat(list.priceOf(Duration.ofHours(1), list.cores(), 1e6).amount())
                .isEqualTo(list.perHour());
    }

    @Test
    void priceIsByCoreAndTime() {
        PriceList list = new PriceList(0.30, 4, 0, "EUR", "our rack");
        Money money = list.priceOf(Duration.ofMinutes(20), 2, 0);
        assertThat(money.amount()).isCloseTo(0.05, within(1e-12));
        assertThat(money.currency()).isEqualTo("EUR");
        assertThat(list.priceOf(Duration.ZERO, 2, 0).amount()).isZero();
    }

    @Test
    void onesOwnMachineCostsItsElectricity() throws IOException {
        Path own = folder.resolve("own.yaml");
        Files.writeString(own, "currency: EUR\nper_kwh: 0.40\nsource: our meter\nas_of: 2026-11-01\n");
        PriceList list = PriceList.load(Map.of("SHOESTRING_PRICES", own.toString()), folder);
        // 100 W for an hour
        assertThat(list.priceOf(Duration.ofHours(1), 2, 360_000).amount()).isCloseTo(0.04, within(1e-12));
        Files.writeString(own, "currency: EUR\nper_kwh: -1\nsource: our meter\nas_of: 2026-11-01\n");
        assertThatThrownBy(() -> PriceList.load(Map.of("SHOESTRING_PRICES", own.toString()), folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("per_kwh: must be a price from 0");
    }

    @Test
    void aBudgetInAnotherCurrencyIsRefused() {
        PriceList list = new PriceList(0.30, 4, 0, "EUR", "our rack");
        list.requireCurrency("EUR");
        assertThatThrownBy(() -> list.requireCurrency("USD"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(
                        "stop.budget.money: must be in EUR, the currency of the price list (our rack), but is in USD");
    }

    @Test
    void theVariableComesBeforeTheUsersFileBeforeTheBundledList() throws IOException {
        assertThat(PriceList.load(Map.of(), folder)).isEqualTo(PriceList.bundled());
        Path own = Files.createDirectories(folder.resolve(".config/shoestring")).resolve("prices.yaml");
        Files.writeString(own, VALID);
        assertThat(PriceList.load(Map.of(), folder))
                .isEqualTo(new PriceList(0.30, 4, 0, "EUR", "our rack, as of 2025-06-01"));
        Path named = folder.resolve("named.yaml");
        Files.writeString(named, VALID.replace("our rack", "their rack"));
        assertThat(PriceList.load(Map.of("SHOESTRING_PRICES", named.toString()), folder)
                        .source())
                .startsWith("their rack");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    per_hour: 0.30  | per_hour: -1    | per_hour: must be a price from 0 to 1000000, but is "-1"
                    per_hour: 0.30  | per_hour: .nan  | is not YAML: Malformed numeric value
                    per_hour: 0.30  | per_hour: cheap | per_hour: must be a price from 0 to 1000000, but is "cheap"
                    per_hour: 0.30  | price: 0.30     | price: is not a key here; valid: currency, per_hour
                    cores: 4        | cores: 0        | cores: must be a whole number from 1 to 65536, but is "0"
                    cores: 4        | cores: 1.5      | cores: must be a whole number from 1 to 65536, but is "1.5"
                    currency: EUR   | currency: euros | currency: must be an ISO 4217 code such as USD, but is "euros"
                    source: our rack | cores: 4       | is not YAML: Duplicate field 'cores'
                    source: our rack | source: [      | is not YAML
                    """)
    void eachMistakeHasItsMessage(String right, String wrong, String message) {
        byte[] yaml = VALID.replace(right, wrong).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> PriceFile.parse("prices.yaml", yaml))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("prices.yaml: ")
                .hasMessageContaining(message);
    }

    @Test
    void aFileThatCannotBeReadIsNamed() throws IOException {
        Path missing = folder.resolve("missing.yaml");
        assertThatThrownBy(() -> PriceList.load(Map.of("SHOESTRING_PRICES", missing.toString()), folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("missing.yaml: this price list cannot be read");
        Path huge = folder.resolve("huge.yaml");
        Files.writeString(huge, "# " + "x".repeat(100_000));
        assertThatThrownBy(() -> PriceFile.read(huge))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at most 64 KiB");
        assertThatThrownBy(() -> PriceFile.parse("prices.yaml", new byte[0]))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a price list has the keys currency");
        byte[] deep = "[".repeat(20_000).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> PriceFile.parse("prices.yaml", deep)).isInstanceOf(InputException.class);
        byte[] binary = {0, (byte) 0xff, (byte) 0xfe, 1};
        assertThatThrownBy(() -> PriceFile.parse("prices.yaml", binary)).isInstanceOf(InputException.class);
    }
}
