package dev.shoestring.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.adapt.Adapters;
import dev.shoestring.adapt.MergedWeights;
import dev.shoestring.hub.DraftFolder;
import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.Gguf;
import dev.shoestring.hub.GgufTokenizer;
import dev.shoestring.hub.GgufType;
import dev.shoestring.hub.GgufValue;
import dev.shoestring.hub.ModelArtifact;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.ModelShards;
import dev.shoestring.hub.Models;
import dev.shoestring.hub.PeftAdapter;
import dev.shoestring.hub.Progress;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.TensorOutput;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.DecoderGguf;
import dev.shoestring.models.DecoderShapes;
import dev.shoestring.models.DecoderWeights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A language model opened to be written in another form: a model's folder or reference, a run, or an adapter's folder with its base, whose
 * updates are then merged. Weights stay mapped and are written one by one, so that a model needs no room in memory.
 */
public final class ModelExport implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> BESIDE = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "tokenizer.model",
            "chat_template.jinja",
            "generation_config.json",
            "LICENSE");
    private static final List<String> SPECIAL_IDS = List.of("bos_token_id", "eos_token_id", "pad_token_id");

    private final ModelFiles files;
    private final DecoderConfig config;
    private final DecoderWeights weights;
    private final ParameterStore store;
    private final String base;
    private final AdaptSpec.@Nullable Lora adapter;
    private final Map<String, byte[]> beside;
    private final Progress progress;

    private ModelExport(
            ModelFiles files,
            DecoderConfig config,
            DecoderWeights weights,
            String base,
            @Nullable Path adapterFolder,
            Progress progress) {
        this.files = files;
        this.config = config;
        this.weights = weights;
        this.base = base;
        this.progress = progress;
        beside = Models.beside(base, BESIDE, progress);
        store = new ParameterStore(weights, 0, new ParameterStore.Storage(stored(files), false));
        new Decoder(config, store);
        try {
            adapter = adapterFolder == null ? null : Adapters.load(adapterFolder, store);
        } catch (RuntimeException refused) {
            store.close();
            throw refused;
        }
    }

    /**
     * Opens what is to be written.
     *
     * @param reference a run, a folder with a model or an adapter, {@code hf:ORG/NAME} or {@code maven:G:A:V}
     * @param givenBase the base of an adapter; null if the adapter itself says it
     * @throws InputException if it is no language model that is read here, or adapter and base do not fit
     */
    public static ModelExport open(String reference, @Nullable String givenBase, Progress progress) {
        Path folder = folder(reference);
        Path adapter = folder != null && PeftAdapter.in(folder) ? folder : null;
        if (givenBase != null && adapter == null) {
            throw new InputException("--base: is the base of an adapter, but " + reference
                    + " is none (it has no adapter_config.json); leave --base out");
        }
        String base = adapter != null ? base(adapter, givenBase) : folder == null ? reference : folder.toString();
        ModelFiles files = Models.open(base, progress);
        DecoderWeights weights = null;
        try {
            DecoderConfig config = DecoderConfigs.read(files.config(), base);
            weights = DecoderWeights.of(config, files.weights(), base);
            return new ModelExport(files, config, weights, base, adapter, progress);
        } catch (RuntimeException refused) {
            if (weights != null) {
                weights.close();
            }
            files.close();
            throw refused;
        }
    }

    /** The folder with the model or adapter; a run keeps its own in {@code model/}. Null for what is to be fetched. */
    private static @Nullable Path folder(String reference) {
        if (reference.startsWith("maven:") || reference.startsWith("hf:")) {
            return null;
        }
        Path path = Path.of(reference);
        Path model = path.resolve("model");
        return Files.isDirectory(model) && !Files.exists(path.resolve("config.json")) ? model : path;
    }

    private static String base(Path folder, @Nullable String given) {
        String named = PeftAdapter.config(folder).base();
        if (given != null) {
            return given;
        }
        if (named == null) {
            throw new InputException(
                    folder + ": the adapter does not say which model it belongs to; give it by --base");
        }
        boolean known = named.startsWith("hf:") || named.startsWith("maven:") || Files.isDirectory(Path.of(named));
        return known ? named : "hf:" + named;
    }

    private static DType stored(ModelFiles files) {
        boolean half = files.weights().tensors().values().stream().allMatch(info -> info.type() == ElementType.F16);
        boolean brain = files.weights().tensors().values().stream().allMatch(info -> info.type() == ElementType.BF16);
        return half ? DType.FLOAT16 : brain ? DType.BFLOAT16 : DType.FLOAT32;
    }

    /** The element type in which the weights are stored: F32, F16 or BF16. */
    public ElementType storedType() {
        return switch (stored(files)) {
            case FLOAT16 -> ElementType.F16;
            case BFLOAT16 -> ElementType.BF16;
            case FLOAT32, FLOAT64, INT64, INT32, UINT8, BOOL -> ElementType.F32;
        };
    }

    /** Sizes of the model. */
    public DecoderConfig config() {
        return config;
    }

    /**
     * Writes a folder in Hugging Face layout, updates merged.
     *
     * @param type F32, F16 or BF16
     * @param shardSize most bytes of one weights file
     * @throws InputException if it does not fit the disk, or cannot be written
     */
    public void safetensors(Path out, ElementType type, long shardSize) {
        List<TensorOutput> tensors = tensors(type);
        long bytes =
                tensors.stream().mapToLong(tensor -> tensor.info().byteSize()).sum();
        DiskSpace.require(out, bytes, "the model");
        DraftFolder.write(out, "the model", draft -> folder(draft, tensors, type, shardSize, bytes));
    }

    private void folder(Path draft, List<TensorOutput> tensors, ElementType type, long shardSize, long bytes)
            throws IOException {
        ModelShards.write(draft, tensors, shardSize, told("weights", bytes, TensorInfo::byteSize));
        ObjectNode json = DecoderConfigs.write(config);
        for (String key : SPECIAL_IDS) {
            if (files.config().has(key)) {
                json.set(key, files.config().get(key));
            }
        }
        String name = type == ElementType.F32 ? "float32" : type == ElementType.F16 ? "float16" : "bfloat16";
        json.put("torch_dtype", name).put("dtype", name);
        Files.write(
                draft.resolve("config.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
        for (Map.Entry<String, byte[]> file : beside.entrySet()) {
            Files.write(draft.resolve(file.getKey()), file.getValue());
        }
    }

    /**
     * Writes a GGUF file, updates merged.
     *
     * @throws InputException if the tokenizer is of a kind that llama.cpp does not know, or it does not fit the disk
     */
    public void gguf(Path out, GgufType type) {
        String name = String.valueOf(out.getFileName()).replaceFirst("\\.gguf$", "");
        Map<String, GgufValue> metadata = DecoderGguf.metadata(config, name, type);
        metadata.putAll(GgufTokenizer.metadata(
                files.tokenizerJson(), tokenizerConfig(), files.config(), config.vocabSize(), files.source()));
        List<TensorOutput> tensors = DecoderGguf.tensors(config, MergedWeights.of(store));
        long bytes = Gguf.size(tensors, type);
        DiskSpace.require(out, bytes, "the model");
        Gguf.write(out, metadata, tensors, type, told("weights", bytes, info -> Gguf.size(info, type)));
    }

    private JsonNode tokenizerConfig() {
        try {
            byte[] bytes = beside.get("tokenizer_config.json");
            ObjectNode json = JSON.createObjectNode();
            if (bytes != null && JSON.readTree(bytes) instanceof ObjectNode object) {
                json = object;
            }
            byte[] template = beside.get("chat_template.jinja");
            if (template != null) {
                json.put("chat_template", new String(template, StandardCharsets.UTF_8));
            }
            return json;
        } catch (IOException invalid) {
            throw new InputException(
                    base + ": tokenizer_config.json is not valid JSON; fetch or export it again", invalid);
        }
    }

    /**
     * Writes a Maven artifact into a repository, updates merged.
     *
     * @param coordinates {@code GROUP:ARTIFACT:VERSION}
     * @return the jar
     * @throws InputException if the coordinates are malformed, or it does not fit the disk
     */
    public Path maven(Path repository, String coordinates, ElementType type) {
        List<TensorOutput> tensors = tensors(type);
        long bytes =
                tensors.stream().mapToLong(tensor -> tensor.info().byteSize()).sum();
        DiskSpace.require(repository, 2 * bytes, "the model and its jar");
        Path draft = null;
        try {
            Files.createDirectories(repository);
            draft = Files.createTempDirectory(repository, ".model");
            Path model = draft.resolve("model");
            DraftFolder.write(model, "the model", folder -> folder(folder, tensors, type, Long.MAX_VALUE, bytes));
            return ModelArtifact.write(repository, model, coordinates, progress);
        } catch (IOException failed) {
            throw new InputException(repository + ": cannot be written (" + failed + "); choose another place", failed);
        } finally {
            DraftFolder.discard(draft);
        }
    }

    /**
     * Writes the updates alone, as PEFT reads them.
     *
     * @throws InputException if this is no adapter
     */
    public void peft(Path out) {
        if (adapter == null) {
            throw new InputException(
                    "--format peft: writes an adapter, but this model has none; choose safetensors, gguf or maven");
        }
        Adapters.save(out, store, adapter, base.replaceFirst("^hf:", ""));
    }

    private List<TensorOutput> tensors(ElementType type) {
        Map<String, Supplier<Tensor>> merged = MergedWeights.of(store);
        List<TensorOutput> tensors = new ArrayList<>();
        DecoderShapes.of(config)
                .forEach((name, shape) -> tensors.add(new TensorOutput(
                        new TensorInfo(name, type, shape), java.util.Objects.requireNonNull(merged.get(name)))));
        return tensors;
    }

    private Consumer<TensorInfo> told(String what, long total, java.util.function.ToLongFunction<TensorInfo> size) {
        long[] done = {0};
        return info -> {
            done[0] += size.applyAsLong(info);
            progress.transferred(what, done[0], total);
        };
    }

    @Override
    public void close() {
        store.close();
        weights.close();
        files.close();
    }
}
