package dev.shoestring.run;

import dev.shoestring.recipe.InputException;
import dev.shoestring.report.MetricsLog;
import dev.shoestring.report.RunComparison;
import dev.shoestring.report.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The runs of a folder. */
public final class RunIndex {
    private RunIndex() {}

    /**
     * The run folders under {@code runs} that have a summary, oldest first.
     *
     * @throws InputException if there is no such folder
     */
    public static List<Path> list(Path runs) {
        if (!Files.isDirectory(runs)) {
            throw new InputException(
                    runs + ": there is no such folder; runs are kept where train ran, or name it: --runs FOLDER");
        }
        try (Stream<Path> folders = Files.list(runs)) {
            return folders.filter(folder -> Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS))
                    .filter(folder -> Files.isRegularFile(folder.resolve("summary.json"))
                            && Files.isRegularFile(folder.resolve("recipe.yaml")))
                    .sorted(java.util.Comparator.comparing(RunIndex::changed).thenComparing(Path::toString))
                    .toList();
        } catch (IOException unreadable) {
            throw new InputException(runs + ": cannot be read (" + unreadable + ")", unreadable);
        }
    }

    private static java.nio.file.attribute.FileTime changed(Path folder) {
        try {
            return Files.getLastModifiedTime(folder.resolve("summary.json"));
        } catch (IOException gone) {
            return java.nio.file.attribute.FileTime.fromMillis(0);
        }
    }

    /**
     * Reads a run.
     *
     * @throws InputException if the folder is none, or its files are damaged
     */
    public static RunComparison.Entry read(Path given) {
        RunFolder folder = RunFolder.open(given);
        try {
            return new RunComparison.Entry(
                    folder.name(),
                    RunSummary.read(folder.summary()),
                    Files.isRegularFile(folder.metrics()) ? MetricsLog.read(folder.metrics()) : List.of(),
                    Files.readString(folder.recipe()));
        } catch (IOException unreadable) {
            throw new InputException(folder.recipe() + ": cannot be read (" + unreadable + ")", unreadable);
        }
    }
}
