package dev.shoestring.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * A WordPiece {@code tokenizer.json} without some of its pieces. The longest match from the left (arXiv 2012.15524, algorithm of section 2)
 * never looks at a piece that is shorter than the one it finds, so a text all of whose pieces are kept is cut as before. Every single
 * character and every special token is kept: a word that has lost a piece falls into shorter ones, and becomes {@code [UNK]} only if it was
 * before. Ids are those of the kept pieces in their old order, without gaps.
 */
public final class VocabularyCut {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final byte[] tokenizerJson;
    private final List<Integer> kept;

    private VocabularyCut(byte[] tokenizerJson, List<Integer> kept) {
        this.tokenizerJson = tokenizerJson;
        this.kept = List.copyOf(kept);
    }

    /**
     * Ids that must stay for the tokenizer to remain safe: special tokens and single characters.
     *
     * @param source names the model in messages
     * @throws InputException if the file is damaged, or is no WordPiece
     */
    public static BitSet required(byte[] tokenizerJson, String source) {
        TokenizerFile file = wordPiece(tokenizerJson, source);
        String prefix = prefix(file);
        BitSet ids = new BitSet();
        file.pieces().forEach((piece, id) -> {
            String bare = piece.startsWith(prefix) && piece.length() > prefix.length()
                    ? piece.substring(prefix.length())
                    : piece;
            if (bare.codePointCount(0, bare.length()) == 1) {
                ids.set(id);
            }
        });
        ids.or(special(file));
        return ids;
    }

    /**
     * The file with only these pieces and the {@linkplain #required required} ones.
     *
     * @param wanted ids of the pieces to keep
     * @param source names the model in messages
     * @throws InputException if the file is damaged, or is no WordPiece
     */
    public static VocabularyCut of(byte[] tokenizerJson, BitSet wanted, String source) {
        BitSet all = required(tokenizerJson, source);
        all.or(wanted);
        return rewritten(wordPiece(tokenizerJson, source), places(all), all);
    }

    /**
     * The file with all of its pieces, of which those that are not kept share the row of one that is. Every text is cut as before; where a piece
     * has no row of its own, the model reads another in its place.
     *
     * @param kept ids of the pieces that keep their row; special tokens do in any case
     * @param likest for each id, the id of the kept piece whose row it takes
     * @param source names the model in messages
     * @throws InputException if the file is damaged, or is no WordPiece
     */
    public static VocabularyCut sharing(byte[] tokenizerJson, BitSet kept, IntUnaryOperator likest, String source) {
        TokenizerFile file = wordPiece(tokenizerJson, source);
        BitSet all = special(file);
        all.or(kept);
        Map<Integer, Integer> places = places(all);
        for (int id : file.pieces().values()) {
            if (!all.get(id)) {
                places.put(id, place(likest.applyAsInt(id), places));
            }
        }
        return rewritten(file, places, all);
    }

    private static Map<Integer, Integer> places(BitSet kept) {
        Map<Integer, Integer> places = new HashMap<>();
        kept.stream().forEach(id -> places.put(id, places.size()));
        return places;
    }

    /** The file with the pieces that have a place, ordered by it. */
    private static VocabularyCut rewritten(TokenizerFile file, Map<Integer, Integer> places, BitSet kept) {
        ObjectNode json = file.json().deepCopy();
        List<Map.Entry<String, Integer>> pieces = new ArrayList<>();
        json.path("model").path("vocab").properties().forEach(piece -> {
            Integer place = places.get(piece.getValue().asInt());
            if (place != null) {
                pieces.add(Map.entry(piece.getKey(), place));
            }
        });
        pieces.sort(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
        ObjectNode vocabulary = JSON.createObjectNode();
        pieces.forEach(piece -> vocabulary.put(piece.getKey(), piece.getValue()));
        ((ObjectNode) json.path("model")).set("vocab", vocabulary);
        json.path("added_tokens").forEach(token -> renumber((ObjectNode) token, "id", places));
        json.path("post_processor").path("special_tokens").forEach(token -> {
            ArrayNode ids = JSON.createArrayNode();
            token.path("ids").forEach(id -> ids.add(place(id.asInt(), places)));
            ((ObjectNode) token).set("ids", ids);
        });
        for (String end : List.of("sep", "cls")) {
            JsonNode pair = json.path("post_processor").path(end);
            if (pair instanceof ArrayNode array && array.size() == 2) {
                array.set(1, JSON.getNodeFactory().numberNode(place(array.get(1).asInt(), places)));
            }
        }
        try {
            return new VocabularyCut(
                    JSON.writeValueAsBytes(json), kept.stream().boxed().toList());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Ids of the special tokens. */
    public static BitSet special(byte[] tokenizerJson, String source) {
        return special(wordPiece(tokenizerJson, source));
    }

    private static BitSet special(TokenizerFile file) {
        BitSet ids = new BitSet();
        file.json()
                .path("added_tokens")
                .forEach(token -> ids.set(token.path("id").asInt()));
        for (String name : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
            Integer id = file.pieces().get(name);
            if (id != null) {
                ids.set(id);
            }
        }
        return ids;
    }

    private static void renumber(ObjectNode node, String key, Map<Integer, Integer> places) {
        node.put(key, place(node.path(key).asInt(), places));
    }

    private static int place(int id, Map<Integer, Integer> places) {
        Integer place = places.get(id);
        if (place == null) {
            throw new InputException("tokenizer.json: its post-processor puts in the id " + id
                    + ", which is no special token of it; its vocabulary cannot be cut");
        }
        return place;
    }

    private static TokenizerFile wordPiece(byte[] tokenizerJson, String source) {
        TokenizerFile file = TokenizerFile.read(tokenizerJson, source);
        String type = file.json().path("model").path("type").asText("");
        if (!type.equals("WordPiece")) {
            throw new InputException(file.name() + ": its vocabulary cannot be cut, for it is of type "
                    + (type.isEmpty() ? "none" : type) + " and only WordPiece's is; keep the vocabulary");
        }
        return file;
    }

    private static String prefix(TokenizerFile file) {
        return file.json().path("model").path("continuing_subword_prefix").asText("##");
    }

    /** The new {@code tokenizer.json}; not to be changed. */
    public byte[] tokenizerJson() {
        return tokenizerJson;
    }

    /** Old ids of the kept pieces: the new id of each is its place. Also the rows of the word embedding that stay. */
    public List<Integer> kept() {
        return kept;
    }
}
