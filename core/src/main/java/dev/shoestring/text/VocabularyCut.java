package dev.shoestring.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
        file.json().path("added_tokens").forEach(token -> ids.set(token.path("id").asInt()));
        for (String name : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
            Integer id = file.pieces().get(name);
            if (id != null) {
                ids.set(id);
            }
        }
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
        TokenizerFile file = wordPiece(tokenizerJson, source);
        BitSet all = required(tokenizerJson, source);
        all.or(wanted);
        List<Integer> kept = all.stream().boxed().toList();
        Map<Integer, Integer> places = new LinkedHashMap<>();
        kept.forEach(id -> places.put(id, places.size()));
        ObjectNode json = file.json().deepCopy();
        ObjectNode vocabulary = JSON.createObjectNode();
        Map<Integer, String> byPlace = new LinkedHashMap<>();
        json.path("model").path("vocab").properties().forEach(piece -> {
            Integer place = places.get(piece.getValue().asInt());
            if (place != null) {
                byPlace.put(place, piece.getKey());
            }
        });
        byPlace.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(piece -> vocabulary.put(piece.getValue(), piece.getKey()));
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
            return new VocabularyCut(JSON.writeValueAsBytes(json), kept);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
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
