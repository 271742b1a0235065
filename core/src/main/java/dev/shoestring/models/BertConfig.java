package dev.shoestring.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.List;

/**
 * Sizes of a BERT encoder, with the meanings of Hugging Face's {@code config.json}.
 *
 * @param vocabSize rows of the word embedding
 * @param hiddenSize model width
 * @param numLayers encoder layers
 * @param numHeads attention heads; divides {@code hiddenSize}
 * @param intermediateSize width of the feed-forward layers
 * @param maxPositions longest sequence, in tokens
 * @param typeVocabSize rows of the segment embedding
 * @param layerNormEps added to variances
 */
public record BertConfig(
        int vocabSize,
        int hiddenSize,
        int numLayers,
        int numHeads,
        int intermediateSize,
        int maxPositions,
        int typeVocabSize,
        double layerNormEps) {
    private static final int LARGEST = 10_000_000;
    private static final int MOST_LAYERS = 1_000;

    /**
     * Reads {@code config.json}.
     *
     * @param source names the model in messages
     * @throws InputException if it is another architecture, a variant that is not built, or impossible
     */
    public static BertConfig of(JsonNode json, String source) {
        require(json.path("model_type").asText("").equals("bert"), source, "model_type", "must be bert", json);
        require(json.path("hidden_act").asText("gelu").equals("gelu"), source, "hidden_act", "must be gelu", json);
        require(
                json.path("position_embedding_type").asText("absolute").equals("absolute"),
                source,
                "position_embedding_type",
                "must be absolute",
                json);
        BertConfig config = new BertConfig(
                size(json, source, "vocab_size", LARGEST),
                size(json, source, "hidden_size", 1 << 16),
                size(json, source, "num_hidden_layers", MOST_LAYERS),
                size(json, source, "num_attention_heads", 1 << 12),
                size(json, source, "intermediate_size", 1 << 20),
                size(json, source, "max_position_embeddings", 1 << 20),
                size(json, source, "type_vocab_size", 1 << 12),
                json.path("layer_norm_eps").asDouble(1e-12));
        require(
                config.hiddenSize % config.numHeads == 0,
                source,
                "num_attention_heads",
                "must divide hidden_size (" + config.hiddenSize + ")",
                json);
        require(
                config.layerNormEps > 0 && config.layerNormEps < 1,
                source,
                "layer_norm_eps",
                "must be between 0 and 1",
                json);
        return config;
    }

    private static int size(JsonNode json, String source, String key, int largest) {
        JsonNode value = json.path(key);
        require(
                value.isIntegralNumber()
                        && value.canConvertToInt()
                        && value.intValue() >= 1
                        && value.intValue() <= largest,
                source,
                key,
                "must be a whole number from 1 to " + largest,
                json);
        return value.intValue();
    }

    private static void require(boolean holds, String source, String key, String rule, JsonNode json) {
        if (!holds) {
            throw new InputException(source + ": config.json: " + key + " " + rule + ", but is "
                    + (json.has(key) ? json.get(key).toString() : "missing")
                    + "; text-classification takes models of the BERT family");
        }
    }

    /** The {@code config.json} of a classifier with these labels, as Transformers' {@code BertForSequenceClassification} reads it. */
    public ObjectNode toJson(List<String> labels, double dropout) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.putArray("architectures").add("BertForSequenceClassification");
        json.put("model_type", "bert");
        json.put("vocab_size", vocabSize).put("hidden_size", hiddenSize);
        json.put("num_hidden_layers", numLayers).put("num_attention_heads", numHeads);
        json.put("intermediate_size", intermediateSize).put("hidden_act", "gelu");
        json.put("max_position_embeddings", maxPositions).put("type_vocab_size", typeVocabSize);
        json.put("layer_norm_eps", layerNormEps).put("pad_token_id", 0);
        json.put("hidden_dropout_prob", dropout).put("attention_probs_dropout_prob", dropout);
        json.put("classifier_dropout", dropout);
        json.put("problem_type", "single_label_classification").put("torch_dtype", "float32");
        ObjectNode names = json.putObject("id2label");
        ObjectNode indices = json.putObject("label2id");
        for (int i = 0; i < labels.size(); i++) {
            names.put(Integer.toString(i), labels.get(i));
            indices.put(labels.get(i), i);
        }
        return json;
    }
}
