package dev.shoestring.run;

import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.ModelReference;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sizes of the decoder that a recipe names, before any weight is read. */
final class DecoderSizes {
    private static final int USUAL_VOCABULARY = 32_000;

    private DecoderSizes() {}

    static DecoderConfig of(Recipe recipe) {
        if (recipe.model() instanceof ModelSpec.FreshDecoder fresh) {
            return LanguageInputs.fresh(
                    fresh, vocabulary(fresh), recipe.language().sequenceLength());
        }
        @Nullable Recipe before = before(recipe);
        if (before != null) {
            return of(before);
        }
        String from = ((ModelSpec.Pretrained) recipe.model()).from();
        try (ModelFiles files = Models.open(from, (what, done, total) -> {})) {
            return DecoderConfigs.read(files.config(), from);
        }
    }

    /** The recipe that trains what this one begins from; null if it begins from no other. */
    static @Nullable Recipe before(Recipe recipe) {
        String prefix = ModelReference.Trained.PREFIX;
        return recipe.model() instanceof ModelSpec.Pretrained pretrained
                        && pretrained.from().startsWith(prefix)
                ? Recipes.load(pretrained.from().substring(prefix.length()), List.of("seed=" + recipe.seed()))
                : null;
    }

    /** Rows of the vocabulary of a new decoder. */
    static int vocabulary(ModelSpec.FreshDecoder fresh) {
        @Nullable String tokenizer = fresh.tokenizer();
        if (tokenizer == null) {
            return LanguageInputs.pieces(fresh.vocabulary());
        }
        try (ModelFiles files = Models.open(tokenizer, (what, done, total) -> {})) {
            return Math.max(1, files.config().path("vocab_size").asInt(USUAL_VOCABULARY));
        }
    }

    /** Numbers that are trained. */
    static long trained(DecoderConfig config, AdaptSpec adapt) {
        if (!(adapt instanceof AdaptSpec.Lora lora)) {
            return config.parameters();
        }
        long width = config.hiddenSize();
        long queries = (long) config.numHeads() * config.headDim();
        long keys = (long) config.numKeyValueHeads() * config.headDim();
        long middle = config.intermediateSize();
        Map<String, long[]> matrices = Map.of(
                "q_proj", new long[] {width, queries},
                "k_proj", new long[] {width, keys},
                "v_proj", new long[] {width, keys},
                "o_proj", new long[] {queries, width},
                "gate_proj", new long[] {width, middle},
                "up_proj", new long[] {width, middle},
                "down_proj", new long[] {middle, width});
        long each = matrices.entrySet().stream()
                .filter(one -> lora.targets().isEmpty() || lora.targets().contains(one.getKey()))
                .mapToLong(one ->
                        lora.rank() * (one.getValue()[0] + one.getValue()[1]) + (lora.dora() ? one.getValue()[1] : 0))
                .sum();
        return config.numLayers() * each;
    }
}
