package dev.shoestring.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.NearestChoice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The devices that a plan can be made for: those that come with the library, and over them those of the user's own file
 * ({@code ~/.config/shoestring/hardware.yaml}, or the one that {@code SHOESTRING_HARDWARE} names). An entry there with a bundled name
 * changes only the keys it gives.
 */
public final class HardwareCatalogue {
    private static final int LARGEST_FILE = 256 << 10;
    private static final String VARIABLE = "SHOESTRING_HARDWARE";
    private static final double GIB = 1L << 30;

    /** What NCCL assumes of a step of a ring over NVLink and over a network, microseconds (its tuning model, protocol Simple). */
    private static final double LINK_LATENCY = 3.4;

    private static final double NETWORK_LATENCY = 14;
    private static final double LONGEST_LATENCY = 1e6;
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Map<String, Hardware> entries;

    private HardwareCatalogue(Map<String, Hardware> entries) {
        this.entries = entries;
    }

    /**
     * The bundled devices and the user's.
     *
     * @throws InputException if the user's file is not a catalogue; every broken key is named
     */
    public static HardwareCatalogue load() {
        String named = System.getenv().getOrDefault(VARIABLE, "");
        Path own = named.isBlank()
                ? Path.of(System.getProperty("user.home", ""), ".config", "shoestring", "hardware.yaml")
                : Path.of(named);
        return named.isBlank() && !Files.exists(own) ? bundled() : with(own);
    }

    /** The bundled devices alone. */
    public static HardwareCatalogue bundled() {
        return new HardwareCatalogue(entries("bundled hardware", bundledTree()));
    }

    static HardwareCatalogue with(Path own) {
        Map<String, JsonNode> merged = new LinkedHashMap<>();
        bundledTree().properties().forEach(entry -> merged.put(entry.getKey(), entry.getValue()));
        try (InputStream in = Files.newInputStream(own)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw new InputException(own + ": a hardware file has at most 256 KiB");
            }
            JsonNode tree = YAML.readTree(bytes);
            if (!tree.isObject()) {
                throw new InputException(own + ": must have one key for each device");
            }
            for (Map.Entry<String, JsonNode> entry : tree.properties()) {
                JsonNode base = merged.get(entry.getKey());
                merged.put(entry.getKey(), base == null ? entry.getValue() : merge(base, entry.getValue()));
            }
        } catch (JsonProcessingException malformed) {
            throw new InputException(own + ": is not YAML: " + malformed.getOriginalMessage(), malformed);
        } catch (IOException unreadable) {
            throw new InputException(own + ": cannot be read (" + unreadable + ")", unreadable);
        }
        return new HardwareCatalogue(entries(own.toString(), YAML.valueToTree(merged)));
    }

    private static JsonNode merge(JsonNode base, JsonNode over) {
        if (!base.isObject() || !over.isObject()) {
            return over;
        }
        Map<String, JsonNode> both = new LinkedHashMap<>();
        base.properties().forEach(entry -> both.put(entry.getKey(), entry.getValue()));
        for (Map.Entry<String, JsonNode> entry : over.properties()) {
            JsonNode below = both.get(entry.getKey());
            both.put(entry.getKey(), below == null ? entry.getValue() : merge(below, entry.getValue()));
        }
        return YAML.valueToTree(both);
    }

    private static JsonNode bundledTree() {
        try (InputStream in = HardwareCatalogue.class.getResourceAsStream("hardware.yaml")) {
            if (in == null) {
                throw new IllegalStateException("the bundled hardware catalogue is missing");
            }
            return YAML.readTree(in.readAllBytes());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Map<String, Hardware> entries(String where, JsonNode tree) {
        List<String> problems = new ArrayList<>();
        Map<String, Hardware> entries = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : tree.properties()) {
            if (!entry.getKey().equals(entry.getKey().toLowerCase(Locale.ROOT))) {
                problems.add(entry.getKey() + ": names of hardware are in lower case; nearest: "
                        + entry.getKey().toLowerCase(Locale.ROOT));
            }
            entries.put(entry.getKey(), new Entry(entry.getKey(), entry.getValue(), problems).hardware());
        }
        if (!problems.isEmpty()) {
            throw new InputException(where + ": " + String.join("; ", problems));
        }
        return entries;
    }

    /** All devices, in the catalogue's order. */
    public List<Hardware> all() {
        return List.copyOf(entries.values());
    }

    /**
     * The device of that name.
     *
     * @throws InputException if there is none; the nearest name is given
     */
    public Hardware named(String name) {
        Hardware found = entries.get(name.toLowerCase(Locale.ROOT));
        if (found == null) {
            throw new InputException("--on: no hardware is called \"" + name + "\""
                    + NearestChoice.hint(name, entries.keySet())
                    + ", this-machine; add your own in ~/.config/shoestring/hardware.yaml");
        }
        return found;
    }

    /** One entry while it is read. */
    private static final class Entry {
        private static final List<String> KEYS = List.of(
                "title",
                "peak_tflops",
                "sustained",
                "sustained_source",
                "bandwidth_gb_s",
                "memory_gib",
                "watts",
                "link_gb_s",
                "network_gb_s",
                "link_latency_us",
                "network_latency_us",
                "devices_per_machine",
                "price");
        private static final List<String> PRICE_KEYS = List.of("per_hour", "currency", "source", "as_of");

        private final String name;
        private final JsonNode tree;
        private final List<String> problems;

        Entry(String name, JsonNode tree, List<String> problems) {
            this.name = name;
            this.tree = tree;
            this.problems = problems;
        }

        Hardware hardware() {
            known(tree, "", KEYS);
            Map<String, Double> peak = new LinkedHashMap<>();
            for (String precision : List.of("fp32", "fp16", "bf16", "fp8")) {
                if (tree.path("peak_tflops").has(precision)) {
                    peak.put(precision, 1e12 * number("peak_tflops." + precision, 1e-6, 1e6));
                }
            }
            if (!peak.containsKey("fp32")) {
                problem("peak_tflops.fp32", "must be given");
            }
            known(tree.path("peak_tflops"), "peak_tflops.", List.of("fp32", "fp16", "bf16", "fp8"));
            return new Hardware(
                    name,
                    tree.path("title").asText(name),
                    peak,
                    number("sustained", 0.01, 1.2),
                    tree.path("sustained_source").asText("not given"),
                    1e9 * number("bandwidth_gb_s", 0.1, 1e6),
                    GIB * number("memory_gib", 0.1, 1e6),
                    number("watts", 0.1, 1e6),
                    1e9 * number("link_gb_s", 1e-4, 1e5),
                    1e9 * number("network_gb_s", 1e-4, 1e5),
                    1e-6 * number("link_latency_us", LINK_LATENCY),
                    1e-6 * number("network_latency_us", NETWORK_LATENCY),
                    whole("devices_per_machine", 1, 4096),
                    price());
        }

        private Hardware.@Nullable Price price() {
            JsonNode price = tree.path("price");
            if (price.isMissingNode() || price.isNull()) {
                return null;
            }
            known(price, "price.", PRICE_KEYS);
            String currency = price.path("currency").asText("");
            if (!currency.matches("[A-Z]{3}")) {
                problem("price.currency", "must be an ISO 4217 code such as USD");
            }
            return new Hardware.Price(
                    number("price.per_hour", 0, 1e6),
                    currency,
                    price.path("source").asText("not given"),
                    price.path("as_of").asText("no date"));
        }

        private void known(JsonNode object, String prefix, List<String> keys) {
            for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
                String key = names.next();
                if (!keys.contains(key)) {
                    problem(prefix + key, "is not a key here; valid: " + String.join(", ", keys));
                }
            }
        }

        /** Microseconds; where none are given, so many. */
        private double number(String path, double usual) {
            return tree.has(path) ? number(path, 0, LONGEST_LATENCY) : usual;
        }

        private double number(String path, double least, double most) {
            JsonNode value = tree.at("/" + path.replace('.', '/'));
            if (!value.isNumber() || !(value.asDouble() >= least && value.asDouble() <= most)) {
                problem(
                        path,
                        "must be a number from " + plain(least) + " to " + plain(most) + ", but is "
                                + (value.isMissingNode() ? "missing" : value.toString()));
                return least;
            }
            return value.asDouble();
        }

        private int whole(String path, int least, int most) {
            double number = number(path, least, most);
            if (number != Math.rint(number)) {
                problem(path, "must be a whole number, but is " + plain(number));
            }
            return (int) number;
        }

        private static String plain(double number) {
            return java.math.BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
        }

        private void problem(String path, String text) {
            problems.add(name + "." + path + ": " + text);
        }
    }
}
