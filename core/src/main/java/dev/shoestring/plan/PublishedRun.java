package dev.shoestring.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A training run somebody else measured and published.
 *
 * @param name its name
 * @param source where it was published
 * @param heldOut whether no constant of the model was chosen on it
 * @param hardware catalogue name
 * @param job what was trained
 * @param wishes what of its layout is known
 * @param measuredSeconds device-seconds for a token, measured
 * @param measuredGib peak memory of a device, GiB; null if not published
 * @param memoryKind what was measured: {@code device}, or what PyTorch's allocator had {@code reserved} or {@code allocated}
 * @param note what was assumed
 */
record PublishedRun(
        String name,
        String source,
        boolean heldOut,
        String hardware,
        Workload job,
        Wishes wishes,
        double measuredSeconds,
        @Nullable Double measuredGib,
        String memoryKind,
        String note) {
    private static final List<String> KEYS = List.of(
            "name",
            "source",
            "held_out",
            "model",
            "tokens",
            "sequence",
            "batch_tokens",
            "precision",
            "adapt",
            "compiled",
            "chunked_loss",
            "hardware",
            "devices",
            "tensor",
            "pipeline",
            "shard",
            "recompute",
            "micro_batch",
            "scope",
            "note",
            "gpu_hours",
            "step_seconds",
            "tokens_per_second",
            "memory_gib",
            "memory_kind");

    /** Reads one entry of a table of runs. */
    static PublishedRun of(String file, JsonNode entry) {
        return new Entry(file, entry).run();
    }

    private static final class Entry {
        private final String where;
        private final JsonNode entry;
        private final List<String> problems = new ArrayList<>();

        Entry(String file, JsonNode entry) {
            this.where = file + ": " + entry.path("name").asText("a run without name");
            this.entry = entry;
        }

        PublishedRun run() {
            for (Iterator<String> names = entry.fieldNames(); names.hasNext(); ) {
                String key = names.next();
                if (!KEYS.contains(key)) {
                    problems.add(key + ": is not a key here; valid: " + String.join(", ", KEYS));
                }
            }
            int sequence = (int) number("sequence", 1, 1 << 24);
            double tokens = number("tokens", 1, 1e18);
            double batch = number("batch_tokens", 1, 1e12);
            int devices = (int) number("devices", 1, 1e7);
            String precision = word("precision", List.of("fp32", "fp16", "bf16", "fp8"), "bf16");
            String scope = word("scope", List.of("whole", "steady"), "whole");
            Layout.Shard shard = constant("shard", Layout.Shard.values());
            Layout.Recompute recompute = constant("recompute", Layout.Recompute.values());
            String memoryKind = word("memory_kind", List.of("device", "reserved", "allocated"), "device");
            double seconds = seconds(tokens, batch, devices);
            if (!problems.isEmpty()) {
                throw new InputException(where + ": " + String.join("; ", problems));
            }
            Workload job = new Workload(
                    ModelConfigReader.of(where + ": model", entry.path("model")),
                    sequence,
                    tokens,
                    batch,
                    precision,
                    adaptation(),
                    entry.path("compiled").asBoolean(true),
                    entry.path("chunked_loss").asBoolean(false),
                    scope.equals("whole"));
            Wishes wishes =
                    new Wishes(devices, whole("tensor"), whole("pipeline"), shard, recompute, whole("micro_batch"));
            JsonNode memory = entry.path("memory_gib");
            return new PublishedRun(
                    entry.path("name").asText(),
                    entry.path("source").asText("not given"),
                    entry.path("held_out").asBoolean(false),
                    entry.path("hardware").asText(),
                    job,
                    wishes,
                    seconds,
                    memory.isNumber() ? memory.asDouble() : null,
                    memoryKind,
                    entry.path("note").asText(""));
        }

        private double seconds(double tokens, double batch, int devices) {
            if (entry.has("gpu_hours")) {
                return number("gpu_hours", 1e-6, 1e12) * 3600 / tokens;
            }
            if (entry.has("step_seconds")) {
                return number("step_seconds", 1e-6, 1e6) * devices / batch;
            }
            return 1 / number("tokens_per_second", 1e-6, 1e12);
        }

        private Workload.Adaptation adaptation() {
            JsonNode adapt = entry.path("adapt");
            return adapt.path("kind").asText("full").equals("lora")
                    ? new Workload.Adaptation.Lora(adapt.path("rank").asInt(8))
                    : new Workload.Adaptation.Full();
        }

        private double number(String key, double least, double most) {
            JsonNode value = entry.path(key);
            // YAML 1.1 takes 2e12 for text.
            double number = value.isTextual() ? parse(value.asText()) : value.asDouble(Double.NaN);
            if (!(number >= least && number <= most)) {
                problems.add(key + ": must be a number from " + least + " to " + most + ", but is "
                        + (value.isMissingNode() ? "missing" : value.toString()));
                return least;
            }
            return number;
        }

        private static double parse(String text) {
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException notANumber) {
                return Double.NaN;
            }
        }

        private @Nullable Integer whole(String key) {
            return entry.has(key) ? Integer.valueOf((int) number(key, 1, 1 << 20)) : null;
        }

        private String word(String key, List<String> valid, String otherwise) {
            String word = entry.path(key).asText(otherwise);
            if (!valid.contains(word)) {
                problems.add(key + ": must be one of " + String.join(", ", valid) + ", but is \"" + word + "\"");
            }
            return word;
        }

        private <E extends Enum<E>> @Nullable E constant(String key, E[] all) {
            if (!entry.has(key)) {
                return null;
            }
            String word = entry.path(key).asText();
            for (E value : all) {
                if (value.name().toLowerCase(Locale.ROOT).equals(word)) {
                    return value;
                }
            }
            problems.add(key + ": must be one of " + List.of(all) + ", but is \"" + word + "\"");
            return null;
        }
    }
}
