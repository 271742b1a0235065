package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The keys that only language models have, as YAML. */
final class LanguageYaml {
    private LanguageYaml() {}

    static void putModel(ObjectNode node, ModelSpec.FreshDecoder decoder) {
        node.put("fresh", decoder.family());
        if (decoder.tokenizer() != null) {
            node.put("tokenizer", decoder.tokenizer());
        } else {
            node.put("vocabulary", decoder.vocabulary());
        }
        node.put("layers", decoder.layers())
                .put("hidden_size", decoder.hiddenSize())
                .put("num_heads", decoder.numHeads())
                .put("num_key_value_heads", decoder.numKeyValueHeads())
                .put("head_dim", decoder.headDim())
                .put("intermediate_size", decoder.intermediateSize())
                .put("tied", decoder.tied());
    }

    static void putData(ObjectNode data, Recipe recipe) {
        LanguageSpec language = recipe.language();
        data.put("sequence_length", language.sequenceLength());
        boolean bundled = recipe.data().source() instanceof DataSpec.Source.Bundled;
        if (!language.more().isEmpty()) {
            language.more().forEach(data.putArray("more")::add);
        }
        if (recipe.task() == Task.LANGUAGE_MODEL && !(bundled && language.more().isEmpty())) {
            data.put("document", Section.kebab(language.unit()));
            if (!language.extensions().isEmpty()) {
                language.extensions().forEach(data.putArray("extensions")::add);
            }
        }
        if (language.form() != null) {
            data.put("form", language.form());
        }
    }

    static void putTraining(ObjectNode tree, Recipe recipe) {
        LanguageSpec language = recipe.language();
        if (recipe.task() != Task.PREFERENCE && recipe.distill() == null) {
            tree.put("z_loss", language.zLoss());
        }
        tree.put("neftune", language.neftune());
        if (language.lengthWarmup() != null) {
            tree.putObject("sequence_warmup")
                    .put("from", language.lengthWarmup().from())
                    .put("until", language.lengthWarmup().until());
        }
        if (recipe.task() == Task.PREFERENCE) {
            tree.putObject("preference")
                    .put("beta", language.preference().beta())
                    .put("label_smoothing", language.preference().labelSmoothing())
                    .put("sft_weight", language.preference().sftWeight());
        }
        putMemory(tree, language.memory());
    }

    private static void putMemory(ObjectNode tree, MemorySpec memory) {
        if (memory.equals(MemorySpec.AUTO)) {
            tree.put("memory", "auto");
            return;
        }
        ObjectNode node = tree.putObject("memory");
        if (memory.checkpointing() != null) {
            node.put("checkpointing", memory.checkpointing());
        }
        if (memory.lossChunk() != null) {
            node.put("loss_chunk", memory.lossChunk());
        }
        if (memory.base() != null) {
            node.put("base", Section.kebab(memory.base()));
        }
        if (memory.moments() != null) {
            node.put("optimizer", Section.kebab(memory.moments()));
        }
        if (memory.weights() != null) {
            node.put("weights", Section.kebab(memory.weights()));
        }
        if (memory.limit() != null) {
            node.put("limit", memory.limit() / 1_000_000.0 + " MB");
        }
    }
}
