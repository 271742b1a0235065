package dev.shoestring.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The text of a recipe, bundled or from a file.
 *
 * @param source names it in messages
 * @param name the run's name where the recipe gives none
 * @param yaml the text
 */
record RecipeText(String source, String name, String yaml) {
    private static final int MOST_NEIGHBOURS = 1000;

    /** The bundled recipe of that name, otherwise the file at that path. */
    static RecipeText find(String nameOrPath) {
        return Recipes.bundledNames().contains(nameOrPath) ? bundled(nameOrPath) : file(nameOrPath);
    }

    /** A bundled recipe. */
    static RecipeText bundled(String name) {
        try (InputStream in = RecipeText.class.getResourceAsStream(name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("bundled recipe missing from the jar: " + name);
            }
            return new RecipeText(name, name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RecipeText file(String given) {
        Path path;
        try {
            path = Path.of(given);
        } catch (InvalidPathException e) {
            throw new InputException("recipe " + Section.quoted(given) + ": is not a path: " + e.getReason(), e);
        }
        if (given.isBlank() || !Files.exists(path)) {
            throw missing(given, path);
        }
        if (!Files.isRegularFile(path)) {
            throw new InputException(given + ": a recipe is a YAML file, but this is "
                    + (Files.isDirectory(path) ? "a directory" : "not a regular file"));
        }
        String file = String.valueOf(path.getFileName());
        return new RecipeText(
                given, RunName.of(file.replaceFirst("\\.ya?ml$", "")), decoded(given, bytes(given, path)));
    }

    private static byte[] bytes(String given, Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(YamlText.MOST_CHARACTERS + 1);
            if (bytes.length > YamlText.MOST_CHARACTERS) {
                throw new InputException(
                        given + ": a recipe has at most 1 MiB, but this has " + Files.size(path) + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new InputException(given + ": cannot be read: " + e, e);
        }
    }

    private static String decoded(String given, byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new InputException(given + ": is not UTF-8 text; save the recipe as UTF-8", e);
        }
    }

    private static InputException missing(String given, Path path) {
        List<String> candidates = new ArrayList<>(Recipes.bundledNames());
        candidates.addAll(neighbours(path));
        String nearest = NearestChoice.to(given, candidates);
        if (nearest == null) {
            nearest = NearestChoice.to(String.valueOf(path.getFileName()).replaceFirst("\\.ya?ml$", ""), candidates);
        }
        return new InputException("recipe " + Section.quoted(given) + ": there is no such file or bundled recipe"
                + (nearest == null ? "" : "; nearest: " + nearest)
                + "; bundled: " + String.join(", ", Recipes.bundledNames()));
    }

    private static List<String> neighbours(Path path) {
        Path given = path.getParent();
        Path folder = given == null ? Path.of("") : given;
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.{yaml,yml}")) {
            for (Path file : files) {
                if (found.size() == MOST_NEIGHBOURS) {
                    break;
                }
                found.add((given == null ? file.getFileName() : file).toString());
            }
        } catch (IOException e) {
            // a folder that cannot be listed only costs the hint
            return List.of();
        }
        return found;
    }
}
