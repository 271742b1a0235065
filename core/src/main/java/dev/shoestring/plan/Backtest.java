package dev.shoestring.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The planner against runs that others measured: each is predicted from its configuration and hardware alone.
 *
 * @param results one for each run, in the table's order
 */
public record Backtest(List<Result> results) {
    private static final int LARGEST_FILE = 1 << 20;
    private static final double SECONDS_IN_AN_HOUR = 3600;
    private static final double GIB = 1L << 30;

    /** Copies the list. */
    public Backtest {
        results = List.copyOf(results);
    }

    /**
     * One run.
     *
     * @param name its name
     * @param source where it was published
     * @param heldOut whether no constant was chosen on it
     * @param layout the layout that was assumed for what is not published
     * @param measuredHours device-hours of all its tokens, as measured
     * @param predictedHours as predicted
     * @param measuredGib peak memory of a device; null if not published
     * @param fits whether the prediction fits the device; the run did
     * @param predictedGib as predicted
     * @param mfu measured model FLOPs utilization, attention counted
     * @param note what was assumed
     */
    public record Result(
            String name,
            String source,
            boolean heldOut,
            String layout,
            double measuredHours,
            double predictedHours,
            @Nullable Double measuredGib,
            boolean fits,
            double predictedGib,
            double mfu,
            String note) {
        /** Predicted against measured time, less one. */
        public double timeError() {
            return predictedHours / measuredHours - 1;
        }

        /** Predicted against measured memory, less one; null if none is published. */
        public @Nullable Double memoryError() {
            return measuredGib == null ? null : predictedGib / measuredGib - 1;
        }
    }

    /**
     * How good the predictions are.
     *
     * @param runs how many
     * @param medianError median of the absolute relative errors of the time
     * @param within35 share of runs whose time is off by at most 35 %
     * @param memories runs whose memory is published
     * @param doNotFit runs whose predicted memory does not fit the device that they ran on
     * @param worstMemoryError greatest absolute relative error of the memory; NaN if none is published
     */
    public record Score(
            int runs, double medianError, double within35, int memories, int doNotFit, double worstMemoryError) {}

    /** The runs that come with the library. */
    public static Backtest bundled() {
        try (InputStream in = Backtest.class.getResourceAsStream("published-runs.yaml")) {
            if (in == null) {
                throw new IllegalStateException("the bundled table of runs is missing");
            }
            return of("bundled runs", in.readAllBytes());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * The runs of a file in the same form as the bundled one.
     *
     * @throws InputException if it is not one
     */
    public static Backtest read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw new InputException(file + ": a table of runs has at most 1 MiB");
            }
            return of(file.toString(), bytes);
        } catch (IOException unreadable) {
            throw new InputException(file + ": cannot be read (" + unreadable + ")", unreadable);
        }
    }

    private static Backtest of(String file, byte[] yaml) throws IOException {
        JsonNode table;
        try {
            table = new YAMLMapper().readTree(yaml);
        } catch (JsonProcessingException malformed) {
            throw new InputException(file + ": is not YAML: " + malformed.getOriginalMessage(), malformed);
        }
        if (!table.isArray() || table.isEmpty()) {
            throw new InputException(file + ": must be a list of runs");
        }
        HardwareCatalogue catalogue = HardwareCatalogue.bundled();
        List<Result> results = new ArrayList<>();
        for (JsonNode entry : table) {
            PublishedRun run = PublishedRun.of(file, entry);
            results.add(result(run, catalogue.named(run.hardware())));
        }
        return new Backtest(results);
    }

    private static Result result(PublishedRun run, Hardware hardware) {
        Plan plan = new Planner(hardware).assess(run.job(), run.wishes());
        double tokens = run.job().tokens();
        double measured = run.measuredSeconds() * tokens;
        return new Result(
                run.name(),
                run.source(),
                run.heldOut(),
                plan.layout().inWords(),
                measured / SECONDS_IN_AN_HOUR,
                plan.deviceHours(),
                run.measuredGib(),
                plan.memory().total() <= hardware.memory(),
                memory(plan.memory(), run.memoryKind()) / GIB,
                plan.modelFlops() / (measured * hardware.peakOf(run.job().precision())),
                run.note());
    }

    private static double memory(MemoryParts parts, String kind) {
        return switch (kind) {
            case "allocated" -> parts.allocated();
            case "reserved" -> parts.reserved();
            default -> parts.total();
        };
    }

    /** The score over the runs that are held out, or over the others. */
    public Score score(boolean heldOut) {
        List<Result> chosen =
                results.stream().filter(run -> run.heldOut() == heldOut).toList();
        double[] errors = chosen.stream()
                .mapToDouble(run -> Math.abs(run.timeError()))
                .sorted()
                .toArray();
        int n = errors.length;
        double median = n == 0 ? Double.NaN : (errors[(n - 1) / 2] + errors[n / 2]) / 2;
        double within =
                chosen.stream().filter(run -> Math.abs(run.timeError()) <= 0.35).count() / (double) Math.max(1, n);
        double memory = chosen.stream()
                .map(Result::memoryError)
                .filter(java.util.Objects::nonNull)
                .mapToDouble(Math::abs)
                .max()
                .orElse(Double.NaN);
        int memories =
                (int) chosen.stream().filter(run -> run.memoryError() != null).count();
        int tooLarge = (int) chosen.stream().filter(run -> !run.fits()).count();
        return new Score(n, median, within, memories, tooLarge, memory);
    }
}
