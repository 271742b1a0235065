package dev.shoestring.data;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.DataSpec.Split;
import dev.shoestring.recipe.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * Labelled images, split and ready to train on. No image, byte for byte, is in two splits.
 */
public final class ImageData implements LabelledData {
    /** What images are brought to. */
    public record Form(@Nullable Integer size, @Nullable Integer channels, double mostBroken) {}

    /** Told how many images have been decoded. */
    public interface Progress {
        /** {@code images} of {@code all} are done. */
        void decoded(int images, int all);
    }

    private static final int DEFAULT_SIZE = 64;
    private static final String FASHION = "debian:dataset-fashion-mnist";
    /** What its README calls the labels 0 to 9. */
    static final List<String> CLOTHES = List.of(
            "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot");

    private final List<String> labels;
    private final ImageStore store;
    private final List<String> names;
    private final int[] train;
    private final int[] validation;
    private final int[] test;
    private final int[] labelOf;
    private final DataReport report;
    private final String contents;

    private ImageData(
            List<String> labels,
            ImageStore store,
            List<String> names,
            int[] train,
            int[] validation,
            int[] test,
            int[] labelOf,
            DataReport report,
            String contents) {
        this.labels = List.copyOf(labels);
        this.store = store;
        this.names = names;
        this.train = train;
        this.validation = validation;
        this.test = test;
        this.labelOf = labelOf;
        this.report = report;
        this.contents = contents;
    }

    /** Rows of one source: their keys (a hash of what they show) and labels, their places in the store, and the store's names. */
    private record Rows(List<LabelledText> rows, List<Integer> places, List<String> names, ImageStore store) {}

    /**
     * Reads and splits the data, decoding image files unless that was done before.
     *
     * @param seed decides which images are held out as shares, which are trained on if only some are, and their order
     * @throws InputException if anything about the data is wrong
     */
    public static ImageData load(DataSpec spec, Form form, long seed, Progress progress) {
        DataReporter reporter = new DataReporter("image");
        List<ImageStore> stores = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Map<String, Integer> places = new HashMap<>();
        @Nullable Path folder = folder(spec.source());
        boolean idx = folder != null && IdxImages.in(folder);
        Loader loader = new Loader(spec, form, progress, reporter);
        Rows training = idx ? idx(folder, "train", spec.source()) : loader.read(spec.source(), folder, "train");
        add(training, stores, names, places);
        Splits.HeldOut test = new Splits.HeldOut(null, share(spec.test()));
        Splits.HeldOut validation = new Splits.HeldOut(null, share(spec.validation()));
        if (idx) {
            test = heldOut(idx(folder, "t10k", spec.source()), stores, names, places);
        } else {
            @Nullable
            Path ownTest =
                    folder == null ? null : ImageFolder.part(folder, "test").orElse(null);
            @Nullable
            Path own = folder == null
                    ? null
                    : ImageFolder.part(folder, "val", "valid", "validation").orElse(null);
            test = loader.heldOut(spec.test(), ownTest, test, stores, names, places);
            validation = loader.heldOut(spec.validation(), own, validation, stores, names, places);
        }
        List<String> labels = labels(training.rows(), spec);
        requireKnown(labels, test);
        requireKnown(labels, validation);
        Splits splits =
                Splits.of(sourceName(spec.source()), training.rows(), validation, test, spec.trainExamples(), seed);
        if (splits.train().isEmpty()) {
            throw new InputException(sourceName(spec.source()) + ": no image is left to train on: each is also in a "
                    + "held-out folder or has several labels; give images that the held-out ones do not have");
        }
        Map<String, Integer> indices = TextData.indices(labels);
        int[] labelOf = new int[names.size()];
        int[][] rows = new int[3][];
        List<List<LabelledText>> parts = List.of(splits.train(), splits.validation(), splits.test());
        for (int part = 0; part < rows.length; part++) {
            rows[part] = new int[parts.get(part).size()];
            for (int i = 0; i < rows[part].length; i++) {
                LabelledText row = parts.get(part).get(i);
                rows[part][i] = places.getOrDefault(row.text(), 0);
                labelOf[rows[part][i]] = indices.getOrDefault(row.label(), 0);
            }
        }
        StringBuilder all = new StringBuilder(String.join("\n", labels));
        for (List<LabelledText> part : parts) {
            all.append('\n').append(part.size());
            part.forEach(row -> all.append('\n').append(row.text()).append(' ').append(row.label()));
        }
        String contents = ContentHash.of(all.toString().getBytes(StandardCharsets.UTF_8));
        ImageStore store = stores.size() == 1 ? stores.get(0) : new JoinedImages(stores);
        return new ImageData(
                labels, store, names, rows[0], rows[1], rows[2], labelOf, reporter.report(labels, splits), contents);
    }

    private static void add(Rows rows, List<ImageStore> stores, List<String> names, Map<String, Integer> places) {
        for (int i = 0; i < rows.rows().size(); i++) {
            places.putIfAbsent(
                    rows.rows().get(i).text(), names.size() + rows.places().get(i));
        }
        names.addAll(rows.names());
        stores.add(rows.store());
    }

    private static Splits.HeldOut heldOut(
            Rows rows, List<ImageStore> stores, List<String> names, Map<String, Integer> places) {
        add(rows, stores, names, places);
        return new Splits.HeldOut(rows.rows(), 0);
    }

    private static double share(Split split) {
        return split instanceof Split.Fraction fraction ? fraction.share() : 0;
    }

    private static @Nullable Path folder(Source source) {
        if (source instanceof Source.Bundled bundled) {
            return DataPackage.find(bundled.from());
        }
        return source instanceof Source.File file && Files.isDirectory(path(file.path())) ? path(file.path()) : null;
    }

    static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException noPath) {
            throw new InputException("data: \"" + text + "\" is no path", noPath);
        }
    }

    private static String sourceName(Source source) {
        if (source instanceof Source.Bundled bundled) {
            return bundled.from();
        }
        return source instanceof Source.File file ? file.path() : "data.query";
    }

    private static Rows idx(@Nullable Path folder, String part, Source source) {
        boolean clothes =
                source instanceof Source.Bundled bundled && bundled.from().equals(FASHION);
        if (folder == null) {
            throw new IllegalStateException("no folder");
        }
        IdxImages images = IdxImages.read(folder, part);
        List<LabelledText> rows = new ArrayList<>(images.count());
        List<String> names = new ArrayList<>(images.count());
        ByteBuffer bytes = ByteBuffer.allocate(images.bytes());
        for (int i = 0; i < images.count(); i++) {
            images.copy(i, bytes.clear());
            int label = images.label(i);
            String name = clothes && label < CLOTHES.size() ? CLOTHES.get(label) : Integer.toString(label);
            rows.add(new LabelledText(ContentHash.of(bytes.array()), name));
            names.add(part + " " + i);
        }
        return new Rows(rows, IntStream.range(0, images.count()).boxed().toList(), names, images);
    }

    private static List<String> labels(List<LabelledText> rows, DataSpec spec) {
        TreeSet<String> names = new TreeSet<>();
        rows.forEach(row -> names.add(row.label()));
        if (names.size() < 2) {
            throw new InputException(sourceName(spec.source()) + ": must have at least two labels, but only has \""
                    + names.first() + "\"; give one folder of images for each label");
        }
        List<String> labels = new ArrayList<>(names);
        TextData.sortNumbers(labels);
        return labels;
    }

    private static void requireKnown(List<String> labels, Splits.HeldOut held) {
        if (held.rows() != null) {
            for (LabelledText row : held.rows()) {
                if (!labels.contains(row.label())) {
                    throw new InputException("held-out images have the label \"" + row.label()
                            + "\", which never occurs in training" + Nearest.hint(row.label(), labels));
                }
            }
        }
    }

    /** Reads folders and tables of image files. */
    private record Loader(DataSpec spec, Form form, Progress progress, DataReporter reporter) {
        Rows read(Source source, @Nullable Path folder, String part) {
            if (folder != null) {
                Path training =
                        part.equals("train") ? ImageFolder.part(folder, "train").orElse(folder) : folder;
                ImageFolder found = ImageFolder.list(training);
                reporter.dropped("that are no images by their names in " + training, found.others());
                return decoded(
                        training.toString(),
                        found.images().stream().map(ImageFolder.Labelled::path).toList(),
                        found.images().stream().map(ImageFolder.Labelled::label).toList());
            }
            LabelledTexts table = source instanceof Source.Query query
                    ? TextTable.read(query, spec.input(), spec.label())
                    : TextTable.read((Source.File) source, spec.input(), spec.label());
            reporter.read(table);
            Path base = source instanceof Source.File file
                    ? path(file.path()).toAbsolutePath().getParent()
                    : Path.of("").toAbsolutePath();
            List<Path> files = table.rows().stream()
                    .map(row -> base == null ? path(row.text()) : base.resolve(path(row.text())))
                    .toList();
            return decoded(
                    table.name(),
                    files,
                    table.rows().stream().map(LabelledText::label).toList());
        }

        Splits.HeldOut heldOut(
                Split split,
                @Nullable Path own,
                Splits.HeldOut otherwise,
                List<ImageStore> stores,
                List<String> names,
                Map<String, Integer> places) {
            if (split instanceof Split.File file) {
                Path path = path(file.path());
                Source source = new Source.File(file.path());
                return ImageData.heldOut(
                        read(source, Files.isDirectory(path) ? path : null, "held-out"), stores, names, places);
            }
            if (own != null) {
                return ImageData.heldOut(read(new Source.File(own.toString()), own, "held-out"), stores, names, places);
            }
            return otherwise;
        }

        private Rows decoded(String source, List<Path> files, List<String> labels) {
            List<HashedFile> hashed = files.parallelStream().map(HashedFile::of).toList();
            int size = form.size() == null ? DEFAULT_SIZE : form.size();
            int channels = form.channels() == null ? 3 : form.channels();
            ImageCache cache = ImageCache.of(hashed, size, channels, progress::decoded);
            Map<Integer, String> broken = cache.broken();
            if (broken.size() > form.mostBroken() * files.size()) {
                int first = broken.keySet().iterator().next();
                throw new InputException(source + ": " + broken.size() + " of " + files.size()
                        + " images cannot be read, more than data.most_broken (" + form.mostBroken()
                        + ") allows; the first is " + files.get(first) + ": " + broken.get(first));
            }
            broken.forEach((image, reason) -> reporter.unreadable(files.get(image) + ": " + reason));
            reporter.dropped("that cannot be read in " + source, broken.size());
            List<LabelledText> rows = new ArrayList<>();
            List<Integer> places = new ArrayList<>();
            for (int i = 0; i < files.size(); i++) {
                // A broken image keeps its place in the store and is in no split.
                if (!broken.containsKey(i)) {
                    rows.add(new LabelledText(hashed.get(i).sha256(), labels.get(i)));
                    places.add(i);
                }
            }
            return new Rows(rows, places, files.stream().map(Path::toString).toList(), cache);
        }
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    /** The pixels of all splits. */
    public ImageStore store() {
        return store;
    }

    /** Places of the training images in the store, in an order that the seed decides; not to be changed. */
    public int[] train() {
        return train;
    }

    /** Places of the images of a held-out split in the store; not to be changed. */
    public int[] held(Held held) {
        return switch (held) {
            case VALIDATION -> validation;
            case TEST -> test;
        };
    }

    /** The label of the image at a place of the store. */
    public int labelOf(int image) {
        return labelOf[image];
    }

    /** A hash of the labels, and of all splits, in order. */
    public String contents() {
        return contents;
    }

    @Override
    public int trainExamples() {
        return train.length;
    }

    @Override
    public int[] heldLabels(Held held) {
        return Arrays.stream(held(held)).map(this::labelOf).toArray();
    }

    @Override
    public DataReport report() {
        return report;
    }

    @Override
    public String describe(Held held, int index) {
        return names.get(held(held)[index]);
    }

    @Override
    public byte[] picture(Held held, int index) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(Pictures.of(store, held(held)[index]), "png", png);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return png.toByteArray();
    }
}
