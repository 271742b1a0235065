package dev.shoestring.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * A {@code tokenizer.json} that was read and checked: its pieces have sound ids. Cutting and padding are ours: the file's settings
 * for them are dropped.
 *
 * @param json the file without padding and truncation
 * @param pieces ids by piece, those added to the model's vocabulary included
 * @param vocabularySize one more than the largest id
 * @param name names the file in messages
 */
record TokenizerFile(ObjectNode json, Map<String, Integer> pieces, int vocabularySize, String name) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LARGEST_FILE = 256 << 20;
    private static final int LARGEST_VOCABULARY = 10_000_000;

    static {
        // DJL would otherwise look for a GPU to choose its library by, and warn that there is none.
        System.setProperty("RUST_FLAVOR", System.getProperty("RUST_FLAVOR", "cpu"));
        System.setProperty("ai.djl.offline", System.getProperty("ai.djl.offline", "true"));
    }

    /**
     * Reads the file.
     *
     * @param source names the model in messages
     * @throws InputException if it is damaged
     */
    static TokenizerFile read(byte[] tokenizerJson, String source) {
        String name = source + ": tokenizer.json";
        if (tokenizerJson.length > LARGEST_FILE) {
            throw new InputException(name + " is " + tokenizerJson.length + " bytes, more than " + LARGEST_FILE);
        }
        try {
            if (!(JSON.readTree(tokenizerJson) instanceof ObjectNode json)) {
                throw new InputException(name + " is no JSON object; fetch or export it again");
            }
            json.putNull("padding").putNull("truncation");
            Map<String, Integer> pieces = pieces(json, name);
            int largest =
                    pieces.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
            return new TokenizerFile(json, pieces, 1 + largest, name);
        } catch (IOException invalid) {
            throw new InputException(
                    name + " is not valid JSON (" + invalid.getClass().getSimpleName() + "); fetch or export it again",
                    invalid);
        }
    }

    /** Hands a form of the file to Hugging Face's library. */
    HuggingFaceTokenizer load(ObjectNode form) {
        try {
            return HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(JSON.writeValueAsBytes(form)),
                    Map.of("padding", "false", "truncation", "false"));
        } catch (IOException | RuntimeException refused) {
            throw new InputException(
                    name + " is refused by the tokenizers library (" + refused.getMessage()
                            + "); fetch or export it again",
                    refused);
        }
    }

    /** The ids as they may go to native code: the file's post-processor may put in any number. */
    int[] checked(long[] ids) {
        int[] checked = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabularySize) {
                throw new InputException(name + ": gives the id " + ids[i] + ", which is not in its vocabulary of "
                        + vocabularySize + " pieces; fetch or export it again");
            }
            checked[i] = (int) ids[i];
        }
        return checked;
    }

    private static Map<String, Integer> pieces(ObjectNode json, String name) {
        Map<String, Integer> pieces = new HashMap<>();
        JsonNode vocabulary = json.path("model").path("vocab");
        if (vocabulary.isObject() && !vocabulary.isEmpty()) {
            vocabulary
                    .properties()
                    .forEach(piece -> pieces.put(piece.getKey(), id(piece.getValue(), piece.getKey(), name)));
        } else if (vocabulary.isArray() && !vocabulary.isEmpty() && vocabulary.size() <= LARGEST_VOCABULARY) {
            for (int id = 0; id < vocabulary.size(); id++) {
                JsonNode piece = vocabulary.get(id).path(0);
                if (!piece.isTextual()) {
                    throw new InputException(name + ": model.vocab[" + id + "] must be a piece and its score, but is "
                            + shorten(vocabulary.get(id).toString()));
                }
                pieces.put(piece.textValue(), id);
            }
        } else {
            throw new InputException(name + ": model.vocab must be an object of pieces and their ids, or an array of"
                    + " pieces and their scores, but is " + (vocabulary.isEmpty() ? "an empty " : "")
                    + vocabulary.getNodeType() + "; fetch or export it again");
        }
        for (JsonNode added : json.path("added_tokens")) {
            String content = added.path("content").asText();
            if (content.isEmpty()) {
                throw new InputException(name + ": added_tokens has one without content; fetch or export it again");
            }
            pieces.put(content, id(added.path("id"), content, name));
        }
        return pieces;
    }

    private static int id(JsonNode value, String piece, String name) {
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < 0
                || value.intValue() >= LARGEST_VOCABULARY) {
            throw new InputException(name + ": the id of \"" + shorten(piece) + "\" must be a whole number from 0 to "
                    + (LARGEST_VOCABULARY - 1) + ", but is " + shorten(value.toString()));
        }
        return value.intValue();
    }

    private static String shorten(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
