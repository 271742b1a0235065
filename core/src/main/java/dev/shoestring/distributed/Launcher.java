package dev.shoestring.distributed;

import dev.shoestring.recipe.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Starts the processes of a job on this machine, waits for them, and starts all of them anew from the last checkpoint when one is lost. Rank 0
 * has the terminal; of the others, the last lines are shown if they fail.
 */
public final class Launcher {
    private static final int SUCCESS = 0;
    private static final int FAULT = 1;
    private static final int BAD_INPUT = 2;
    private static final int STOPPED = 3;
    private static final int SIGNALS = 128;
    private static final int LINES_KEPT = 12;
    private static final long POLL_MILLIS = 50;

    /** What remains of a job saves what it has before it is ended: as long as the others take to notice. */
    private static final Duration GRACE = Duration.ofSeconds(Long.getLong("shoestring.graceSeconds", 30));

    /** On other machines the processes of this attempt must have ended before the next one meets. */
    private static final Duration BETWEEN_MACHINES = Duration.ofSeconds(5);

    /** Gloo reports every connection on standard output. */
    private static final String GLOO = "[Gloo] ";

    private final Launch launch;
    private final Function<@Nullable Path, List<String>> command;
    private final PrintStream out;
    private final Consumer<String> tell;
    private final Path runFile = runFile();
    private final List<Member> members = new CopyOnWriteArrayList<>();
    private volatile boolean stopping;

    /**
     * A launcher that has started nothing yet.
     *
     * @param command the command of a process; its argument is the run to go on with, or null for a new one
     * @param out where rank 0's standard output goes
     * @param tell told what happens, in sentences
     */
    public Launcher(
            Launch launch, Function<@Nullable Path, List<String>> command, PrintStream out, Consumer<String> tell) {
        this.launch = launch;
        this.command = command;
        this.out = out;
        this.tell = tell;
    }

    /** This Java, started as this process was, with a main class and arguments of its own. */
    public static List<String> java(List<String> options, String mainClass, List<String> arguments) {
        List<String> all = new ArrayList<>();
        all.add(ProcessHandle.current().info().command().orElse("java"));
        all.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        // A store that listens at one address alone needs the descriptor of a socket, which Java keeps to itself.
        all.addAll(List.of("--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED"));
        all.addAll(options);
        all.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        all.addAll(arguments);
        return all;
    }

    private record Member(int rank, Process process, Deque<String> lastLines) {}

    /**
     * Runs the job to its end.
     *
     * @return the exit status for the whole: rank 0's if it is on this machine
     */
    public int run() {
        Thread hook = new Thread(this::stop, "stop-processes");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            for (int attempt = 0; ; attempt++) {
                start(attempt);
                @Nullable Member bad = awaitEnd();
                int status = status();
                if (bad == null || stopping || isFinal(status)) {
                    return status;
                }
                String ended = "rank " + bad.rank() + " " + words(bad.process().exitValue());
                if (bad.rank() != 0) {
                    lastLines(bad).forEach(line -> tell.accept("rank " + bad.rank() + ": " + line));
                }
                if (attempt == launch.restarts()) {
                    tell.accept(ended + "; given up after " + attempt + " restarts");
                    return FAULT;
                }
                tell.accept(ended + "; restart " + (attempt + 1) + " of " + launch.restarts()
                        + (resumable() == null ? ", from the beginning" : ", from the last checkpoint"));
                if (launch.nodes() > 1) {
                    Thread.sleep(BETWEEN_MACHINES.toMillis());
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return FAULT;
        } finally {
            members.forEach(member -> member.process().destroyForcibly());
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
                forget();
            } catch (IllegalStateException leaving) {
                // The hook runs already, and clears up.
            }
        }
    }

    private void start(int attempt) {
        members.clear();
        List<String> words = command.apply(attempt == 0 ? null : resumable());
        for (int local = 0; local < launch.processes(); local++) {
            int rank = launch.node() * launch.processes() + local;
            ProcessBuilder builder = new ProcessBuilder(words).redirectInput(ProcessBuilder.Redirect.INHERIT);
            builder.environment().putAll(launch.environment(local, attempt, runFile.toString()));
            if (rank == 0) {
                builder.redirectError(ProcessBuilder.Redirect.INHERIT);
            }
            try {
                Member member = new Member(rank, builder.start(), new ArrayDeque<>());
                members.add(member);
                read(member.process().getInputStream(), line -> {
                    if (rank == 0 && !line.startsWith(GLOO)) {
                        out.println(line);
                        out.flush();
                    }
                });
                if (rank != 0) {
                    read(member.process().getErrorStream(), line -> keep(member.lastLines(), line));
                }
            } catch (IOException failed) {
                throw new InputException(
                        words.get(0) + ": a process cannot be started (" + failed.getMessage() + ")", failed);
            }
        }
    }

    private static List<String> lastLines(Member member) {
        synchronized (member.lastLines()) {
            return List.copyOf(member.lastLines());
        }
    }

    private static void keep(Deque<String> lines, String line) {
        synchronized (lines) {
            lines.add(line);
            if (lines.size() > LINES_KEPT) {
                lines.remove();
            }
        }
    }

    private static void read(InputStream from, Consumer<String> to) {
        Thread reader = new Thread(
                () -> {
                    try (BufferedReader lines =
                            new BufferedReader(new InputStreamReader(from, Charset.defaultCharset()))) {
                        lines.lines().forEach(to);
                    } catch (IOException | java.io.UncheckedIOException ended) {
                        // The process is gone, and its pipe with it.
                    }
                },
                "output of a process");
        reader.setDaemon(true);
        reader.start();
    }

    /** Waits until all have ended; when one is lost, the others have some time to save. */
    private @Nullable Member awaitEnd() throws InterruptedException {
        @Nullable Member bad = null;
        long until = Long.MAX_VALUE;
        while (members.stream().anyMatch(member -> member.process().isAlive())) {
            for (Member member : members) {
                if (bad == null
                        && !member.process().isAlive()
                        && member.process().exitValue() != SUCCESS
                        && member.process().exitValue() != STOPPED) {
                    bad = member;
                    until = System.nanoTime() + GRACE.toNanos();
                }
            }
            if (System.nanoTime() > until) {
                members.forEach(member -> member.process().destroyForcibly());
            }
            Thread.sleep(POLL_MILLIS);
        }
        return bad != null
                ? bad
                : members.stream()
                        .filter(member -> member.process().exitValue() != 0)
                        .findFirst()
                        .orElse(null);
    }

    /** Rank 0's status; where it was lost, or is elsewhere, the greatest of the others. */
    private int status() {
        int first = members.get(0).process().exitValue();
        boolean says = members.get(0).rank() == 0 && (first == SUCCESS || first == BAD_INPUT || first == STOPPED);
        return says
                ? first
                : members.stream()
                        .mapToInt(member -> member.process().exitValue())
                        .max()
                        .orElse(FAULT);
    }

    /** Whether another attempt would end in the same way. What one process alone is refused, a full disk, may have passed. */
    private boolean isFinal(int status) {
        boolean all = members.stream().allMatch(member -> member.process().exitValue() == BAD_INPUT);
        boolean began = new RunFile(runFile).run().isPresent();
        return status == SUCCESS || status == STOPPED || (status == BAD_INPUT && (all || !began));
    }

    private static String words(int status) {
        int signal = status - SIGNALS;
        return signal > 0 ? "was ended by signal " + signal : "ended with status " + status;
    }

    /** Ends the processes in order: each finishes its step and saves. */
    private void stop() {
        stopping = true;
        // By its handle: Process.destroy would close the pipe through which rank 0 says how to go on.
        members.forEach(member -> member.process().toHandle().destroy());
        try {
            for (Member member : members) {
                member.process().waitFor();
            }
            // The reading threads may have lines of rank 0 left.
            Thread.sleep(2 * POLL_MILLIS);
        } catch (InterruptedException again) {
            Thread.currentThread().interrupt();
        }
        forget();
        Runtime.getRuntime().halt(members.isEmpty() ? STOPPED : status());
    }

    private void forget() {
        try {
            Files.deleteIfExists(runFile);
        } catch (IOException left) {
            // The system clears its temporary files.
        }
    }

    private static Path runFile() {
        try {
            return Files.createTempFile("shoestring-run", ".txt");
        } catch (IOException failed) {
            throw new InputException(
                    System.getProperty("java.io.tmpdir") + ": a temporary file cannot be made (" + failed.getMessage()
                            + ")",
                    failed);
        }
    }

    /** The run that rank 0 was working on, if it has a checkpoint. */
    private @Nullable Path resumable() {
        return new RunFile(runFile).resumable().orElse(null);
    }
}
