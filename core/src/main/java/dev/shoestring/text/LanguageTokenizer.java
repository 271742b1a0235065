package dev.shoestring.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer of a language model ({@code tokenizer.json} and {@code tokenizer_config.json}), run by Hugging Face's own library.
 * Safe for use by several threads.
 *
 * <p>A <em>control token</em> steers the model: an added token that is marked special or written as a tag, as {@code <|im_end|>},
 * {@code </s>} or {@code <think>}. {@link #encode} reads the text of a control token as that token, which is right for what a
 * template rendered; {@link #encodeLiteral} reads it as ordinary characters, which is right for what a stranger wrote.
 */
public final class LanguageTokenizer implements AutoCloseable {
    private static final int CHUNK = 4096;

    private final TokenizerFile file;
    private final HuggingFaceTokenizer library;
    private final Set<Integer> special = new HashSet<>();
    private final Set<Integer> control = new HashSet<>();
    private final OptionalInt bosId;
    private final OptionalInt eosId;
    private final OptionalInt padId;
    private @Nullable Guarded guarded;
    private boolean closed;

    /** The library over a guarded form of the file; made when first asked for, for it takes as much memory as the first. */
    private record Guarded(HuggingFaceTokenizer library, GuardedForm form) {}

    private LanguageTokenizer(TokenizerFile file, @Nullable JsonNode config, String source) {
        this.file = file;
        for (JsonNode added : file.json().path("added_tokens")) {
            int id = added.path("id").intValue();
            if (added.path("special").asBoolean()) {
                special.add(id);
            }
            if (GuardedForm.isControl(added)) {
                control.add(id);
            }
        }
        this.bosId = named(config, "bos_token", source);
        this.eosId = named(config, "eos_token", source);
        this.padId = named(config, "pad_token", source);
        this.library = file.load(file.json());
    }

    /**
     * Reads a tokenizer.
     *
     * @param tokenizerJson the bytes of {@code tokenizer.json}
     * @param tokenizerConfig {@code tokenizer_config.json}, or null if there is none; then no token begins or ends a text
     * @param source names the model in messages
     * @throws InputException if a file is damaged or names a token that is not there
     */
    public static LanguageTokenizer from(byte[] tokenizerJson, @Nullable JsonNode tokenizerConfig, String source) {
        return new LanguageTokenizer(TokenizerFile.read(tokenizerJson, source), tokenizerConfig, source);
    }

    private OptionalInt named(@Nullable JsonNode config, String key, String source) {
        String token = SpecialTokenNames.of(config, key, source);
        if (token == null) {
            return OptionalInt.empty();
        }
        Integer id = file.pieces().get(token);
        if (id == null) {
            throw new InputException(source + ": tokenizer_config.json: " + key + " is \"" + token
                    + "\", which tokenizer.json does not have; use the two files of one model");
        }
        return OptionalInt.of(id);
    }

    /** Token ids, without those that the file's post-processor puts around a text; written control tokens become control tokens. */
    public int[] encode(String text) {
        return file.checked(library.encode(WellFormed.text(text), false, false).getIds());
    }

    /** As {@link #encode}, with the tokens that the file's post-processor puts around a text, the beginning of text say. */
    public int[] encodeWithSpecialTokens(String text) {
        return file.checked(library.encode(WellFormed.text(text), true, false).getIds());
    }

    /** As {@link #encode}, of many texts at once, on all processors. */
    public List<int[]> encodeAll(List<String> texts) {
        List<int[]> all = new ArrayList<>(texts.size());
        for (int from = 0; from < texts.size(); from += CHUNK) {
            List<String> chunk = texts.subList(from, Math.min(texts.size(), from + CHUNK)).stream()
                    .map(WellFormed::text)
                    .toList();
            for (Encoding encoding : library.batchEncode(chunk, false, false)) {
                all.add(file.checked(encoding.getIds()));
            }
        }
        return all;
    }

    /** Token ids of a text in which no control token is meant: what is written like one becomes ordinary pieces. */
    public int[] encodeLiteral(String text) {
        int[] ids = encode(text);
        return Arrays.stream(ids).noneMatch(control::contains)
                ? ids
                : file.checked(guarded()
                        .library()
                        .encode(WellFormed.text(text), false, false)
                        .getIds());
    }

    /** As {@link #encode}, with the place of each token in the text. */
    TokenSpans encodeSpans(String text) {
        String whole = WellFormed.text(text);
        return TokenSpans.of(library.encode(whole, false, false), whole, file);
    }

    /** Names that stand for control tokens in what {@link #encodeGuarded} takes, by their written form; nobody can guess them. */
    Map<String, String> guardedNames() {
        return guarded().form().names();
    }

    /** As {@link #encodeSpans}, but only {@link #guardedNames} make control tokens: their written forms are ordinary text. */
    TokenSpans encodeGuarded(String named) {
        String whole = WellFormed.text(named);
        return TokenSpans.of(guarded().library().encode(whole, false, false), whole, file);
    }

    private synchronized Guarded guarded() {
        if (closed) {
            throw new IllegalStateException("the tokenizer is closed");
        }
        Guarded made = guarded;
        if (made == null) {
            GuardedForm form = GuardedForm.of(file.json());
            made = new Guarded(file.load(form.json()), form);
            guarded = made;
        }
        return made;
    }

    /** The written forms of all control tokens. */
    List<String> controlTokens() {
        return Stream.of(file.json().path("added_tokens"))
                .flatMap(JsonNode::valueStream)
                .filter(GuardedForm::isControl)
                .map(token -> token.path("content").asText())
                .toList();
    }

    /** Whether the control token of that id is marked special in the file, and therefore skipped in decoded text. */
    public boolean isSpecial(int id) {
        return special.contains(id);
    }

    /**
     * The text of ids.
     *
     * @throws IllegalArgumentException if an id is not in the vocabulary
     */
    public String decode(int[] ids, SpecialTokens specialTokens) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabularySize()) {
                throw new IllegalArgumentException(
                        "the id " + ids[i] + " is not in the vocabulary of " + vocabularySize() + " pieces");
            }
            wide[i] = ids[i];
        }
        return wide.length == 0 ? "" : library.decode(wide, specialTokens == SpecialTokens.SKIPPED);
    }

    /** A decoder for ids that come one by one. */
    public StreamingDecoder streamingDecoder(SpecialTokens specialTokens) {
        return new StreamingDecoder(this, specialTokens);
    }

    /** One more than the largest id. */
    public int vocabularySize() {
        return file.vocabularySize();
    }

    /** The id of a piece as the file writes it, or of an added token. */
    public OptionalInt idOf(String piece) {
        Integer id = file.pieces().get(piece);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The token that begins a text, if the configuration names one. */
    public OptionalInt bosId() {
        return bosId;
    }

    /** The token that ends a text, if the configuration names one. */
    public OptionalInt eosId() {
        return eosId;
    }

    /** The token that fills batches up: the configuration's, otherwise the one that ends a text, otherwise id 0. */
    public int padId() {
        return padId.orElse(eosId.orElse(0));
    }

    @Override
    public synchronized void close() {
        closed = true;
        library.close();
        if (guarded != null) {
            guarded.library().close();
            guarded = null;
        }
    }
}
