package dev.shoestring.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Keeps the cache of decoded images small: what was used longest ago goes when something new has come. */
final class CacheRoom {
    /** Bytes of decoded images that are kept; what was used last always stays, however large. */
    static final long KEPT = 4L << 30;

    private static final String PIXELS = ".pixels";
    private static final String DRAFT = ".tmp";
    private static final Duration ABANDONED = Duration.ofDays(1);

    private record Entry(Path file, long bytes, FileTime used) {}

    private CacheRoom() {}

    /** Notes that a file of pixels is used now. A cache that may only be read stays as it is. */
    static void used(Path pixels) {
        try {
            Files.setLastModifiedTime(pixels, FileTime.fromMillis(System.currentTimeMillis()));
        } catch (IOException readOnly) {
            // Then nothing is ever deleted there either.
        }
    }

    /**
     * Deletes what was used longest ago, with its index, until what is left has at most {@code most} bytes; and drafts that a broken-off
     * run left more than a day ago. A file that cannot be deleted, being mapped on Windows, stays.
     */
    static void keep(Path folder, long most) throws IOException {
        long kept = 0;
        for (Entry entry : newestFirst(folder, PIXELS)) {
            boolean first = kept == 0;
            kept += entry.bytes();
            if (kept > most && !first) {
                String name = entry.file().getFileName().toString();
                delete(entry.file());
                delete(entry.file().resolveSibling(name.substring(0, name.length() - PIXELS.length()) + ".json"));
            }
        }
        long old = System.currentTimeMillis() - ABANDONED.toMillis();
        for (Entry draft : newestFirst(folder, DRAFT)) {
            if (draft.used().toMillis() < old) {
                delete(draft.file());
            }
        }
    }

    private static List<Entry> newestFirst(Path folder, String ending) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (file.getFileName().toString().endsWith(ending)) {
                    try {
                        entries.add(new Entry(file, Files.size(file), Files.getLastModifiedTime(file)));
                    } catch (NoSuchFileException gone) {
                        // Another run deleted it.
                    }
                }
            }
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
        entries.sort(Comparator.comparing(Entry::used).reversed());
        return entries;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException inUse) {
            // The next run tries again.
        }
    }
}
