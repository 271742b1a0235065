package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder with one folder of images for each label. If it holds nothing but folders named train, val (or valid, validation) and test,
 * those are its splits.
 *
 * @param images the images, with their labels, sorted by path
 * @param others files that are no images by their names
 */
record ImageFolder(List<Labelled> images, int others) {
    private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp");
    private static final int MOST = 20_000_000;

    ImageFolder {
        images = List.copyOf(images);
    }

    /** An image file and its label. */
    record Labelled(Path path, String label) {}

    /** A part of a data set that comes in folders of its own, if it does. */
    static Optional<Path> part(Path folder, String... names) {
        List<String> all = folders(folder).stream().map(ImageFolder::name).toList();
        boolean split = all.contains("train")
                && all.size() > 1
                && all.stream().allMatch(name -> name.matches("train|val|valid|validation|test"));
        if (split) {
            for (String name : names) {
                if (all.contains(name)) {
                    return Optional.of(folder.resolve(name));
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Lists a folder of class folders.
     *
     * @throws InputException if it holds no image in a folder of its own
     */
    static ImageFolder list(Path folder) {
        List<Labelled> images = new ArrayList<>();
        int[] others = {0};
        for (Path label : folders(folder)) {
            try (Stream<Path> files = Files.walk(label, FileVisitOption.FOLLOW_LINKS)) {
                files.filter(Files::isRegularFile)
                        .filter(file -> !name(file).startsWith("."))
                        .sorted()
                        .forEach(file -> {
                            if (!ENDINGS.contains(ending(file))) {
                                others[0]++;
                            } else if (images.size() < MOST) {
                                images.add(new Labelled(file, name(label)));
                            }
                        });
            } catch (IOException | UncheckedIOException failed) {
                throw new InputException(label + ": cannot be listed (" + failed.getMessage() + ")", failed);
            }
        }
        if (images.isEmpty()) {
            throw new InputException(folder + ": holds no images; give a folder that has one folder of images for each "
                    + "label: " + folder + "/cat/1.jpg, " + folder + "/dog/1.jpg");
        }
        return new ImageFolder(images, others[0]);
    }

    /** Whether a file is an image by its name. */
    static boolean isImage(Path file) {
        return ENDINGS.contains(ending(file));
    }

    private static List<Path> folders(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isDirectory)
                    .filter(file -> !name(file).startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException failed) {
            throw new InputException(folder + ": cannot be listed (" + failed.getMessage() + ")", failed);
        }
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static String ending(Path file) {
        String name = name(file).toLowerCase(Locale.ROOT);
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
