package dev.shoestring.report;

import java.io.Flushable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The live line on standard error: redrawn in place on a terminal; otherwise a plain line every ten seconds, at each evaluation and at
 * the end of a task. It is the only class outside the command line that writes to the console. Threads may share one.
 *
 * <p>It writes the carriage return and the erasing itself: a progress-bar library would decide whether there is a terminal by
 * asking the console, which Java reports as absent while standard output is redirected, as it is with {@code --json}.
 */
public final class ProgressLine implements AutoCloseable {
    private static final long REDRAW_NANOS = 100_000_000L;
    private static final long PLAIN_NANOS = 10_000_000_000L;
    private static final int BAR_WIDTH = 16;
    private static final String ERASE_TO_END = "\u001b[K";
    private static final String CYAN = "\u001b[36m";
    private static final String UNCOLORED = "\u001b[0m";

    private final Appendable out;
    private final Terminal terminal;
    private final LongSupplier nanoTime;
    private boolean drawn;
    private boolean shown;
    private long shownAt;

    ProgressLine(Appendable out, Terminal terminal, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
    }

    /** The line on this process's standard error. */
    public static ProgressLine ofStandardError() {
        return new ProgressLine(System.err, Terminal.ofStandardError(), System::nanoTime);
    }

    /** A line that nobody sees: for quiet runs and for use as a library. */
    public static ProgressLine silent() {
        return new ProgressLine(Writer.nullWriter(), new Terminal(false, 80, false), System::nanoTime);
    }

    /** Shows where training stands; call it after every step, it decides how often to draw. */
    public synchronized void training(TrainingProgress progress) {
        if (due()) {
            show(progress);
        }
    }

    /** Shows where training stands after an evaluation: always drawn. */
    public synchronized void evaluated(TrainingProgress progress) {
        show(progress);
    }

    /**
     * Shows how far a countable task is: a download, an encoding. At its end the line is left as it is.
     *
     * @param what the task: {@code downloading all-minilm-l6-v2}
     * @param done how much of it is done
     * @param total all of it; 0 when not known
     * @param unit {@code B} for bytes, otherwise a plural: {@code texts}
     */
    public synchronized void task(String what, long done, long total, String unit) {
        boolean complete = total > 0 && done >= total;
        if (!complete && !due()) {
            return;
        }
        if (total > 0) {
            double share = Math.min(1, done / (double) total);
            show(share, List.of(what, amount(done, unit) + " of " + amount(total, unit), Figures.percent(share)));
        } else {
            show(Double.NaN, List.of(what, amount(done, unit)));
        }
        if (complete) {
            finish();
        }
    }

    /** Writes a line that stays, above the live one. */
    public synchronized void message(String line) {
        write((drawn ? "\r" + ERASE_TO_END : "") + line + "\n");
        drawn = false;
    }

    /** Ends the live line: what is written next stands on a line of its own. */
    public synchronized void finish() {
        if (drawn) {
            write("\n");
        }
        drawn = false;
        shown = false;
    }

    @Override
    public void close() {
        finish();
    }

    private boolean due() {
        return !shown || nanoTime.getAsLong() - shownAt >= (terminal.interactive() ? REDRAW_NANOS : PLAIN_NANOS);
    }

    private void show(TrainingProgress progress) {
        double share = progress.steps() > 0 ? Math.min(1, progress.step() / (double) progress.steps()) : Double.NaN;
        List<String> parts = new ArrayList<>();
        parts.add("step " + progress.step() + "/" + progress.steps());
        parts.add("loss " + Figures.score(progress.loss()));
        Double validation = progress.validation();
        if (validation != null) {
            parts.add("validation " + (progress.metric().equals("accuracy") ? "" : progress.metric() + " ")
                    + Figures.score(validation));
        }
        if (Double.isFinite(progress.tokensPerSecond())) {
            parts.add(Figures.count(Math.round(progress.tokensPerSecond())) + " tokens/s");
        }
        if (Double.isFinite(progress.secondsLeft())) {
            parts.add(Figures.clock(progress.secondsLeft()) + " left");
        }
        if (Double.isFinite(progress.money())) {
            parts.add(Figures.money(progress.money(), progress.currency()));
        }
        show(share, parts);
    }

    /** Draws the parts, the last ones left out where the terminal is too narrow. */
    private void show(double share, List<String> parts) {
        shown = true;
        shownAt = nanoTime.getAsLong();
        if (!terminal.interactive()) {
            write(String.join("  ", parts) + "\n");
            return;
        }
        // the last column stays free: some terminals wrap when it is written
        int room = terminal.width() - 1;
        StringBuilder line = new StringBuilder(clipped(parts.get(0), room));
        for (String part : parts.subList(1, parts.size())) {
            if (line.length() + 2 + part.length() > room) {
                break;
            }
            line.append("  ").append(part);
        }
        String bar = Double.isNaN(share) || line.length() + BAR_WIDTH + 4 > room ? "" : bar(share) + "  ";
        write("\r" + bar + line + ERASE_TO_END);
        drawn = true;
    }

    private String bar(double share) {
        int full = (int) (share * BAR_WIDTH);
        String filled = "=".repeat(full);
        return "[" + (terminal.colored() ? CYAN + filled + UNCOLORED : filled) + " ".repeat(BAR_WIDTH - full) + "]";
    }

    private static String clipped(String text, int room) {
        return text.length() <= room ? text : text.substring(0, room);
    }

    private static String amount(long amount, String unit) {
        return unit.equals("B") ? Figures.quantity(amount, "B") : Figures.count(amount) + " " + unit;
    }

    private void write(String text) {
        try {
            out.append(text);
            if (out instanceof Flushable flushable) {
                flushable.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("standard error cannot be written", e);
        }
    }
}
