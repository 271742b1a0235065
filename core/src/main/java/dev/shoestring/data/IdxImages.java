package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Images and labels in the four IDX files of the MNIST family. */
final class IdxImages implements ImageStore {
    private final IdxFile images;
    private final IdxFile labels;

    private IdxImages(IdxFile images, IdxFile labels) {
        this.images = images;
        this.labels = labels;
    }

    /** Whether a folder holds such files. */
    static boolean in(Path folder) {
        return file(folder, "train-images-idx3-ubyte") != null;
    }

    /**
     * Reads one part.
     *
     * @param part {@code train} or {@code t10k}
     */
    static IdxImages read(Path folder, String part) {
        Path pixels = require(folder, part + "-images-idx3-ubyte");
        IdxFile images = IdxFile.read(pixels, 3);
        IdxFile labels = IdxFile.read(require(folder, part + "-labels-idx1-ubyte"), 1);
        if (images.size(0) != labels.size(0)) {
            throw new InputException(pixels + ": holds " + images.size(0) + " images, but there are " + labels.size(0)
                    + " labels; the files do not belong together");
        }
        if (images.size(1) != images.size(2)) {
            throw new InputException(
                    pixels + ": images must be square, but are " + images.size(1) + " × " + images.size(2));
        }
        return new IdxImages(images, labels);
    }

    private static Path require(Path folder, String name) {
        Path found = file(folder, name);
        if (found == null) {
            throw new InputException(folder + ": has no " + name + " or " + name + ".gz");
        }
        return found;
    }

    private static @org.jspecify.annotations.Nullable Path file(Path folder, String name) {
        for (String ending : List.of("", ".gz")) {
            Path file = folder.resolve(name + ending);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    int label(int image) {
        return labels.data()[image] & 0xff;
    }

    @Override
    public int count() {
        return images.size(0);
    }

    @Override
    public int size() {
        return images.size(1);
    }

    @Override
    public int channels() {
        return 1;
    }

    @Override
    public void copy(int image, ByteBuffer target) {
        target.put(images.data(), image * bytes(), bytes());
    }
}
