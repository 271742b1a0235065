package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A model's folder as a Maven artifact: a jar with the folder's files under {@code model/}, a pom and checksums, in a repository's layout.
 * Weights are stored without compression and at multiples of 64 bytes, so that they can be mapped where they lie.
 */
public final class ModelArtifact {
    private static final int ALIGNMENT = 64;
    private static final int LOCAL_HEADER = 30;
    /** Of an extra field that only fills, as zipalign writes it. */
    private static final int FILLER = 0xD935;
    /** The same model gives the same jar. Not the first time that a zip can state: with that, the JDK adds a field of its own. */
    private static final java.time.LocalDateTime EPOCH = java.time.LocalDateTime.of(1980, 2, 1, 0, 0);

    private ModelArtifact() {}

    /**
     * Writes the artifact into a repository.
     *
     * @param repository root of the repository; made if it is missing
     * @param model folder with the model; all its files are taken
     * @param coordinates {@code GROUP:ARTIFACT:VERSION}
     * @return the jar
     * @throws InputException if the coordinates are malformed, or it cannot be written
     */
    public static Path write(Path repository, Path model, String coordinates, Progress progress) {
        MavenCoordinates artifact = MavenCoordinates.parse(coordinates);
        if (!artifact.classifier().isEmpty()) {
            throw new InputException("maven:" + coordinates
                    + ": a model is written as the main file of its artifact; must be maven:GROUP:ARTIFACT:VERSION");
        }
        Path jar = repository.resolve(artifact.path());
        DraftFolder.write(Objects.requireNonNull(jar.getParent()), "the artifact", draft -> {
            Path file = draft.resolve(jar.getFileName());
            try (Counted out = new Counted(Files.newOutputStream(file))) {
                pack(out, model, progress);
            }
            Path pom = draft.resolve(artifact.artifact() + "-" + artifact.version() + ".pom");
            Files.writeString(pom, pom(artifact));
            for (Path one : List.of(file, pom)) {
                checksum(one, "SHA-1", ".sha1");
                checksum(one, "MD5", ".md5");
                checksum(one, "SHA-256", ".sha256");
            }
        });
        return jar;
    }

    /** The repository on this machine that {@code maven:} references are looked up in first. */
    public static Path localRepository() {
        return MavenSettings.ofUser().localRepository();
    }

    private static void pack(Counted out, Path model, Progress progress) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(model)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            entry(zip, "META-INF/MANIFEST.MF");
            zip.write("Manifest-Version: 1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
            for (Path file : files) {
                String name = "model/" + file.getFileName();
                if (name.endsWith(".safetensors")) {
                    store(zip, out, name, file);
                } else {
                    entry(zip, name);
                }
                copy(file, zip, progress);
                zip.closeEntry();
            }
        }
    }

    private static void entry(ZipOutputStream zip, String name) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(EPOCH);
        zip.putNextEntry(entry);
    }

    private static void store(ZipOutputStream zip, Counted out, String name, Path file) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(EPOCH);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(Files.size(file));
        entry.setCompressedSize(Files.size(file));
        entry.setCrc(crc(file));
        zip.flush();
        long begins = out.written + LOCAL_HEADER + name.getBytes(StandardCharsets.UTF_8).length + 4;
        int fill = (int) ((ALIGNMENT - begins % ALIGNMENT) % ALIGNMENT);
        byte[] extra = new byte[4 + fill];
        extra[0] = (byte) FILLER;
        extra[1] = (byte) (FILLER >>> Byte.SIZE);
        extra[2] = (byte) fill;
        entry.setExtra(extra);
        zip.putNextEntry(entry);
    }

    private static long crc(Path file) throws IOException {
        CRC32 crc = new CRC32();
        each(file, (bytes, size) -> crc.update(bytes, 0, size));
        return crc.getValue();
    }

    private static void copy(Path file, OutputStream out, Progress progress) throws IOException {
        long total = Files.size(file);
        String name = String.valueOf(file.getFileName());
        long[] done = {0};
        each(file, (bytes, size) -> {
            out.write(bytes, 0, size);
            done[0] += size;
            progress.transferred(name, done[0], total);
        });
    }

    private static void checksum(Path file, String algorithm, String ending) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            each(file, (bytes, size) -> digest.update(bytes, 0, size));
            Files.writeString(
                    file.resolveSibling(file.getFileName() + ending),
                    HexFormat.of().formatHex(digest.digest()));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has " + algorithm, missing);
        }
    }

    private interface Bytes {
        void take(byte[] bytes, int size) throws IOException;
    }

    private static void each(Path file, Bytes taker) throws IOException {
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                taker.take(buffer, read);
            }
        }
    }

    private static String pom(MavenCoordinates artifact) {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <project xmlns="http://maven.apache.org/POM/4.0.0" \
                xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
                xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>%s</groupId>
                  <artifactId>%s</artifactId>
                  <version>%s</version>
                  <packaging>jar</packaging>
                  <description>A model in Hugging Face layout, under model/, written by shoestring export.</description>
                </project>
                """.formatted(artifact.group(), artifact.artifact(), artifact.version());
    }

    /** Knows how far it is. */
    private static final class Counted extends java.io.FilterOutputStream {
        private long written;

        Counted(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            written++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            written += length;
        }
    }
}
