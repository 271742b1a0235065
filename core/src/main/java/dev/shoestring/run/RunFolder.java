package dev.shoestring.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.recipe.InputException;
import dev.shoestring.train.StopReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/**
 * The folder of a run, {@code runs/<name>-<time>/}; {@code runs/latest} points to the newest.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
    private static final String LATEST = "latest";

    /**
     * Makes a new folder under {@code runs}.
     *
     * @throws InputException if it cannot be made
     */
    public static RunFolder create(Path runs, String name, LocalDateTime now) {
        String base = name.replaceAll("[^A-Za-z0-9._-]", "-") + "-" + TIME.format(now);
        try {
            Files.createDirectories(runs);
            Path folder = runs.resolve(base);
            for (int i = 2; !made(folder); i++) {
                folder = runs.resolve(base + "-" + i);
            }
            pointLatest(runs, folder);
            return new RunFolder(folder);
        } catch (IOException failed) {
            throw new InputException(
                    runs.toAbsolutePath() + ": a run folder cannot be made here (" + reason(failed)
                            + "); choose another place with --runs",
                    failed);
        }
    }

    /**
     * Opens the folder of an earlier run; {@code runs/latest} is followed.
     *
     * @throws InputException if it is no run folder
     */
    public static RunFolder open(Path given) {
        Path folder = given;
        try {
            if (Files.isRegularFile(given) && given.getFileName().toString().equals(LATEST)) {
                folder = given.resolveSibling(Files.readString(given).strip());
            }
            folder = folder.toRealPath();
        } catch (NoSuchFileException missing) {
            throw new InputException(
                    given + ": there is no such run; the folders of runs are under runs/, the newest is runs/latest",
                    missing);
        } catch (IOException failed) {
            throw new InputException(given + ": cannot be read (" + reason(failed) + ")", failed);
        }
        RunFolder run = new RunFolder(folder);
        if (!Files.isRegularFile(run.recipe())) {
            throw new InputException(given + ": is not a run folder, it has no recipe.yaml; give one made by train");
        }
        return run;
    }

    /** Whether a folder was made; not if there is one, for example another process's of the same second. */
    private static boolean made(Path folder) throws IOException {
        try {
            Files.createDirectory(folder);
            return true;
        } catch (FileAlreadyExistsException taken) {
            return false;
        }
    }

    private static void pointLatest(Path runs, Path folder) throws IOException {
        Path latest = runs.resolve(LATEST);
        if (Files.isDirectory(latest, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.deleteIfExists(latest);
        try {
            Files.createSymbolicLink(latest, folder.getFileName());
        } catch (IOException | UnsupportedOperationException noLinks) {
            Files.writeString(latest, folder.getFileName().toString());
        }
    }

    static String reason(IOException failed) {
        String message = failed.getMessage();
        return failed.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    /** Whether the summary says that the run was stopped on its way, by its budget or by the user. */
    boolean stoppedOnTheWay() {
        try {
            String status = new ObjectMapper()
                    .readTree(Files.readAllBytes(summary()))
                    .path("status")
                    .asText();
            return status.equals(StopReason.BUDGET.status()) || status.equals(StopReason.INTERRUPTED.status());
        } catch (IOException unreadable) {
            return false;
        }
    }

    /**
     * The model folder of a run, or a model folder itself.
     *
     * @throws InputException if it is neither
     */
    static Path modelOf(Path runOrModel) {
        return Files.isRegularFile(runOrModel.resolve("config.json"))
                ? runOrModel
                : open(runOrModel).model();
    }

    /** Whether the user stopped it, or it never came to a summary. */
    boolean interrupted() {
        try {
            String status = new ObjectMapper()
                    .readTree(Files.readAllBytes(summary()))
                    .path("status")
                    .asText();
            return status.equals(StopReason.INTERRUPTED.status());
        } catch (IOException none) {
            return true;
        }
    }

    /** Name of the folder. */
    public String name() {
        return path.getFileName().toString();
    }

    /** The fully resolved recipe. */
    public Path recipe() {
        return path.resolve("recipe.yaml");
    }

    /** The run in figures. */
    public Path summary() {
        return path.resolve("summary.json");
    }

    /** One line a step or evaluation. */
    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    /** What a language model wrote before training. */
    public Path samples() {
        return path.resolve("samples.json");
    }

    /** The report for people. */
    public Path report() {
        return path.resolve("report.html");
    }

    /** The checkpoints. */
    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    /** The best model. */
    public Path model() {
        return path.resolve("model");
    }

    /** The cheap baseline, a model like any other. */
    public Path baseline() {
        return path.resolve("baseline");
    }

    /**
     * Writes a text file of the run as a whole: what was there before stays until the new one is complete.
     *
     * @throws InputException if it cannot be written
     */
    public void write(Path file, String text) {
        try {
            Path draft = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(draft, text.getBytes(StandardCharsets.UTF_8));
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new InputException(
                    file + ": cannot be written (" + reason(failed)
                            + "); free space or choose another place with --runs",
                    failed);
        }
    }
}
