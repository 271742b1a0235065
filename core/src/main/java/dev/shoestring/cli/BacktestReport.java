package dev.shoestring.cli;

import dev.shoestring.plan.Backtest;
import dev.shoestring.report.Figures;
import dev.shoestring.report.TextTableFormat;
import dev.shoestring.report.TextTableFormat.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A backtest as text and as JSON. */
final class BacktestReport {
    private BacktestReport() {}

    static String text(Backtest backtest) {
        StringBuilder out = new StringBuilder();
        for (boolean heldOut : new boolean[] {false, true}) {
            Backtest.Score score = backtest.score(heldOut);
            if (score.runs() == 0) {
                continue;
            }
            out.append(heldOut ? "\nHeld out: no constant was chosen on these\n" : "Published runs\n");
            out.append(TextTableFormat.of(
                            Column.words("run"),
                            Column.numbers("measured"),
                            Column.numbers("predicted"),
                            Column.numbers("off by"),
                            Column.numbers("MFU"),
                            Column.numbers("GiB measured"),
                            Column.numbers("predicted"),
                            Column.numbers("off by"))
                    .format(backtest.results().stream()
                            .filter(run -> run.heldOut() == heldOut)
                            .map(BacktestReport::row)
                            .toList()));
            out.append(String.format(
                    Locale.ROOT,
                    "time: median error %.1f%%, %.0f%% of %d runs within 35%%; memory of %d: at most %.1f%% off; "
                            + "predicted not to fit where it ran: %d%n",
                    100 * score.medianError(),
                    100 * score.within35(),
                    score.runs(),
                    score.memories(),
                    100 * score.worstMemoryError(),
                    score.doNotFit()));
        }
        out.append(
                "\nTime in device-hours; MFU as measured, attention counted. Predicted from configuration and hardware alone.\n");
        return out.toString();
    }

    private static List<String> row(Backtest.Result run) {
        Double measured = run.measuredGib();
        Double error = run.memoryError();
        return List.of(
                run.name(),
                Figures.quantity(run.measuredHours(), "h"),
                Figures.quantity(run.predictedHours(), "h"),
                percent(run.timeError()),
                String.format(Locale.ROOT, "%.0f%%", 100 * run.mfu()),
                measured == null ? "–" : String.format(Locale.ROOT, "%.1f", measured),
                (measured == null && run.fits() ? "–" : String.format(Locale.ROOT, "%.1f", run.predictedGib()))
                        + (run.fits() ? "" : " (does not fit)"),
                error == null ? "–" : percent(error));
    }

    private static String percent(double error) {
        return String.format(Locale.ROOT, "%+.1f%%", 100 * error);
    }

    static Map<String, Object> json(Backtest backtest) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("published", score(backtest.score(false)));
        document.put("held_out", score(backtest.score(true)));
        List<Map<String, Object>> runs = new ArrayList<>();
        for (Backtest.Result run : backtest.results()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", run.name());
            entry.put("source", run.source());
            entry.put("held_out", run.heldOut());
            entry.put("layout", run.layout());
            entry.put("device_hours_measured", run.measuredHours());
            entry.put("device_hours_predicted", run.predictedHours());
            entry.put("time_error", run.timeError());
            entry.put("memory_gib_measured", run.measuredGib());
            entry.put("fits", run.fits());
            entry.put("memory_gib_predicted", run.predictedGib());
            entry.put("memory_error", run.memoryError());
            entry.put("mfu_measured", run.mfu());
            entry.put("note", run.note());
            runs.add(entry);
        }
        document.put("runs", runs);
        return document;
    }

    private static Map<String, Object> score(Backtest.Score score) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("runs", score.runs());
        entry.put("median_absolute_error", Double.isNaN(score.medianError()) ? null : score.medianError());
        entry.put("within_35_percent", score.within35());
        entry.put("runs_with_memory", score.memories());
        entry.put("predicted_not_to_fit", score.doNotFit());
        entry.put("worst_memory_error", Double.isNaN(score.worstMemoryError()) ? null : score.worstMemoryError());
        return entry;
    }
}
