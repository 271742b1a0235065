package dev.shoestring.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Hugging Face tokenizer ({@code tokenizer.json}), run by Hugging Face's own library. Cutting and padding are ours: the file's
 * settings for them are dropped. Safe for use by several threads.
 */
public final class Tokenizer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LARGEST_FILE = 256 << 20;
    private static final int LARGEST_VOCABULARY = 10_000_000;
    private static final int CHUNK = 4096;

    static {
        // DJL would otherwise look for a GPU to choose its library by, and warn that there is none.
        System.setProperty("RUST_FLAVOR", System.getProperty("RUST_FLAVOR", "cpu"));
        System.setProperty("ai.djl.offline", System.getProperty("ai.djl.offline", "true"));
    }

    private final HuggingFaceTokenizer library;
    private final int vocabularySize;
    private final Map<String, Integer> special;

    private Tokenizer(HuggingFaceTokenizer library, int vocabularySize, Map<String, Integer> special) {
        this.library = library;
        this.vocabularySize = vocabularySize;
        this.special = special;
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @param source names the model in messages
     * @throws InputException if it is damaged, or lacks the special tokens of the BERT family
     */
    public static Tokenizer from(byte[] tokenizerJson, String source) {
        String what = source + ": tokenizer.json";
        if (tokenizerJson.length > LARGEST_FILE) {
            throw new InputException(what + " is " + tokenizerJson.length + " bytes, more than " + LARGEST_FILE);
        }
        try {
            if (!(JSON.readTree(tokenizerJson) instanceof ObjectNode json)) {
                throw new InputException(what + " is no JSON object; fetch or export it again");
            }
            json.putNull("padding").putNull("truncation");
            Map<String, Integer> pieces = pieces(json, what);
            int size = 1
                    + pieces.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
            Map<String, Integer> special = new HashMap<>();
            for (String name : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
                Integer id = pieces.get(name);
                if (id == null) {
                    throw new InputException(what + " has no token " + name
                            + ", which the BERT family needs; use the tokenizer that belongs to the model");
                }
                special.put(name, id);
            }
            HuggingFaceTokenizer library = HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(JSON.writeValueAsBytes(json)),
                    Map.of("padding", "false", "truncation", "false"));
            return new Tokenizer(library, size, special);
        } catch (IOException invalid) {
            throw new InputException(
                    what + " is not valid JSON (" + invalid.getClass().getSimpleName() + "); fetch or export it again",
                    invalid);
        } catch (InputException refused) {
            throw refused;
        } catch (RuntimeException refusedByTheLibrary) {
            throw new InputException(
                    what + " is refused by the tokenizers library (" + refusedByTheLibrary.getMessage()
                            + "); fetch or export it again",
                    refusedByTheLibrary);
        }
    }

    private static Map<String, Integer> pieces(ObjectNode json, String what) {
        Map<String, Integer> pieces = new HashMap<>();
        JsonNode vocabulary = json.path("model").path("vocab");
        if (!vocabulary.isObject() || vocabulary.isEmpty()) {
            throw new InputException(what + ": model.vocab must be an object of pieces and their ids, but is "
                    + vocabulary.getNodeType() + "; text-classification takes WordPiece tokenizers");
        }
        vocabulary
                .properties()
                .forEach(piece -> pieces.put(piece.getKey(), id(piece.getValue(), piece.getKey(), what)));
        for (JsonNode added : json.path("added_tokens")) {
            String content = added.path("content").asText();
            pieces.put(content, id(added.path("id"), content, what));
        }
        return pieces;
    }

    private static int id(JsonNode value, String piece, String what) {
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < 0
                || value.intValue() >= LARGEST_VOCABULARY) {
            throw new InputException(what + ": the id of \"" + shorten(piece) + "\" must be a whole number from 0 to "
                    + (LARGEST_VOCABULARY - 1) + ", but is " + shorten(value.toString()));
        }
        return value.intValue();
    }

    private static String shorten(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }

    /** Token ids with [CLS] and [SEP]; a longer text is cut to {@code maxTokens} and keeps its [SEP]. */
    public int[] encode(String text, int maxTokens) {
        return encodeAll(List.of(text), maxTokens).get(0);
    }

    /** As {@link #encode}, of many texts at once. */
    public List<int[]> encodeAll(List<String> texts, int maxTokens) {
        List<int[]> all = new ArrayList<>(texts.size());
        for (int from = 0; from < texts.size(); from += CHUNK) {
            List<String> chunk = texts.subList(from, Math.min(texts.size(), from + CHUNK));
            for (Encoding encoding : library.batchEncode(chunk)) {
                all.add(cut(checked(encoding.getIds()), maxTokens));
            }
        }
        return all;
    }

    /** The file's post-processor may put in any number: native code must not see it as a row of a table. */
    private long[] checked(long[] ids) {
        if (ids.length < 2) {
            throw new InputException(
                    "tokenizer.json: does not put [CLS] and [SEP] around a text, which the BERT family needs; "
                            + "use the tokenizer that belongs to the model");
        }
        for (long id : ids) {
            if (id < 0 || id >= vocabularySize) {
                throw new InputException("tokenizer.json: gives the id " + id + ", which is not in its vocabulary of "
                        + vocabularySize + " pieces; fetch or export it again");
            }
        }
        return ids;
    }

    private static int[] cut(long[] ids, int maxTokens) {
        int[] kept = new int[Math.min(ids.length, maxTokens)];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = (int) ids[i];
        }
        if (kept.length > 0) {
            kept[kept.length - 1] = (int) ids[ids.length - 1];
        }
        return kept;
    }

    /** One more than the largest id. */
    public int vocabularySize() {
        return vocabularySize;
    }

    /** Id of the token that fills batches up. */
    public int padId() {
        return special("[PAD]");
    }

    /** Id of the token for what is not in the vocabulary. */
    public int unknownId() {
        return special("[UNK]");
    }

    /** Id of the token that stands for a hidden one. */
    public int maskId() {
        return special("[MASK]");
    }

    /** Id of the token that ends a text. */
    public int separatorId() {
        return special("[SEP]");
    }

    private int special(String name) {
        return special.getOrDefault(name, 0);
    }

    @Override
    public void close() {
        library.close();
    }
}
