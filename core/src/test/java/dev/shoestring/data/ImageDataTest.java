package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageDataTest {
    private static final DataSpec.Split TENTH = new DataSpec.Split.Fraction(0.1);

    private static void write(Path file, int color) throws IOException {
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(20, 16, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 20 * 16; i++) {
            image.setRGB(i % 20, i / 20, color ^ i);
        }
        ImageIO.write(image, "png", file.toFile());
    }

    private static DataSpec spec(Path folder, @Nullable Integer most) {
        return new DataSpec(new DataSpec.Source.File(folder.toString()), null, null, TENTH, TENTH, most, 0);
    }

    private static ImageData load(DataSpec spec, AtomicInteger decoded) {
        return ImageData.load(spec, new ImageData.Form(16, 3, 0.5), 7, (done, all) -> decoded.incrementAndGet());
    }

    @Test
    void aFolderIsReadOnceAndSplitWithoutOverlap(@TempDir Path folder) throws IOException {
        Random random = new Random(folder.hashCode());
        for (String label : new String[] {"cat", "dog", "cow"}) {
            for (int i = 0; i < 40; i++) {
                write(folder.resolve(label).resolve(i + ".png"), random.nextInt(1 << 24));
            }
        }
        Files.copy(folder.resolve("cat/0.png"), folder.resolve("cat/copy.png"));
        Files.copy(folder.resolve("cat/1.png"), folder.resolve("dog/conflict.png"));
        Files.writeString(folder.resolve("dog/broken.jpg"), "no image");
        Files.writeString(folder.resolve("dog/notes.txt"), "notes");
        AtomicInteger decoded = new AtomicInteger();
        ImageData data = load(spec(folder, null), decoded);
        assertThat(decoded.get()).isEqualTo(123);
        assertThat(data.labels()).containsExactly("cat", "cow", "dog");
        Set<Integer> all = new HashSet<>();
        for (int[] part : new int[][] {data.train(), data.held(Held.VALIDATION), data.held(Held.TEST)}) {
            Arrays.stream(part).forEach(image -> assertThat(all.add(image)).isTrue());
        }
        // 120 images, one of which has two labels; the copy and the broken one are left out.
        assertThat(all).hasSize(119);
        assertThat(data.report().dropped())
                .extracting(DataReport.Dropped::reason)
                .hasSize(4);
        assertThat(data.report().warnings()).anyMatch(warning -> warning.contains("broken.jpg"));
        assertThat(data.describe(Held.TEST, 0)).endsWith(".png");

        ImageData again = load(spec(folder, null), decoded);
        assertThat(decoded.get()).as("the cache is used").isEqualTo(123);
        assertThat(again.train()).isEqualTo(data.train());
        ByteBuffer bytes = ByteBuffer.allocate(data.store().bytes());
        data.store().copy(data.train()[0], bytes);
        assertThat(bytes.remaining()).isZero();
    }

    @Test
    void theFirstTrainingImagesAreOfAllLabels(@TempDir Path folder) throws IOException {
        for (int label = 0; label < 5; label++) {
            for (int i = 0; i < 60; i++) {
                write(folder.resolve("label" + label).resolve(i + ".png"), (label * 60 + i) * 5113 ^ folder.hashCode());
            }
        }
        ImageData data = load(spec(folder, 50), new AtomicInteger());
        int[] counts = new int[5];
        Arrays.stream(data.train()).forEach(image -> counts[data.labelOf(image)]++);
        assertThat(Arrays.stream(counts).min().orElse(0)).isGreaterThanOrEqualTo(3);
    }

    @Test
    void tooManyBrokenImagesEndTheRun(@TempDir Path folder) throws IOException {
        for (String label : new String[] {"a", "b"}) {
            for (int i = 0; i < 4; i++) {
                Files.createDirectories(folder.resolve(label));
                Files.writeString(folder.resolve(label).resolve(i + ".jpg"), label + i + folder);
            }
        }
        assertThatThrownBy(() -> load(spec(folder, null), new AtomicInteger()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("8 of 8 images cannot be read")
                .hasMessageContaining("data.most_broken");
    }

    @Test
    void idxFilesAreReadAndHostileOnesRefused(@TempDir Path folder) throws IOException {
        idx(folder.resolve("train-images-idx3-ubyte.gz"), 0x803, new int[] {100, 28, 28}, 100 * 784);
        idx(folder.resolve("train-labels-idx1-ubyte.gz"), 0x801, new int[] {100}, 100);
        idx(folder.resolve("t10k-images-idx3-ubyte.gz"), 0x803, new int[] {20, 28, 28}, 20 * 784);
        idx(folder.resolve("t10k-labels-idx1-ubyte.gz"), 0x801, new int[] {20}, 20);
        ImageData data = load(spec(folder, null), new AtomicInteger());
        assertThat(data.store().size()).isEqualTo(28);
        assertThat(data.held(Held.TEST).length).isEqualTo(20);
        assertThat(data.train().length + data.held(Held.VALIDATION).length).isEqualTo(100);

        idx(folder.resolve("train-images-idx3-ubyte.gz"), 0x803, new int[] {1 << 30, 28, 28}, 784);
        assertThatThrownBy(() -> load(spec(folder, null), new AtomicInteger()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("dimension");
        idx(folder.resolve("train-images-idx3-ubyte.gz"), 0x803, new int[] {100, 28, 28}, 784);
        assertThatThrownBy(() -> load(spec(folder, null), new AtomicInteger())).hasMessageContaining("only 784");
        idx(folder.resolve("train-images-idx3-ubyte.gz"), 0x903, new int[] {100, 28, 28}, 78400);
        assertThatThrownBy(() -> load(spec(folder, null), new AtomicInteger())).hasMessageContaining("no IDX file");
    }

    private static void idx(Path file, int magic, int[] shape, int bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(magic);
        for (int size : shape) {
            data.writeInt(size);
        }
        boolean labels = shape.length == 1;
        Random random = new Random(bytes);
        for (int i : IntStream.range(0, bytes).toArray()) {
            data.writeByte(labels ? i % 4 : random.nextInt(256));
        }
        try (GZIPOutputStream zipped = new GZIPOutputStream(Files.newOutputStream(file))) {
            zipped.write(out.toByteArray());
        }
    }
}
