package dev.shoestring.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A rank's process while it runs: its lines go to the executor's log, and the last are kept for a message. */
final class RankOutput {
    private static final Logger LOG = LoggerFactory.getLogger(RankOutput.class);
    private static final int LINES_KEPT = 40;
    private static final long POLL_MILLIS = 100;
    private static final String MESSAGE = "shoestring: ";

    private final int rank;
    private final Deque<String> lines = new ArrayDeque<>();

    RankOutput(int rank) {
        this.rank = rank;
    }

    /** Runs the process to its end, or ends it when Spark ends the task; gives its exit status. */
    int follow(ProcessBuilder builder, TaskContext task) {
        Process process;
        try {
            process = builder.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(
                    builder.command().get(0) + ": the process of rank " + rank + " cannot be started", failed);
        }
        try {
            Thread reader = new Thread(() -> read(process.getInputStream()), "rank " + rank);
            reader.setDaemon(true);
            reader.start();
            while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                task.killTaskIfInterrupted();
            }
            reader.join();
            return process.exitValue();
        } catch (InterruptedException killed) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("rank " + rank + ": interrupted", killed);
        } finally {
            end(process);
        }
    }

    /** Nothing that was started may outlive the task: the next attempt uses the same folder. */
    private static void end(Process process) {
        process.destroyForcibly();
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(InputStream from) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(from, Charset.defaultCharset()))) {
            reader.lines().forEach(line -> {
                LOG.info("rank {}: {}", rank, line);
                keep(line);
            });
        } catch (IOException | UncheckedIOException ended) {
            // The process is gone, and its pipe with it.
        }
    }

    private void keep(String line) {
        synchronized (lines) {
            lines.add(line);
            if (lines.size() > LINES_KEPT) {
                lines.remove();
            }
        }
    }

    /** Whether the process said so among its last lines. */
    boolean says(String words) {
        synchronized (lines) {
            return lines.stream().anyMatch(line -> line.contains(words));
        }
    }

    /** What the process said last: its message if it had one, otherwise its last lines. */
    String message() {
        synchronized (lines) {
            List<String> last = List.copyOf(lines);
            for (int i = last.size() - 1; i >= 0; i--) {
                if (last.get(i).startsWith(MESSAGE)) {
                    String whole = String.join("\n", last.subList(i, last.size()));
                    return whole.substring(MESSAGE.length());
                }
            }
            return String.join("\n", last);
        }
    }
}
