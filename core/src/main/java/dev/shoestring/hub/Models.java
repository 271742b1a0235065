package dev.shoestring.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Opens models by reference: {@code maven:G:A:V}, {@code hf:ORG/NAME[@REVISION]}, or a folder in Hugging Face layout. */
public final class Models {
    private static final long LARGEST_WEIGHTS = Integer.MAX_VALUE - 16;
    private static final long LARGEST_JSON = 256L << 20;
    private static final long LARGEST_TEXT_FILE = 32L << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private Models() {}

    /**
     * Opens a model, fetching what is not here.
     *
     * @throws InputException if there is no such model, or it is stored in a form that is not read
     */
    public static ModelFiles open(String reference, Progress progress) {
        if (reference.startsWith("maven:")) {
            String coordinates = reference.substring("maven:".length());
            return jar(MavenArtifacts.resolve(coordinates, progress), reference);
        }
        if (reference.startsWith("hf:")) {
            Path snapshot = HuggingFaceHub.ofEnvironment().resolve(reference.substring("hf:".length()), progress);
            return folder(snapshot, reference);
        }
        try {
            return folder(Path.of(reference), reference);
        } catch (InvalidPathException noPath) {
            throw new InputException(
                    "model: \"" + reference + "\" is neither maven:G:A:V, nor hf:ORG/NAME, nor a folder", noPath);
        }
    }

    /**
     * Files that lie beside a model's weights, by name, as far as they are there: what a tokenizer and a generator need.
     *
     * @throws InputException if there is no such model
     */
    public static Map<String, byte[]> beside(String reference, List<String> names, Progress progress) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        if (reference.startsWith("maven:")) {
            Path jar = MavenArtifacts.resolve(reference.substring("maven:".length()), progress);
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                for (String name : names) {
                    ZipEntry entry = zip.getEntry("model/" + name);
                    if (entry != null) {
                        files.put(name, bytes(zip, entry, LARGEST_JSON, reference));
                    }
                }
                return files;
            } catch (IOException failed) {
                throw new InputException(jar + ": cannot be read (" + failed + ")", failed);
            }
        }
        Path folder = reference.startsWith("hf:")
                ? HuggingFaceHub.ofEnvironment().resolve(reference.substring("hf:".length()), progress)
                : Path.of(reference);
        for (String name : names) {
            if (Files.isRegularFile(folder.resolve(name))) {
                files.put(name, read(folder.resolve(name), reference));
            }
        }
        return files;
    }

    private static ModelFiles folder(Path folder, String source) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(
                    source + ": there is no such folder; a model is maven:G:A:V, hf:ORG/NAME or a folder "
                            + "with config.json, model.safetensors and tokenizer.json");
        }
        Path index = folder.resolve("model.safetensors.index.json");
        Path single = folder.resolve("model.safetensors");
        if (!Files.exists(single) && !Files.exists(index)) {
            refusePickle(folder, source);
            throw new InputException(source + ": has no model.safetensors; export the model in safetensors form");
        }
        byte[] config = read(folder.resolve("config.json"), source);
        ObjectNode json = object(config, source + ": config.json");
        boolean images = json.has("architecture") && !json.has("model_type");
        byte[] tokenizer = images ? new byte[0] : read(folder.resolve("tokenizer.json"), source);
        ModelFiles.TextFiles textFiles = images ? ModelFiles.TextFiles.NONE : textFiles(folder, source);
        Weights weights = Files.exists(single) ? Safetensors.open(single) : ShardedWeights.open(index);
        return new ModelFiles(json, weights, tokenizer, textFiles, source);
    }

    private static ModelFiles.TextFiles textFiles(Path folder, String source) {
        Optional<byte[]> template = optional(folder.resolve("chat_template.jinja"));
        return new ModelFiles.TextFiles(
                json(folder.resolve("tokenizer_config.json"), source),
                json(folder.resolve("generation_config.json"), source),
                template.map(bytes -> new String(bytes, StandardCharsets.UTF_8)));
    }

    private static Optional<JsonNode> json(Path file, String source) {
        return optional(file).map(bytes -> object(bytes, source + ": " + file.getFileName()));
    }

    private static Optional<byte[]> optional(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            long size = Files.size(file);
            if (size > LARGEST_TEXT_FILE) {
                throw new InputException(file + ": has " + size + " bytes, more than " + LARGEST_TEXT_FILE
                        + "; it is not what its name says: export the model again, or delete it");
            }
            return Optional.of(Files.readAllBytes(file));
        } catch (IOException failed) {
            throw new InputException(file + ": cannot be read (" + failed + ")", failed);
        }
    }

    private static void refusePickle(Path folder, String source) {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> pickles = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(".*\\.(bin|pt|pth|ckpt|pkl)"))
                    .sorted()
                    .toList();
            if (!pickles.isEmpty()) {
                throw new InputException(source + ": has its weights as " + pickles.get(0)
                        + ", a pickle, which can run code and is never read; export the model in safetensors form "
                        + "(Transformers: save_pretrained(…, safe_serialization=True))");
            }
        } catch (IOException failed) {
            throw new InputException(source + ": cannot be listed (" + failed + ")", failed);
        }
    }

    private static byte[] read(Path file, String source) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new InputException(source + ": has no " + file.getFileName()
                        + "; a model folder holds config.json, model.safetensors and tokenizer.json");
            }
            if (Files.size(file) > LARGEST_JSON) {
                throw new InputException(file + ": is larger than 256 MiB");
            }
            return Files.readAllBytes(file);
        } catch (IOException failed) {
            throw new InputException(file + ": cannot be read (" + failed + ")", failed);
        }
    }

    static ObjectNode object(byte[] json, String what) {
        try {
            if (JSON.readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException invalid) {
            throw new InputException(what + " is not valid JSON; fetch or export it again", invalid);
        }
        throw new InputException(what + " is no JSON object; fetch or export it again");
    }

    private static ModelFiles jar(Path jar, String source) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            byte[] tokenizer = bytes(zip, only(zip, "tokenizer.json", source), LARGEST_JSON, source);
            if (has(zip, ".onnx")) {
                OnnxBert weights = OnnxBert.read(
                        ByteBuffer.wrap(bytes(zip, only(zip, ".onnx", source), LARGEST_WEIGHTS, source)), source);
                return new ModelFiles(weights.config(), weights, tokenizer, ModelFiles.TextFiles.NONE, source);
            }
            if (has(zip, "model.safetensors")) {
                byte[] config = bytes(zip, only(zip, "/config.json", source), LARGEST_JSON, source);
                Weights weights = JarWeights.open(jar, only(zip, "model.safetensors", source));
                return new ModelFiles(
                        object(config, source + ": config.json"),
                        weights,
                        tokenizer,
                        ModelFiles.TextFiles.NONE,
                        source);
            }
            throw new InputException(
                    source
                            + ": the artifact holds neither .onnx nor model.safetensors; give one that does, or a folder in Hugging Face layout");
        } catch (ZipException damaged) {
            throw new InputException(
                    jar + ": is no valid jar (" + damaged.getMessage() + "); delete it so that it is fetched again",
                    damaged);
        } catch (IOException failed) {
            throw new InputException(jar + ": cannot be read (" + failed + ")", failed);
        }
    }

    private static boolean has(ZipFile zip, String ending) {
        return zip.stream().anyMatch(entry -> entry.getName().endsWith(ending));
    }

    private static ZipEntry only(ZipFile zip, String ending, String source) {
        List<? extends ZipEntry> found =
                zip.stream().filter(entry -> entry.getName().endsWith(ending)).toList();
        if (found.size() != 1) {
            throw new InputException(
                    source + ": the artifact must hold exactly one *" + ending + ", but holds " + found.size() + ": "
                            + found.stream().map(ZipEntry::getName).limit(5).toList());
        }
        return found.get(0);
    }

    private static byte[] bytes(ZipFile zip, ZipEntry entry, long largest, String source) throws IOException {
        long size = entry.getSize();
        if (size < 0 || size > largest) {
            throw new InputException(
                    source + ": " + entry.getName() + " unpacks to " + size + " bytes, more than " + largest);
        }
        byte[] bytes = new byte[(int) size];
        try (var in = zip.getInputStream(entry)) {
            int read = in.readNBytes(bytes, 0, bytes.length);
            if (read != bytes.length || in.read() >= 0) {
                throw new ZipException(entry.getName() + " is not of its declared size");
            }
        }
        return bytes;
    }
}
