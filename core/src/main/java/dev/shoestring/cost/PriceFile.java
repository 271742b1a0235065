package dev.shoestring.cost;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;

/** Reads price lists. */
final class PriceFile {
    private static final int LARGEST = 64 << 10;
    private static final double DEAREST = 1e6;
    private static final int MOST_CORES = 1 << 16;
    private static final List<String> KEYS = List.of("currency", "per_hour", "cores", "per_kwh", "source", "as_of");
    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final String file;
    private final JsonNode tree;

    private PriceFile(String file, JsonNode tree) {
        this.file = file;
        this.tree = tree;
    }

    static PriceList read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new InputException(file + ": a price list has at most 64 KiB");
            }
            return parse(file.toString(), bytes);
        } catch (IOException unreadable) {
            throw new InputException(
                    file + ": this price list cannot be read (" + reason(unreadable)
                            + "); mend it, or remove it to use the bundled prices",
                    unreadable);
        }
    }

    private static String reason(IOException unreadable) {
        String message = unreadable.getMessage();
        return message == null ? unreadable.getClass().getSimpleName() : message;
    }

    static PriceList parse(String file, byte[] yaml) {
        try {
            return new PriceFile(file, YAML.readTree(yaml)).list();
        } catch (JsonProcessingException malformed) {
            throw new InputException(
                    file + ": is not YAML: "
                            + malformed.getOriginalMessage().lines().findFirst().orElse("malformed"),
                    malformed);
        } catch (IOException unreadable) {
            throw new InputException(file + ": is not YAML: " + reason(unreadable), unreadable);
        }
    }

    private PriceList list() {
        if (!tree.isObject()) {
            throw new InputException(file + ": a price list has the keys " + String.join(", ", KEYS));
        }
        for (Iterator<String> names = tree.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!KEYS.contains(name)) {
                throw new InputException(file + ": " + name + ": is not a key here; valid: " + String.join(", ", KEYS));
            }
        }
        boolean tariff = tree.has("per_kwh");
        double perKilowattHour = tariff ? number("per_kwh", "a price from 0 to 1000000", 0, DEAREST) : 0;
        // One's own machine costs its electricity; what it cost to buy may be given beside it.
        boolean rented = !tariff || tree.has("per_hour") || tree.has("cores");
        double perHour = !rented ? 0 : number("per_hour", "a price from 0 to 1000000", 0, DEAREST);
        double cores = !rented ? 1 : number("cores", "a whole number from 1 to " + MOST_CORES, 1, MOST_CORES);
        require(cores == Math.rint(cores), "cores", "a whole number from 1 to " + MOST_CORES);
        String currency = tree.path("currency").asText();
        require(CURRENCY.matcher(currency).matches(), "currency", "an ISO 4217 code such as USD");
        require(tree.path("source").isTextual(), "source", "text that says where the price comes from");
        require(tree.path("as_of").isValueNode(), "as_of", "the date that the price is of");
        return new PriceList(
                perHour,
                (int) cores,
                perKilowattHour,
                currency,
                tree.path("source").asText() + ", as of " + tree.path("as_of").asText());
    }

    private double number(String key, String rule, double least, double most) {
        JsonNode value = tree.path(key);
        require(value.isNumber() && value.doubleValue() >= least && value.doubleValue() <= most, key, rule);
        return value.doubleValue();
    }

    private void require(boolean holds, String key, String rule) {
        if (!holds) {
            JsonNode value = tree.path(key);
            throw new InputException(file + ": " + key + ": must be " + rule + ", but is "
                    + (value.isMissingNode() ? "missing" : "\"" + value.asText() + "\""));
        }
    }
}
