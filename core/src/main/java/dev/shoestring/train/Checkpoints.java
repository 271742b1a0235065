package dev.shoestring.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.TensorOutput;
import dev.shoestring.hub.Weights;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: {@code step-NNNNNNNN.safetensors} with all tensors, and {@code step-NNNNNNNN.json} with the tensors'
 * checksum and whatever else the run needs. Both are written beside and moved into place, the JSON last: a checkpoint is whole
 * if its JSON is there and the checksum fits. The two newest are kept.
 */
public final class Checkpoints {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KEPT = 2;
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private final Path folder;

    /** The checkpoints in {@code folder}, which is made when the first is written. */
    public Checkpoints(Path folder) {
        this.folder = folder;
    }

    /**
     * A whole checkpoint on disk.
     *
     * @param step steps done
     * @param tensors the tensors' file
     * @param state what was saved beside the tensors
     */
    public record Saved(long step, Path tensors, ObjectNode state) {
        /** Copies the saved values into tensors of the same names and shapes. */
        public void restoreInto(Map<String, Tensor> targets) {
            try (Weights weights = Safetensors.open(tensors)) {
                for (Map.Entry<String, Tensor> target : targets.entrySet()) {
                    try (TensorScope one = TensorScope.open()) {
                        target.getValue()
                                .copyFrom(read(weights, StoredTensors.info(target.getKey(), target.getValue())));
                    }
                }
            }
        }

        /** The saved values of some tensors, one after another; each is freed when {@code reader} returns. */
        public void read(List<TensorInfo> wanted, BiConsumer<TensorInfo, Tensor> reader) {
            try (Weights weights = Safetensors.open(tensors)) {
                for (TensorInfo one : wanted) {
                    try (TensorScope scope = TensorScope.open()) {
                        reader.accept(one, read(weights, one));
                    }
                }
            }
        }

        private Tensor read(Weights weights, TensorInfo wanted) {
            if (!wanted.equals(weights.tensors().get(wanted.name()))) {
                throw new InputException(tensors + ": has no " + wanted.type() + " tensor " + wanted.name()
                        + " of shape " + wanted.shape() + "; it belongs to another recipe");
            }
            return Tensor.ofBytes(
                    weights.read(wanted.name()), StoredTensors.dtype(wanted.type()), StoredTensors.shape(wanted));
        }

        /** Whether it holds a tensor of that name. */
        public boolean has(String name) {
            try (Weights weights = Safetensors.open(tensors)) {
                return weights.tensors().containsKey(name);
            }
        }
    }

    /**
     * Writes a checkpoint and removes those that are no longer needed.
     *
     * @throws InputException if the folder cannot be written to or the disk is full
     */
    public void write(long step, Map<String, Tensor> tensors, ObjectNode state) {
        write(step, state, data -> TensorFiles.lend(tensors, ready -> Safetensors.write(data, METADATA, ready)));
    }

    /**
     * As the other, with tensors that are fetched one after another.
     *
     * @throws InputException if the folder cannot be written to or the disk is full
     */
    public void write(long step, List<TensorOutput> tensors, ObjectNode state) {
        write(step, state, data -> Safetensors.stream(data, METADATA, tensors, written -> {}));
    }

    private void write(long step, ObjectNode state, Consumer<Path> writer) {
        String name = String.format(Locale.ROOT, "step-%08d", step);
        Path data = folder.resolve(name + ".safetensors");
        try {
            Files.createDirectories(folder);
            writer.accept(data);
            ObjectNode manifest = state.deepCopy();
            manifest.put("step", step).put("sha256", checksum(data));
            Path draft = folder.resolve(name + ".json.tmp");
            Files.write(draft, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
            move(draft, folder.resolve(name + ".json"));
            removeOld();
        } catch (IOException failed) {
            throw new InputException(
                    folder + ": the checkpoint of step " + step + " could not be written (" + failed.getMessage()
                            + "); earlier ones are intact: free space or choose another folder, then resume",
                    failed);
        }
    }

    /** The newest checkpoint that is whole, if there is one. */
    public Optional<Saved> newest() {
        for (Path manifest : manifestsNewestFirst()) {
            try {
                ObjectNode state = (ObjectNode) JSON.readTree(Files.readAllBytes(manifest));
                Path data = Path.of(manifest.toString().replaceAll("\\.json$", ".safetensors"));
                if (Files.exists(data)
                        && checksum(data).equals(state.path("sha256").asText())) {
                    return Optional.of(new Saved(state.path("step").asLong(), data, state));
                }
            } catch (IOException | ClassCastException unreadable) {
                // A torn checkpoint: an older one is taken.
            }
        }
        return Optional.empty();
    }

    private List<Path> manifestsNewestFirst() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("step-\\d{8,}\\.json"))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException failed) {
            throw new InputException(folder + ": cannot be listed (" + failed.getMessage() + ")", failed);
        }
    }

    private void removeOld() throws IOException {
        List<Path> manifests = manifestsNewestFirst();
        for (Path manifest : manifests.subList(Math.min(KEPT, manifests.size()), manifests.size())) {
            Files.deleteIfExists(manifest);
            Files.deleteIfExists(Path.of(manifest.toString().replaceAll("\\.json$", ".safetensors")));
        }
    }

    /** Deletes all of them. */
    public void clear() {
        try {
            for (Path manifest : manifestsNewestFirst()) {
                Files.deleteIfExists(manifest);
                Files.deleteIfExists(Path.of(manifest.toString().replaceAll("\\.json$", ".safetensors")));
            }
        } catch (IOException failed) {
            throw new InputException(folder + ": cannot be cleared (" + failed.getMessage() + ")", failed);
        }
    }

    private static String checksum(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            byte[] buffer = new byte[1 << 20];
            while (in.read(buffer) >= 0) {
                // The digest sees every byte.
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException unsupported) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
