package dev.shoestring.spark;

import dev.shoestring.distributed.RunFile;
import dev.shoestring.recipe.InputException;
import dev.shoestring.run.RunFolder;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.BarrierTaskContext;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;
import scala.Tuple3;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * A barrier task: writes its rows, meets the others, and trains as one rank in a process of its own. The process, not the executor, holds the
 * native library: several ranks of one executor have each their own random state and threads, and what ends a process ends no executor. If a
 * rank is lost its task fails, and Spark starts all anew.
 */
final class RankTask
        extends AbstractFunction1<
                Iterator<Tuple2<Tuple3<Integer, String, String>, Byte>>, Iterator<Tuple2<String, byte[]>>>
        implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int FAULT = 1;
    private static final int BAD_INPUT = 2;
    private static final int STOPPED = 3;

    /** What Java says last when it does not start. */
    private static final String NO_MACHINE = "Could not create the Java Virtual Machine";

    private final Job job;

    /**
     * What all ranks are given.
     *
     * @param id names the job
     * @param recipe as YAML
     * @param columns the columns of the rows
     * @param runs folder for the run
     * @param runFile where rank 0 writes which run it works on; the driver has made it, and whoever sees it shares the folder
     * @param options further options of Java
     */
    record Job(String id, String recipe, DatasetColumns columns, String runs, String runFile, List<String> options)
            implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    RankTask(Job job) {
        this.job = job;
    }

    @Override
    public Iterator<Tuple2<String, byte[]>> apply(Iterator<Tuple2<Tuple3<Integer, String, String>, Byte>> rows) {
        BarrierTaskContext context = BarrierTaskContext.get();
        boolean first = context.partitionId() == 0;
        Path folder = Folders.create();
        try {
            RowFile.write(folder.resolve(ShippedRecipe.ROWS), job.columns(), rows);
            Files.writeString(folder.resolve("recipe.yaml"), job.recipe());
            RunFile runFile = new RunFile(Path.of(job.runFile()));
            boolean shared = Files.exists(runFile.path());
            // Rank 0 alone writes there, but all must know before they wait for each other.
            String unwritable = first && shared && !runFile.writable()
                    ? "runs: " + job.runs()
                            + " can be read but not written by the executor of rank 0; give its user the"
                            + " right to, or choose another folder"
                    : "";
            String problem = context.allGather(unwritable)[0];
            if (!problem.isEmpty()) {
                return iterator(first ? List.of(RankReport.refused(0, problem)) : List.of());
            }
            Meeting meeting = Meeting.agree(context, first && finished(runFile).isPresent());
            if (!meeting.done()) {
                Path runs = shared ? Path.of(job.runs()) : folder.resolve("runs");
                Optional<String> refused = train(context, meeting, folder, runs, shared ? runFile : null);
                boolean any = Arrays.asList(context.allGather(Boolean.toString(refused.isPresent())))
                        .contains("true");
                if (any) {
                    return iterator(refused.map(message -> RankReport.refused(context.partitionId(), message)).stream()
                            .toList());
                }
            }
            return iterator(first ? report(shared, runFile, folder.resolve("runs")) : List.of());
        } catch (InputException tooLarge) {
            return iterator(List.of(RankReport.refused(context.partitionId(), String.valueOf(tooLarge.getMessage()))));
        } catch (IOException failed) {
            throw new UncheckedIOException(folder + ": cannot be written", failed);
        } finally {
            Folders.delete(folder);
        }
    }

    /** Trains; gives the message of a rank that was refused. A rank that is lost ends the task. */
    private Optional<String> train(
            BarrierTaskContext context, Meeting meeting, Path folder, Path runs, @Nullable RunFile shared) {
        int rank = context.partitionId();
        List<String> fresh = List.of("train", "recipe.yaml", "--runs", runs.toString());
        List<String> command = rank > 0 || shared == null
                ? fresh
                : shared.resumable()
                        .map(run -> List.of("train", "--resume", run.toString()))
                        .orElse(fresh);
        ProcessBuilder builder = RankCommand.of(
                meeting.place(rank, context.stageAttemptNumber(), job.id()),
                context.cpus(),
                job.options(),
                command,
                folder);
        if (shared != null) {
            builder.environment().put(RunFile.VARIABLE, shared.path().toString());
        }
        RankOutput output = new RankOutput(rank);
        int status = output.follow(builder, context);
        if (status == BAD_INPUT) {
            return Optional.of(output.message());
        }
        if (status == FAULT && output.says(NO_MACHINE)) {
            // Another attempt would be told the same.
            return Optional.of("javaOptions: Java does not start with " + String.join(" ", job.options()) + ": "
                    + output.message().replace('\n', ' ') + "; correct or leave out (--java-option)");
        }
        if (status != 0 && status != STOPPED) {
            throw new IllegalStateException("rank " + rank + " on "
                    + meeting.hosts().get(rank) + " ended with status " + status + ": " + output.message());
        }
        return Optional.empty();
    }

    /** The run that an earlier attempt finished before another rank's task failed. */
    private static Optional<Path> finished(RunFile runFile) {
        return runFile.run().filter(run -> Files.isRegularFile(new RunFolder(run).report()));
    }

    private static List<Tuple2<String, byte[]>> report(boolean shared, RunFile runFile, Path own) throws IOException {
        if (shared) {
            return RankReport.shared(
                    runFile.run().orElseThrow(() -> new IllegalStateException("the run was not announced")));
        }
        try (Stream<Path> runs = Files.list(own)) {
            return RankReport.brought(runs.filter(run -> Files.isDirectory(run) && !Files.isSymbolicLink(run))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("rank 0 left no run")));
        }
    }

    private static Iterator<Tuple2<String, byte[]>> iterator(List<Tuple2<String, byte[]>> parts) {
        return CollectionConverters.asScala(parts.iterator());
    }
}
