package dev.shoestring.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Image files decoded once, in a file that is mapped into memory: what does not fit the machine's memory is read again from disk, and
 * Java's heap holds none of it. The file's name is made of the contents of all images and the size, so that a changed image or another
 * size makes another file. It is written beside its place and moved there when whole.
 */
final class ImageCache implements ImageStore {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SEGMENT = 1L << 30;

    private final List<MappedByteBuffer> segments;
    private final int perSegment;
    private final int count;
    private final int size;
    private final int channels;
    private final Map<Integer, String> broken;

    private ImageCache(
            List<MappedByteBuffer> segments, int count, int size, int channels, Map<Integer, String> broken) {
        this.segments = segments;
        this.count = count;
        this.size = size;
        this.channels = channels;
        this.perSegment = perSegment(size, channels);
        this.broken = broken;
    }

    /** Told how many images are done. */
    interface Progress {
        void done(int images, int all);
    }

    /** Opens the cache of these images, decoding them first if there is none. */
    static ImageCache of(List<HashedFile> files, int size, int channels, Progress progress) {
        Path folder = CacheFolder.of("images");
        String name = HashedFile.nameOf(files) + "-" + size + "x" + channels + "-v" + ImageDecoder.VERSION;
        Path pixels = folder.resolve(name + ".pixels");
        Path index = folder.resolve(name + ".json");
        try {
            Files.createDirectories(folder);
            long expected = (long) files.size() * size * size * channels;
            if (!readable(index) || !Files.isRegularFile(pixels) || Files.size(pixels) != expected) {
                decode(files, size, channels, pixels, index, progress);
                CacheRoom.keep(folder, CacheRoom.KEPT);
            } else {
                CacheRoom.used(pixels);
            }
            return new ImageCache(
                    map(pixels, files.size(), size, channels), files.size(), size, channels, broken(index));
        } catch (IOException failed) {
            throw new InputException(
                    folder + ": the cache of decoded images cannot be written or read (" + failed
                            + "); free space, or name another folder by the environment variable SHOESTRING_CACHE",
                    failed);
        }
    }

    private static int perSegment(int size, int channels) {
        return (int) Math.max(1, SEGMENT / ((long) size * size * channels));
    }

    private static void decode(
            List<HashedFile> files, int size, int channels, Path pixels, Path index, Progress progress)
            throws IOException {
        ImageDecoder decoder = new ImageDecoder(size, channels);
        int bytes = size * size * channels;
        Path draft = Files.createTempFile(pixels.getParent(), "decoding", ".tmp");
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            @Nullable String[] reasons = new String[files.size()];
            AtomicInteger done = new AtomicInteger();
            IntStream.range(0, files.size()).parallel().forEach(i -> {
                byte[] decoded;
                try {
                    decoded = decoder.decode(files.get(i).read());
                } catch (IOException unreadable) {
                    reasons[i] = String.valueOf(unreadable.getMessage());
                    decoded = new byte[bytes];
                }
                write(channel, ByteBuffer.wrap(decoded), (long) i * bytes);
                progress.done(done.incrementAndGet(), files.size());
            });
            writeIndex(index, reasons);
        } catch (IOException | RuntimeException failed) {
            Files.deleteIfExists(draft);
            throw failed;
        }
        Files.move(draft, pixels, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long position) {
        try {
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        } catch (IOException full) {
            throw new InputException("the cache of decoded images cannot be written (" + full + "); free space", full);
        }
    }

    private static void writeIndex(Path index, @Nullable String[] reasons) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode list = json.putArray("broken");
        for (int i = 0; i < reasons.length; i++) {
            String reason = reasons[i];
            if (reason != null) {
                list.addObject().put("image", i).put("reason", reason);
            }
        }
        Path draft = Files.createTempFile(index.getParent(), "index", ".tmp");
        Files.write(draft, JSON.writeValueAsBytes(json));
        Files.move(draft, index, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean readable(Path index) {
        try {
            return Files.isRegularFile(index)
                    && JSON.readTree(Files.readAllBytes(index)).isObject();
        } catch (IOException damaged) {
            return false;
        }
    }

    private static Map<Integer, String> broken(Path index) throws IOException {
        Map<Integer, String> broken = new LinkedHashMap<>();
        for (JsonNode one : JSON.readTree(Files.readAllBytes(index)).path("broken")) {
            broken.put(one.path("image").asInt(), one.path("reason").asText());
        }
        return broken;
    }

    private static List<MappedByteBuffer> map(Path pixels, int count, int size, int channels) throws IOException {
        long segment = (long) perSegment(size, channels) * size * size * channels;
        long all = (long) count * size * size * channels;
        List<MappedByteBuffer> segments = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(pixels, StandardOpenOption.READ)) {
            for (long from = 0; from < all; from += segment) {
                segments.add(channel.map(FileChannel.MapMode.READ_ONLY, from, Math.min(segment, all - from)));
            }
        }
        return segments;
    }

    /** Why images could not be decoded, by their place in the list; they are black. */
    Map<Integer, String> broken() {
        return broken;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public void copy(int image, ByteBuffer target) {
        target.put(segments.get(image / perSegment).slice(image % perSegment * bytes(), bytes()));
    }
}
