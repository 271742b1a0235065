package dev.shoestring.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Hugging Face tokenizer ({@code tokenizer.json}), run by Hugging Face's own library. Cutting and padding are ours: the file's
 * settings for them are dropped. Safe for use by several threads.
 */
public final class Tokenizer implements AutoCloseable {
    private static final int CHUNK = 4096;

    private final TokenizerFile file;
    private final HuggingFaceTokenizer library;
    private final Map<String, Integer> special;

    private Tokenizer(TokenizerFile file, HuggingFaceTokenizer library, Map<String, Integer> special) {
        this.file = file;
        this.library = library;
        this.special = special;
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @param source names the model in messages
     * @throws InputException if it is damaged, or lacks the special tokens of the BERT family
     */
    public static Tokenizer from(byte[] tokenizerJson, String source) {
        TokenizerFile file = TokenizerFile.read(tokenizerJson, source);
        Map<String, Integer> special = new HashMap<>();
        for (String name : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
            Integer id = file.pieces().get(name);
            if (id == null) {
                throw new InputException(file.name() + " has no token " + name
                        + ", which the BERT family needs; use the tokenizer that belongs to the model");
            }
            special.put(name, id);
        }
        return new Tokenizer(file, file.load(file.json()), special);
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

    private int[] checked(long[] ids) {
        if (ids.length < 2) {
            throw new InputException(
                    "tokenizer.json: does not put [CLS] and [SEP] around a text, which the BERT family needs; "
                            + "use the tokenizer that belongs to the model");
        }
        return file.checked(ids);
    }

    private static int[] cut(int[] ids, int maxTokens) {
        int[] kept = Arrays.copyOf(ids, Math.min(ids.length, maxTokens));
        if (kept.length > 0) {
            kept[kept.length - 1] = ids[ids.length - 1];
        }
        return kept;
    }

    /** One more than the largest id. */
    public int vocabularySize() {
        return file.vocabularySize();
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
