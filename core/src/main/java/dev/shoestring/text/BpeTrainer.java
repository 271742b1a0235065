package dev.shoestring.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Trains a byte-level BPE tokenizer (GPT-2's kind): any text can be encoded and comes back exactly. The same texts give the same
 * tokenizer in whatever order they come and on however many processors. Ids: special tokens, then the 256 bytes, then merges.
 */
public final class BpeTrainer {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int BYTES = 256;
    private static final int LARGEST = 1_000_000;
    private static final int LEAST_COUNT = 2;
    private static final List<String> ENDS = List.of("<|endoftext|>", "</s>", "<|im_end|>");

    private final int vocabularySize;
    private final List<String> specialTokens;
    private final PreTokenization splitting;

    /**
     * A trainer for one size.
     *
     * @param vocabularySize pieces, special tokens and bytes included; fewer come out if the texts have too few frequent pairs
     * @param specialTokens tokens that stand for no text, such as {@code <|endoftext|>}
     * @throws InputException if the vocabulary cannot hold them and the bytes, or one is empty or named twice
     */
    public BpeTrainer(int vocabularySize, List<String> specialTokens, PreTokenization splitting) {
        int least = BYTES + specialTokens.size();
        if (vocabularySize < least || vocabularySize > LARGEST) {
            throw new InputException("--vocab: must be from " + least + " (256 bytes and " + specialTokens.size()
                    + " special tokens) to " + LARGEST + ", but is " + vocabularySize);
        }
        for (String token : specialTokens) {
            if (token.isBlank() || token.codePointCount(0, token.length()) < 2) {
                throw new InputException("--special: a special token must have two characters at least, but one is \""
                        + token + "\"; write it like <|endoftext|>");
            }
        }
        if (new HashSet<>(specialTokens).size() < specialTokens.size()) {
            throw new InputException("--special: names a token twice: " + String.join(",", specialTokens));
        }
        this.vocabularySize = vocabularySize;
        this.specialTokens = List.copyOf(specialTokens);
        this.splitting = splitting;
    }

    /**
     * Trains on texts, each of which begins and ends words.
     *
     * @throws InputException if there is no text
     */
    public TrainedTokenizer train(Stream<String> texts, TokenizerProgress progress) {
        Map<String, LongAdder> words = WordCounts.of(texts, splitting, progress);
        if (words.isEmpty()) {
            throw new InputException("--data: holds no text; give files or folders of text");
        }
        List<String> pieces = new ArrayList<>(specialTokens);
        IntStream.range(0, BYTES)
                .mapToObj(b -> String.valueOf(ByteAlphabet.letter(b)))
                .sorted()
                .forEach(pieces::add);
        List<String> merges = new BpeMerges(pieces, words).grow(vocabularySize, LEAST_COUNT, progress);
        return new TrainedTokenizer(tokenizer(pieces, merges), configuration(), pieces.size(), words.size());
    }

    private ObjectNode tokenizer(List<String> pieces, List<String> merges) {
        ObjectNode json =
                NODES.objectNode().put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode added = json.putArray("added_tokens");
        for (int id = 0; id < specialTokens.size(); id++) {
            added.add(flags(NODES.objectNode().put("id", id), specialTokens.get(id)));
        }
        json.putNull("normalizer").set("pre_tokenizer", splitting.json());
        ObjectNode bytes = NODES.objectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", false);
        json.set("post_processor", bytes);
        json.set("decoder", bytes.deepCopy());
        ObjectNode model = json.putObject("model")
                .put("type", "BPE")
                .putNull("dropout")
                .putNull("unk_token")
                .putNull("continuing_subword_prefix")
                .putNull("end_of_word_suffix")
                .put("fuse_unk", false)
                .put("byte_fallback", false)
                .put("ignore_merges", false);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < pieces.size(); id++) {
            vocabulary.put(pieces.get(id), id);
        }
        ArrayNode pairs = model.putArray("merges");
        merges.forEach(pairs::add);
        return json;
    }

    private static ObjectNode flags(ObjectNode token, String content) {
        return token.put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    private ObjectNode configuration() {
        ObjectNode config = NODES.objectNode().put("tokenizer_class", "PreTrainedTokenizerFast");
        String end = end();
        config.putNull("bos_token")
                .put("eos_token", end)
                .put("pad_token", end)
                .put("clean_up_tokenization_spaces", false);
        ObjectNode decoder = config.putObject("added_tokens_decoder");
        for (int id = 0; id < specialTokens.size(); id++) {
            flags(decoder.putObject(Integer.toString(id)), specialTokens.get(id));
        }
        if (specialTokens.containsAll(List.of("<|im_start|>", "<|im_end|>"))) {
            config.put("chat_template", ChatTemplate.chatMlText());
        }
        return config;
    }

    private @Nullable String end() {
        return ENDS.stream()
                .filter(specialTokens::contains)
                .findFirst()
                .orElse(specialTokens.isEmpty() ? null : specialTokens.get(0));
    }
}
