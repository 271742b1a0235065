package dev.shoestring.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Which rungs have been trained, and in which folders: a file, so that an interrupted ladder goes on. */
final class SavingsState {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String TARGET = "target";
    private static final String DATA = "data";

    private final Path file;
    private final ObjectNode done;

    private SavingsState(Path file, ObjectNode done) {
        this.file = file;
        this.done = done;
    }

    static SavingsState open(Path folder) {
        Path file = folder.resolve("rungs.json");
        try {
            Files.createDirectories(folder);
            if (Files.isRegularFile(file) && JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode known) {
                return new SavingsState(file, known);
            }
            return new SavingsState(file, JSON.createObjectNode());
        } catch (JsonProcessingException malformed) {
            throw new InputException(file + ": is damaged; remove it to train all rungs again", malformed);
        } catch (IOException failed) {
            throw new InputException(folder + ": cannot be used (" + failed + "); name another with --folder", failed);
        }
    }

    /** The target that the first measurement set; {@code first} computes it if there is none yet. */
    double target(DoubleSupplier first) {
        if (!done.path(TARGET).isNumber()) {
            done.put(TARGET, first.getAsDouble());
            write();
        }
        return done.path(TARGET).asDouble();
    }

    /**
     * Demands that the data is what finished rungs were trained on.
     *
     * @throws InputException if it has changed
     */
    void requireData(String fingerprint) {
        String known = done.path(DATA).asText("");
        if (!known.isEmpty() && !known.equals(fingerprint)) {
            throw new InputException(
                    file + ": its rungs were trained on other data than the recipe names now; put the data "
                            + "back, or name another folder with --folder");
        }
        if (known.isEmpty()) {
            done.put(DATA, fingerprint);
            write();
        }
    }

    /** The run that trained exactly this recipe; null if none has, or it is gone. */
    @Nullable
    Path run(Recipe recipe) {
        return run(key(recipe));
    }

    /** The run that was recorded for something else than a recipe; null if none was, or it is gone. */
    @Nullable
    Path run(String what) {
        String name = done.path(what).asText("");
        Path run = file.resolveSibling("runs").resolve(name);
        return name.isEmpty() || !Files.isRegularFile(run.resolve("recipe.yaml")) ? null : run;
    }

    void record(Recipe recipe, String run) {
        record(key(recipe), run);
    }

    void record(String what, String run) {
        done.put(what, run);
        write();
    }

    private void write() {
        try {
            Path fresh = file.resolveSibling("rungs.json.tmp");
            Files.write(fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(done));
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new InputException(file + ": cannot be written (" + failed + ")", failed);
        }
    }

    private static String key(Recipe recipe) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(RecipeYaml.write(recipe).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
