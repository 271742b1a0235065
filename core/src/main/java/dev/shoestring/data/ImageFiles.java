package dev.shoestring.data;

import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Images for a trained model: decoded when they are asked for, kept nowhere. */
public final class ImageFiles implements ImageStore {
    private final List<Path> files;
    private final ImageDecoder decoder;
    private final int size;
    private final int channels;

    /** Files that are brought to a size, with 1 or 3 channels. */
    public ImageFiles(List<Path> files, int size, int channels) {
        this.files = List.copyOf(files);
        this.size = size;
        this.channels = channels;
        this.decoder = new ImageDecoder(size, channels);
    }

    /**
     * Labelled images of a trained model's labels, for evaluation.
     *
     * @param store the images
     * @param labels index of each image's label
     */
    public record Labelled(ImageStore store, List<Integer> labels) {
        /** Copies the list. */
        public Labelled {
            labels = List.copyOf(labels);
        }

        /** The labels as an array. */
        public int[] truth() {
            return labels.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    /**
     * Reads labelled images: a folder of class folders, IDX files (their test part), or a table of paths and labels.
     *
     * @throws InputException if a label is none of the model's
     */
    public static Labelled labelled(
            Source source,
            @Nullable String image,
            @Nullable String label,
            List<String> labels,
            int size,
            int channels) {
        List<Path> files = new ArrayList<>();
        List<String> names = new ArrayList<>();
        String where = "data.query";
        if (source instanceof Source.File file) {
            where = file.path();
            Path path = ImageData.path(file.path());
            if (Files.isDirectory(path) && IdxImages.in(path)) {
                IdxImages images = IdxImages.read(path, "t10k");
                for (int i = 0; i < images.count(); i++) {
                    int digit = images.label(i);
                    boolean clothes = labels.containsAll(ImageData.CLOTHES) && digit < ImageData.CLOTHES.size();
                    names.add(clothes ? ImageData.CLOTHES.get(digit) : Integer.toString(digit));
                }
                return new Labelled(images, indices(where, names, labels));
            }
            if (Files.isDirectory(path)) {
                Path part = ImageFolder.part(path, "test", "val", "valid", "validation")
                        .orElse(path);
                for (ImageFolder.Labelled one : ImageFolder.list(part).images()) {
                    files.add(one.path());
                    names.add(one.label());
                }
                return new Labelled(new ImageFiles(files, size, channels), indices(where, names, labels));
            }
        }
        LabelledTexts table = source instanceof Source.Query query
                ? TextTable.read(query, image, label)
                : TextTable.read((Source.File) source, image, label);
        Path base = source instanceof Source.File
                ? ImageData.path(where).toAbsolutePath().getParent()
                : Path.of("").toAbsolutePath();
        for (LabelledText row : table.rows()) {
            files.add(base == null ? ImageData.path(row.text()) : base.resolve(ImageData.path(row.text())));
            names.add(row.label());
        }
        return new Labelled(new ImageFiles(files, size, channels), indices(where, names, labels));
    }

    private static List<Integer> indices(String where, List<String> names, List<String> labels) {
        List<Integer> indices = new ArrayList<>();
        for (String name : names) {
            int index = labels.indexOf(name);
            if (index < 0) {
                throw new InputException(where + ": label \"" + name + "\" is none of the model's"
                        + Nearest.hint(name, labels) + "; leave such images out");
            }
            indices.add(index);
        }
        return indices;
    }

    @Override
    public int count() {
        return files.size();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int channels() {
        return channels;
    }

    /**
     * Decodes an image.
     *
     * @throws InputException if it cannot be read
     */
    @Override
    public void copy(int image, ByteBuffer target) {
        Path file = files.get(image);
        try {
            if (!Files.isRegularFile(file)) {
                throw new InputException(file + ": there is no such image");
            }
            target.put(decoder.decode(new HashedFile(file, "").read()));
        } catch (IOException broken) {
            throw new InputException(file + ": cannot be read (" + broken.getMessage() + ")", broken);
        }
    }

    /** The images of files and folders: of a folder all in it. */
    public static List<Path> expand(List<String> given) {
        List<Path> files = new ArrayList<>();
        for (String text : given) {
            Path path = ImageData.path(text);
            if (Files.isDirectory(path)) {
                try (var all = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
                    all.filter(file -> ImageFolder.isImage(file) && Files.isRegularFile(file))
                            .sorted()
                            .forEach(files::add);
                } catch (IOException | UncheckedIOException failed) {
                    throw new InputException(path + ": cannot be listed (" + failed.getMessage() + ")", failed);
                }
            } else {
                files.add(path);
            }
        }
        return files;
    }
}
