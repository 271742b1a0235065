package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Finds and reads the text files in a folder. */
final class TextFolder {
    private static final int MOST_FILES = 5_000_000;

    private TextFolder() {}

    static void read(TextSource.Folder source, DocumentSink sink) {
        for (Map.Entry<String, Path> file : list(source).entrySet()) {
            String where = file.getValue().toString();
            try (InputStream in = TableFile.open(file.getValue())) {
                TextPieces.read(in, where, unitOf(file.getKey(), source.unit()), TextPieces.LARGEST, sink);
            } catch (IOException unreadable) {
                sink.leftOut("unreadable", where);
            }
        }
    }

    static String fingerprint(TextSource.Folder source) {
        StringBuilder contents = new StringBuilder();
        for (Map.Entry<String, Path> file : list(source).entrySet()) {
            contents.append(file.getKey())
                    .append('\n')
                    .append(HashedFile.of(file.getValue()).sha256())
                    .append('\n');
        }
        return ContentHash.of(contents.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Plain text is cut into documents; a source file is one. */
    static DocumentUnit unitOf(String name, DocumentUnit unit) {
        return ends(name, List.of("txt", "text")) ? unit : DocumentUnit.FILE;
    }

    /** Whether a name has one of the endings, {@code .gz} aside. */
    static boolean ends(String name, List<String> extensions) {
        String lower = name.toLowerCase(Locale.ROOT);
        String bare = lower.endsWith(".gz") ? lower.substring(0, lower.length() - ".gz".length()) : lower;
        return extensions.stream().anyMatch(one -> bare.endsWith("." + one.toLowerCase(Locale.ROOT)));
    }

    /** The files by their paths within the folder, with slashes, so that the order is the same on every system. */
    private static Map<String, Path> list(TextSource.Folder source) {
        Path root = source.folder();
        if (!Files.isDirectory(root)) {
            throw new InputException(root + ": no such folder");
        }
        Map<String, Path> files = new TreeMap<>();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    return !folder.equals(root) && hidden(folder)
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile() && !hidden(file) && ends(file.toString(), source.extensions())) {
                        if (files.size() == MOST_FILES) {
                            throw new InputException(
                                    root + ": holds more than " + MOST_FILES + " text files; name folders in it");
                        }
                        files.put(root.relativize(file).toString().replace('\\', '/'), file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failed) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException | UncheckedIOException failed) {
            throw new InputException(root + ": cannot be listed (" + failed.getMessage() + ")", failed);
        }
        if (files.isEmpty()) {
            throw new InputException(root + ": holds no file that ends in one of ."
                    + String.join(", .", source.extensions()) + "; name the endings to read");
        }
        return files;
    }

    private static boolean hidden(Path path) {
        Path name = path.getFileName();
        return name != null && name.toString().startsWith(".");
    }
}
