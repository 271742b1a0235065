package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code model}. */
final class ModelParser {
    private static final int DEFAULT_BUCKETS = 1 << 18;
    private static final int FEWEST_BUCKETS = 1 << 8;
    private static final int MOST_BUCKETS = 1 << 24;

    private ModelParser() {}

    private static final List<String> IMAGE_NETWORKS = List.of(
            "slimnet",
            "resnet18",
            "resnet34",
            "resnet50",
            "resnet20",
            "resnet32",
            "resnet44",
            "resnet56",
            "mobilenetv2_035",
            "mobilenetv2_050",
            "mobilenetv2_075",
            "mobilenetv2_100",
            "mobilenetv2_140",
            "vit_tiny_patch16",
            "vit_small_patch16",
            "pixels");
    private static final Pattern ANY_MOBILENET = Pattern.compile("mobilenetv2_([1-9]\\d\\d|0[1-9]\\d)");
    private static final int DEFAULT_WIDTH = 32;
    private static final int MOST_CHANNELS = 1 << 16;

    static ModelSpec read(Section recipe, Task task) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> texts(recipe);
            case IMAGE_CLASSIFICATION -> images(recipe);
            case LANGUAGE_MODEL, CHAT, PREFERENCE -> decoders(recipe, task);
        };
    }

    private static ModelSpec images(Section recipe) {
        Section model = recipe.section("model", "from", "fresh", "width", "blocks", "channels");
        if (model.has("from") && model.has("fresh")) {
            model.problem("fresh", "cannot be given together with model.from; keep one of them");
        }
        if (!model.has("fresh")) {
            model.noEffect("without model.fresh", "width", "blocks", "channels");
            return new ModelSpec.Pretrained(ReferenceParser.read(model, "from"));
        }
        String written = model.node("fresh").asText();
        String fresh = ANY_MOBILENET.matcher(written).matches()
                ? written
                : model.choice("fresh", IMAGE_NETWORKS.get(0), IMAGE_NETWORKS, List.of());
        if (!fresh.equals("slimnet")) {
            model.noEffect("with model.fresh: " + fresh, "width");
        }
        if (fresh.startsWith("vit") || fresh.equals("pixels")) {
            model.noEffect("with model.fresh: " + fresh, "blocks", "channels");
            return new ModelSpec.FreshImageNetwork(fresh, 0);
        }
        if (fresh.equals("slimnet")) {
            model.noEffect("with model.fresh: slimnet, which repeats no blocks", "blocks");
        }
        return new ModelSpec.FreshImageNetwork(
                fresh,
                fresh.equals("slimnet") ? model.integer("width", DEFAULT_WIDTH, 4, 512) : 0,
                blocks(model),
                channels(model));
    }

    private static List<Integer> blocks(Section model) {
        List<Integer> blocks = new ArrayList<>();
        @Nullable JsonNode value = model.value("blocks");
        if (value == null) {
            return blocks;
        }
        if (!value.isArray()) {
            model.problem("blocks", "must be a list of whole numbers, one for each stage");
        }
        for (JsonNode count : value) {
            if (!count.isInt() || count.intValue() < 1) {
                model.problem("blocks", "must be a list of whole numbers of at least 1, one for each stage");
                return List.of();
            }
            blocks.add(count.intValue());
        }
        return blocks;
    }

    private static Map<String, Integer> channels(Section model) {
        @Nullable JsonNode value = model.value("channels");
        Map<String, Integer> channels = new LinkedHashMap<>();
        if (value == null) {
            return channels;
        }
        if (!value.isObject()) {
            model.problem("channels", "must be a mapping of groups to whole numbers, such as {layer1.0.conv1: 12}");
            return channels;
        }
        Section groups = model.partOf("channels", value);
        value.fieldNames().forEachRemaining(group -> {
            @Nullable Integer count = groups.integer(group, 1, MOST_CHANNELS);
            if (count != null) {
                channels.put(group, count);
            }
        });
        return channels;
    }

    private static ModelSpec decoders(Section recipe, Task task) {
        String[] sizes = {
            "tokenizer",
            "vocabulary",
            "layers",
            "hidden_size",
            "num_heads",
            "num_key_value_heads",
            "head_dim",
            "intermediate_size",
            "tied"
        };
        List<String> keys = new ArrayList<>(List.of("from", "fresh", "budget"));
        keys.addAll(List.of(sizes));
        Section model = recipe.section("model", keys.toArray(new String[0]));
        if (model.has("from") && model.has("fresh")) {
            model.problem("fresh", "cannot be given together with model.from; keep one of them");
        }
        if (!model.has("fresh")) {
            model.noEffect("without model.fresh", sizes);
            model.noEffect("without model.fresh", "budget");
            return new ModelSpec.Pretrained(ReferenceParser.read(model, "from"));
        }
        if (task != Task.LANGUAGE_MODEL) {
            model.problem(
                    "fresh",
                    "has not learned to speak; train it with task: language-model first, then give model.from");
        }
        String family = model.choice("fresh", "llama", List.of("llama", "qwen3"), List.of("mistral", "qwen2"));
        @Nullable String tokenizer = model.has("tokenizer") ? ReferenceParser.read(model, "tokenizer") : null;
        if (tokenizer != null) {
            model.noEffect("with model.tokenizer, which brings its own", "vocabulary");
        }
        if (model.has("budget")) {
            SizeBudget budget = SizeBudgetParser.read(
                    model,
                    false,
                    "layers",
                    "hidden_size",
                    "num_heads",
                    "num_key_value_heads",
                    "head_dim",
                    "intermediate_size");
            int vocabulary = tokenizer == null ? model.integer("vocabulary", 4096, 256, 1 << 18) : 0;
            return new ModelSpec.Budgeted(
                    new ModelSpec.FreshDecoder(
                            family, tokenizer, vocabulary, 1, 2, 1, 1, 2, 1, model.flag("tied", true)),
                    budget);
        }
        int hiddenSize = model.integer("hidden_size", 256, 8, 16384);
        int numHeads = model.integer("num_heads", Math.max(1, hiddenSize / 64), 1, 256);
        int numKeyValueHeads = model.integer("num_key_value_heads", numHeads, 1, 256);
        int headDim = model.integer("head_dim", Math.max(2, hiddenSize / numHeads), 2, 4096);
        if (model.has("head_dim") && headDim % 2 != 0) {
            model.problem(
                    "head_dim",
                    "(" + headDim + ") must be even, for rotary positions turn pairs; nearest: "
                            + Multiples.around(headDim, 2));
        }
        if (!model.has("head_dim") && hiddenSize % (2 * numHeads) != 0) {
            model.problem(
                    "hidden_size",
                    "(" + hiddenSize + ") must be a multiple of twice num_heads (" + 2 * numHeads + "); nearest: "
                            + Multiples.around(hiddenSize, 2 * numHeads));
        }
        if (numHeads % numKeyValueHeads != 0) {
            model.problem(
                    "num_heads",
                    "(" + numHeads + ") must be a multiple of num_key_value_heads (" + numKeyValueHeads + "); nearest: "
                            + Multiples.around(numHeads, numKeyValueHeads));
        }
        int middle = ModelSpec.FreshDecoder.intermediateSize(hiddenSize);
        return new ModelSpec.FreshDecoder(
                family,
                tokenizer,
                tokenizer == null ? model.integer("vocabulary", 4096, 256, 1 << 18) : 0,
                model.integer("layers", 6, 1, 256),
                hiddenSize,
                numHeads,
                numKeyValueHeads,
                headDim,
                model.integer("intermediate_size", middle, 8, 1 << 17),
                model.flag("tied", true));
    }

    private static ModelSpec texts(Section recipe) {
        Section model = recipe.section(
                "model",
                "from",
                "fresh",
                "tokenizer",
                "layers",
                "hidden_size",
                "num_heads",
                "intermediate_size",
                "buckets",
                "budget");
        if (model.has("from") && model.has("fresh")) {
            model.problem("fresh", "cannot be given together with model.from; keep one of them");
        }
        if (!model.has("fresh")) {
            model.noEffect(
                    "without model.fresh",
                    "tokenizer",
                    "layers",
                    "hidden_size",
                    "num_heads",
                    "intermediate_size",
                    "buckets",
                    "budget");
            return new ModelSpec.Pretrained(ReferenceParser.read(model, "from"));
        }
        String fresh = model.choice("fresh", "bert", List.of("bert", "bag-of-words"), List.of());
        return fresh.equals("bert") ? bert(model) : bagOfWords(model);
    }

    private static ModelSpec bert(Section model) {
        model.noEffect("with model.fresh: bert", "buckets");
        String tokenizer = ReferenceParser.read(model, "tokenizer");
        if (model.has("budget")) {
            SizeBudget budget =
                    SizeBudgetParser.read(model, true, "layers", "hidden_size", "num_heads", "intermediate_size");
            return new ModelSpec.Budgeted(new ModelSpec.FreshBert(tokenizer, 1, 1, 1, 1), budget);
        }
        int layers = model.integer("layers", 6, 1, 48);
        int hiddenSize = model.integer("hidden_size", 384, 8, 4096);
        int numHeads = model.integer("num_heads", 12, 1, 128);
        int intermediateSize = model.integer("intermediate_size", 4 * hiddenSize, 8, 16384);
        if (hiddenSize % numHeads != 0) {
            model.problem(
                    "hidden_size",
                    "(" + hiddenSize + ") must be a multiple of num_heads (" + numHeads + "); nearest: "
                            + Multiples.around(hiddenSize, numHeads));
        }
        return new ModelSpec.FreshBert(tokenizer, layers, hiddenSize, numHeads, intermediateSize);
    }

    private static ModelSpec bagOfWords(Section model) {
        model.noEffect(
                "with model.fresh: bag-of-words",
                "tokenizer",
                "layers",
                "hidden_size",
                "num_heads",
                "intermediate_size",
                "budget");
        @Nullable Integer buckets = model.integer("buckets", FEWEST_BUCKETS, MOST_BUCKETS);
        if (buckets != null && Integer.bitCount(buckets) != 1) {
            int below = Integer.highestOneBit(buckets);
            model.problem(
                    "buckets", "(" + buckets + ") must be a power of two; nearest: " + below + " or " + 2 * below);
        }
        return new ModelSpec.FreshBagOfWords(buckets == null ? DEFAULT_BUCKETS : buckets);
    }
}
