package dev.shoestring.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.adapt.Adapters;
import dev.shoestring.adapt.DecoderAdaptation;
import dev.shoestring.adapt.DecoderParameterGroups;
import dev.shoestring.adapt.MergedWeights;
import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.hub.DraftFolder;
import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.TensorOutput;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.DecoderShapes;
import dev.shoestring.models.DecoderWeights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.LanguageReport.Figure;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.TokenLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the jobs of language models: the next token of a corpus, or of the answers of conversations. */
final class LanguageJobs {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ADAPTER = "adapter";

    private final Recipe recipe;
    private final LanguageInputs inputs;
    private final Arithmetic arithmetic;
    private final Shards shards;
    private final RunListener listener;
    private final DecoderConfig config;

    LanguageJobs(Recipe recipe, LanguageInputs inputs, Arithmetic arithmetic, Shards shards, RunListener listener) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.arithmetic = arithmetic;
        this.shards = shards;
        this.listener = listener;
        config = inputs.decoderConfig();
    }

    /** Weights that are trained. Updates are a few per cent of all: enough for an estimate. */
    static long trained(Recipe recipe, DecoderConfig config) {
        return recipe.adapt() instanceof AdaptSpec.Lora ? config.parameters() / 50 : config.parameters();
    }

    Job<?> make() {
        boolean updates = recipe.adapt() instanceof AdaptSpec.Lora;
        MemoryPlan memory = MemoryPlan.of(recipe, config, arithmetic, trained(recipe, config));
        RowAssembly assembly = new RowAssembly(
                flops(config),
                updates ? DecoderFlops.Trained.UPDATES : DecoderFlops.Trained.ALL,
                memory.checkpointing(),
                DistilledTokens.alongside(recipe, inputs));
        PackedText data = inputs.text().pack(inputs, assembly);
        data.notes().forEach(listener::message);
        listener.message(memory.words());
        ParameterStore store = store(memory);
        try {
            Decoder decoder = new Decoder(config, store);
            if (recipe.adapt() instanceof AdaptSpec.Lora lora) {
                DecoderAdaptation.apply(store, lora);
            }
            TokenLoss loss = new TokenLoss(
                    decoder, arithmetic, memory.lossChunk(), recipe.language().zLoss());
            DecoderPass pass = new DecoderPass(
                    decoder,
                    arithmetic,
                    memory.checkpointing(),
                    recipe.language().neftune());
            LanguageWork<?> work = work(data, pass, loss, store);
            try {
                // After the work, which may add what is trained with the network and is no part of it.
                Optimizer optimizer = DecoderParameterGroups.optimizer(
                        store.trainable(), recipe.optimizer(), memory.moments(), shards);
                return job(
                        store, optimizer, work, data.figures(), new SampleTexts(recipe, inputs, decoder, arithmetic));
            } catch (RuntimeException refused) {
                work.closed().run();
                throw refused;
            }
        } catch (RuntimeException refused) {
            store.close();
            throw refused;
        }
    }

    private LanguageWork<?> work(PackedText data, DecoderPass pass, TokenLoss loss, ParameterStore store) {
        DistillSpec distill = recipe.distill();
        return distill != null && data instanceof LanguageData rows
                ? new DistilledTokens(recipe, inputs, arithmetic, listener, distill).work(rows, pass, loss, store)
                : data.work(pass, loss);
    }

    private <B extends MicroBatch> Job<B> job(
            ParameterStore store,
            Optimizer optimizer,
            LanguageWork<B> work,
            List<Figure> figures,
            SampleTexts samples) {
        return new LanguageJob<>(
                store, optimizer, work, config.parameters(), figures, samples, folder -> save(store, folder));
    }

    private ParameterStore store(MemoryPlan memory) {
        @Nullable ModelFiles model = inputs.model();
        if (model == null) {
            return new ParameterStore(name -> null, recipe.seed(), memory.storage());
        }
        DecoderWeights weights = DecoderWeights.of(config, model.weights(), model.source());
        return new ParameterStore(weights, recipe.seed(), memory.storage());
    }

    static DecoderFlops flops(DecoderConfig config) {
        double width = config.hiddenSize();
        double queries = (double) config.numHeads() * config.headDim();
        double keys = (double) config.numKeyValueHeads() * config.headDim();
        double block = 2 * width * queries + 2 * width * keys + 3 * width * config.intermediateSize();
        return new DecoderFlops(block * config.numLayers(), queries * config.numLayers(), width * config.vocabSize());
    }

    /** Everything merged, in Hugging Face's layout; with updates, these alone too, in PEFT's. */
    private void save(ParameterStore store, Path folder) {
        DraftFolder.write(folder, "the model", draft -> {
            write(draft, config, inputs, store);
            if (recipe.adapt() instanceof AdaptSpec.Lora lora) {
                Adapters.save(draft.resolve(ADAPTER), store, lora, inputs.modelName());
            }
        });
    }

    /** Writes a decoder with its tokenizer into a folder that is there. */
    static void write(Path folder, DecoderConfig config, LanguageInputs inputs, ParameterStore store)
            throws IOException {
        ObjectNode json = DecoderConfigs.write(config);
        boolean narrow = store.all().values().iterator().next().dtype() == DType.BFLOAT16;
        json.put("dtype", narrow ? "bfloat16" : "float32");
        int end = inputs.endOfText();
        if (end >= 0) {
            json.put("eos_token_id", end);
        }
        Files.write(
                folder.resolve("config.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
        writeAll(folder, inputs.folder().contents(inputs.ends()));
        List<TensorOutput> tensors = new ArrayList<>();
        Map<String, List<Long>> shapes = DecoderShapes.of(config);
        Map<String, Supplier<Tensor>> merged = new LinkedHashMap<>(MergedWeights.of(store));
        merged.keySet().removeIf(name -> name.startsWith(DistilledTexts.ONLY_FOR_TRAINING));
        merged.forEach((name, values) -> tensors.add(new TensorOutput(
                new TensorInfo(
                        name,
                        narrow ? ElementType.BF16 : ElementType.F32,
                        Objects.requireNonNull(shapes.get(name), name)),
                values)));
        try (TensorScope scope = TensorScope.open()) {
            Safetensors.stream(folder.resolve("model.safetensors"), Map.of("format", "pt"), tensors, written -> {});
        }
    }

    private static void writeAll(Path folder, Map<String, byte[]> files) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(folder.resolve(file.getKey()), file.getValue());
        }
    }
}
