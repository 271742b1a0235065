package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Artifacts by coordinates, through the user's own Maven: settings, mirrors, proxies, credentials, local repository. What is in
 * the local repository already is taken from there without starting Maven's resolver.
 */
public final class MavenArtifacts {
    private MavenArtifacts() {}

    /**
     * The jar of {@code GROUP:ARTIFACT:VERSION} or {@code GROUP:ARTIFACT:VERSION:CLASSIFIER}.
     *
     * @throws InputException if the coordinates are malformed, or it cannot be had
     */
    public static Path resolve(String coordinates, Progress progress) {
        MavenCoordinates artifact = MavenCoordinates.parse(coordinates);
        MavenSettings settings = MavenSettings.ofUser();
        Path local = settings.localRepository().resolve(artifact.path());
        if (Files.isRegularFile(local)) {
            if (contradicted(local)) {
                throw new InputException(
                        local + ": is damaged, it does not have the checksum that Maven has kept beside it; "
                                + "delete it, and it is fetched again");
            }
            return local;
        }
        return MavenDownload.of(settings).resolve(artifact, progress);
    }

    /** Whether Maven has kept a checksum that the file does not have: it was cut short or changed. */
    private static boolean contradicted(Path jar) {
        return keptChecksum(jar)
                .map(expected -> !expected.equalsIgnoreCase(sha1(jar)))
                .orElse(false);
    }

    private static Optional<String> keptChecksum(Path jar) {
        Path file = jar.resolveSibling(jar.getFileName() + ".sha1");
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > 4096) {
                return Optional.empty();
            }
            String first =
                    Files.readString(file, StandardCharsets.ISO_8859_1).strip().split("\\s+", 2)[0];
            return first.matches("[0-9a-fA-F]{40}") ? Optional.of(first) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static String sha1(Path file) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            try (var in = Files.newInputStream(file)) {
                byte[] buffer = new byte[1 << 20];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    digest.update(buffer, 0, read);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException failed) {
            throw new InputException(file + ": cannot be read (" + failed + ")", failed);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-1", missing);
        }
    }
}
