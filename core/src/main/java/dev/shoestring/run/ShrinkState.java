package dev.shoestring.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.cost.Cost;
import dev.shoestring.recipe.InputException;
import dev.shoestring.report.ShrinkReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How far a shrinking has come: a file, so that an interrupted one goes on where it stopped. */
final class ShrinkState {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final ObjectNode done;

    private ShrinkState(Path file, ObjectNode done) {
        this.file = file;
        this.done = done;
    }

    /**
     * What is known in a folder; nothing if it was begun for something else or is damaged.
     *
     * @param key tells one shrinking from another: recipe, model and what is asked for
     */
    static ShrinkState open(Path folder, String key, RunListener listener) {
        Path file = folder.resolve("state.json");
        try {
            Files.createDirectories(folder);
            if (Files.isRegularFile(file)) {
                JsonNode known = read(file);
                if (!sound(known)) {
                    listener.message(file + ": is damaged; the shrinking begins anew");
                } else if (known.path("key").asText().equals(key)) {
                    return new ShrinkState(file, (ObjectNode) known);
                } else {
                    listener.message(
                            file + ": is of another shrinking (recipe, model or options differ), which this one"
                                    + " replaces; name another folder with --folder to keep both");
                }
            }
            return new ShrinkState(file, JSON.createObjectNode().put("key", key));
        } catch (IOException failed) {
            throw new InputException(
                    folder + ": cannot be used (" + RunFolder.reason(failed)
                            + "); remove state.json in it to begin anew, or name another folder with --folder",
                    failed);
        }
    }

    private static JsonNode read(Path file) throws IOException {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException damaged) {
            return MissingNode.getInstance();
        }
    }

    private static boolean sound(JsonNode known) {
        if (!known.isObject() || !known.path("key").isTextual()) {
            return false;
        }
        for (Map.Entry<String, JsonNode> field : known.properties()) {
            JsonNode value = field.getValue();
            boolean sound =
                    switch (field.getKey()) {
                        case "key" -> true;
                        case "original" -> isPath(value);
                        case "runs" -> value.isObject() && all(value, ShrinkState::isPath);
                        case "cost" -> isCost(value);
                        default -> isJudged(value);
                    };
            if (!sound) {
                return false;
            }
        }
        return true;
    }

    private static boolean all(JsonNode several, Predicate<JsonNode> rule) {
        for (JsonNode one : several) {
            if (!rule.test(one)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPath(JsonNode value) {
        // The only character that no file system takes.
        return value.isTextual() && value.asText().indexOf('\0') < 0;
    }

    /** Jackson writes what is no finite number as text. */
    private static boolean isNumber(JsonNode value) {
        return value.isNumber() || List.of("NaN", "Infinity", "-Infinity").contains(value.asText());
    }

    private static boolean isFinite(JsonNode value) {
        return value.isNumber() && Double.isFinite(value.asDouble());
    }

    private static boolean isCost(JsonNode value) {
        return value.isObject()
                && List.of("joules", "money").stream().allMatch(name -> isNumber(value.path(name)))
                && List.of("wall_seconds", "cpu_seconds", "flops").stream()
                        .allMatch(name ->
                                isFinite(value.path(name)) && value.path(name).asDouble() >= 0)
                && value.path("energy_source").isTextual()
                && value.path("currency").isTextual();
    }

    private static boolean isJudged(JsonNode value) {
        JsonNode chosen = value.path("chosen");
        JsonNode candidates = value.path("candidates");
        JsonNode seconds = value.path("seconds_to_measure");
        return chosen.isInt()
                && (seconds.isMissingNode() || (isFinite(seconds) && seconds.asDouble() >= 0))
                && candidates.isArray()
                && chosen.asInt() >= 0
                && chosen.asInt() < candidates.size()
                && all(
                        candidates,
                        one -> one.path("title").isTextual()
                                && one.path("parameters").isIntegralNumber()
                                && one.path("parameters").canConvertToLong()
                                && one.path("parameters").asLong() > 0
                                && isFinite(one.path("flops"))
                                && one.path("flops").asDouble() > 0
                                && isNumber(one.path("cut"))
                                && (!one.has("brief") || isNumber(one.path("brief"))));
    }

    /** A stage whose candidates have been judged: they, which was chosen, and how long measuring one took. */
    record Judged(List<ShrinkReport.Candidate> candidates, int chosen, double secondsToMeasure) {}

    /** The candidates of a stage; empty if it has not been judged. */
    Optional<Judged> judged(String stage) {
        if (!done.has(stage)) {
            return Optional.empty();
        }
        List<ShrinkReport.Candidate> candidates = new ArrayList<>();
        done.path(stage)
                .path("candidates")
                .forEach(one -> candidates.add(new ShrinkReport.Candidate(
                        one.path("title").asText(),
                        one.path("parameters").asLong(),
                        one.path("flops").asDouble(),
                        one.path("cut").asDouble(Double.NaN),
                        one.path("brief").asDouble(Double.NaN),
                        Double.NaN)));
        return Optional.of(new Judged(
                candidates,
                done.path(stage).path("chosen").asInt(),
                done.path(stage).path("seconds_to_measure").asDouble()));
    }

    void judged(String stage, Judged judged) {
        ObjectNode node = done.putObject(stage);
        judged.candidates().forEach(one -> {
            ObjectNode entry = node.withArray("candidates")
                    .addObject()
                    .put("title", one.title())
                    .put("parameters", one.parameters())
                    .put("flops", one.flops())
                    .put("cut", one.cut());
            if (!Double.isNaN(one.brief())) {
                entry.put("brief", one.brief());
            }
        });
        node.put("chosen", judged.chosen()).put("seconds_to_measure", judged.secondsToMeasure());
        write();
    }

    /** The run that heals a stage's network; null if it has not begun. */
    @Nullable
    Path run(String stage) {
        String name = done.path("runs").path(stage).asText("");
        return name.isEmpty() ? null : Path.of(name);
    }

    void run(String stage, Path run) {
        done.withObjectProperty("runs").put(stage, run.toString());
        write();
    }

    /** The original that was trained for this; null if none was. */
    @Nullable
    Path original() {
        String name = done.path("original").asText("");
        return name.isEmpty() || !Files.isRegularFile(new RunFolder(Path.of(name)).recipe()) ? null : Path.of(name);
    }

    void original(Path run) {
        done.put("original", run.toString());
        write();
    }

    /** What it has cost until the process ended; empty if nothing. */
    Optional<Cost> cost() {
        return done.has("cost") ? Optional.of(RunMeter.cost(done.path("cost"))) : Optional.empty();
    }

    void cost(Cost cost) {
        RunMeter.put(cost, done.putObject("cost"));
        write();
    }

    private void write() {
        try {
            Path fresh = file.resolveSibling("state.json.tmp");
            Files.write(fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(done));
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new InputException(file + ": cannot be written (" + RunFolder.reason(failed) + ")", failed);
        }
    }
}
