package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Reads the text files in a jar or zip file. What an archive says of its sizes is not believed: what is unpacked is counted. */
final class TextArchive {
    static final int LARGEST_ENTRY = 16 << 20;
    static final int MOST_ENTRIES = 1_000_000;

    private static final long LARGEST_TOTAL = 64L << 30;
    /** Deflate can pack no more than 1,032 to one; texts reach 20, and tables of the same few words 100. */
    private static final long LARGEST_RATIO = 200;

    private static final long SMALL = 1 << 20;

    private TextArchive() {}

    static void read(TextSource.Archive source, DocumentSink sink) {
        String path = source.name();
        TableFile.require(path);
        try (ZipFile zip = new ZipFile(source.file().toFile(), StandardCharsets.UTF_8)) {
            long packed = Files.size(source.file());
            long total = 0;
            List<ZipEntry> entries = entries(source, zip);
            for (ZipEntry entry : entries) {
                byte[] bytes;
                try (InputStream in = zip.getInputStream(entry)) {
                    bytes = in.readNBytes(LARGEST_ENTRY + 1);
                } catch (IOException damaged) {
                    sink.leftOut("unreadable", path + "!" + entry.getName());
                    continue;
                }
                total += bytes.length;
                refuseBomb(path, entry, bytes.length, total, packed);
                String where = path + "!" + entry.getName();
                if (bytes.length > LARGEST_ENTRY) {
                    sink.leftOut(DocumentSink.TOO_LONG, where + " (more than " + (LARGEST_ENTRY >> 20) + " MiB)");
                    continue;
                }
                DocumentUnit unit = TextFolder.unitOf(entry.getName(), source.unit());
                TextPieces.read(new ByteArrayInputStream(bytes), where, unit, LARGEST_ENTRY, sink);
            }
            if (entries.isEmpty()) {
                throw new InputException(path + ": holds no file that ends in one of ."
                        + String.join(", .", source.extensions()) + "; name the endings to read");
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new InputException(path + ": is not an intact zip file (" + e.getMessage() + "); fetch it again", e);
        }
    }

    private static List<ZipEntry> entries(TextSource.Archive source, ZipFile zip) {
        if (zip.size() > MOST_ENTRIES) {
            throw new InputException(source.name() + ": holds " + zip.size() + " entries, more than the " + MOST_ENTRIES
                    + " that are read; unpack it and name folders");
        }
        List<ZipEntry> entries = new ArrayList<>();
        for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            // A gzipped entry would unpack a second time, past the bounds.
            boolean packedTwice = entry.getName().toLowerCase(Locale.ROOT).endsWith(".gz");
            if (!entry.isDirectory() && !packedTwice && TextFolder.ends(entry.getName(), source.extensions())) {
                entries.add(entry);
            }
        }
        entries.sort(Comparator.comparing(ZipEntry::getName));
        return entries;
    }

    private static void refuseBomb(String path, ZipEntry entry, long length, long total, long packed) {
        long entryPacked = Math.max(1, entry.getCompressedSize());
        boolean bomb = length > SMALL && length / LARGEST_RATIO > entryPacked;
        if (bomb || (total > SMALL && total / LARGEST_RATIO > packed) || total > LARGEST_TOTAL) {
            throw new InputException(path + ": unpacks to more than " + LARGEST_RATIO
                    + " times its size (at " + entry.getName() + "), which no text does; it may be a zip bomb."
                    + " Unpack it yourself if you trust it and name the folder");
        }
    }
}
