package dev.shoestring.data;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** The jar of WordNet on the test class path. */
final class WordNetJar {
    private WordNetJar() {}

    static Path path() {
        URL nouns = Objects.requireNonNull(
                WordNetJar.class.getClassLoader().getResource("net/sf/extjwnl/data/wordnet/wn31/data.noun"));
        try {
            return Path.of(
                    ((JarURLConnection) nouns.openConnection()).getJarFileURL().toURI());
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
