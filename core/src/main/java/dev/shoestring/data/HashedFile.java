package dev.shoestring.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A file and what it holds.
 *
 * @param path where it is
 * @param sha256 hash of its contents, in hexadecimal; of its path if it cannot be read
 */
record HashedFile(Path path, String sha256) {
    private static final long LARGEST = 256L << 20;
    private static final int SHORT = 24;

    /** Hashes a file. */
    static HashedFile of(Path path) {
        MessageDigest digest = digest();
        try (InputStream in = Files.newInputStream(path)) {
            byte[] buffer = new byte[1 << 16];
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                digest.update(buffer, 0, length);
            }
        } catch (IOException unreadable) {
            digest.reset();
            digest.update(path.toString().getBytes(StandardCharsets.UTF_8));
        }
        return new HashedFile(path, HexFormat.of().formatHex(digest.digest()));
    }

    /** Its contents. */
    byte[] read() throws IOException {
        long size = Files.size(path);
        if (size > LARGEST) {
            throw new IOException("has " + size + " bytes; at most 256 MiB are read");
        }
        return Files.readAllBytes(path);
    }

    /** A name for the contents of these files, in order. */
    static String nameOf(List<HashedFile> files) {
        MessageDigest digest = digest();
        for (HashedFile file : files) {
            digest.update(file.sha256().getBytes(StandardCharsets.US_ASCII));
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, SHORT);
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }
}
