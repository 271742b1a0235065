package dev.shoestring.text;

import dev.shoestring.recipe.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Text of files and folders (in UTF-8), in blocks that end where a line ends between two that are not blank. */
public final class TextFiles {
    private static final int BLOCK = 1 << 20;
    private static final int LONGEST_BLOCK = 16 << 20;

    private final List<Path> files;

    private TextFiles(List<Path> files) {
        this.files = files;
    }

    /**
     * Finds the files: those given, and all below the folders given but hidden ones, by name.
     *
     * @throws InputException if there is none
     */
    public static TextFiles below(List<Path> given) {
        List<Path> files = new ArrayList<>();
        for (Path path : given) {
            if (!Files.exists(path)) {
                throw new InputException("--data: " + path + " does not exist; give files or folders of text");
            }
            try (Stream<Path> walk = Files.walk(path)) {
                walk.filter(Files::isRegularFile)
                        .filter(file -> file.equals(path) || !hidden(path.relativize(file)))
                        .sorted()
                        .forEach(files::add);
            } catch (IOException | java.io.UncheckedIOException e) {
                throw new InputException("--data: " + path + " cannot be read (" + e.getMessage() + ")", e);
            }
        }
        if (files.isEmpty()) {
            throw new InputException("--data: no files in " + given + "; give files or folders of text");
        }
        return new TextFiles(files);
    }

    private static boolean hidden(Path relative) {
        for (Path part : relative) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    /** The files. */
    public List<Path> files() {
        return List.copyOf(files);
    }

    /** The blocks of all files in order. Read once; {@code InputException} where a file is not text in UTF-8. */
    public Stream<String> blocks() {
        return files.stream()
                .flatMap(file -> StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(new Blocks(file), Spliterator.ORDERED), false));
    }

    private static final class Blocks implements Iterator<String> {
        private final Path file;
        private final char[] buffer = new char[BLOCK];
        private final StringBuilder rest = new StringBuilder();
        private @Nullable BufferedReader reader;
        private boolean ended;
        private @Nullable String next;

        Blocks(Path file) {
            this.file = file;
        }

        @Override
        public boolean hasNext() {
            while (next == null && !ended) {
                read();
            }
            return next != null;
        }

        @Override
        public String next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            String block = next;
            next = null;
            return block;
        }

        private void read() {
            try {
                if (reader == null) {
                    reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                }
                int count = reader.read(buffer);
                if (count < 0) {
                    reader.close();
                    ended = true;
                    next = rest.isEmpty() ? null : rest.toString();
                    return;
                }
                rest.append(buffer, 0, count);
                int end = rest.length() >= BLOCK ? end() : 0;
                if (end > 0) {
                    next = rest.substring(0, end);
                    rest.delete(0, end);
                }
            } catch (CharacterCodingException e) {
                throw new InputException("--data: " + file + " is not text in UTF-8; convert it, or leave it out", e);
            } catch (NoSuchFileException e) {
                throw new InputException("--data: " + file + " does not exist", e);
            } catch (IOException e) {
                throw new InputException("--data: " + file + " cannot be read (" + e.getMessage() + ")", e);
            }
        }

        private int end() {
            for (int i = rest.length() - 1; i > 1; i--) {
                if (rest.charAt(i - 1) == '\n'
                        && !Character.isWhitespace(rest.charAt(i))
                        && !Character.isWhitespace(rest.charAt(i - 2))) {
                    return i;
                }
            }
            if (rest.length() < LONGEST_BLOCK) {
                return 0;
            }
            return rest.length() - (Character.isHighSurrogate(rest.charAt(rest.length() - 1)) ? 1 : 0);
        }
    }
}
