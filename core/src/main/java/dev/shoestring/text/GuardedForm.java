package dev.shoestring.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A form of a tokenizer in which no text that was written before it was made can spell a control token: each control token has a
 * new name that cannot be guessed. Whoever knows the names still can place control tokens, and everything else (normalization,
 * splitting, merges, the handling of spaces around control tokens) stays the file's own.
 *
 * @param json the changed {@code tokenizer.json}
 * @param names the new name of each control token, by its written one
 */
record GuardedForm(ObjectNode json, Map<String, String> names) {
    /** Unicode's noncharacters: no normalization changes them, and no text is made of them. */
    private static final char OPEN = '\uFDD0';

    private static final char CLOSE = '\uFDD1';

    static GuardedForm of(ObjectNode original) {
        ObjectNode json = original.deepCopy();
        String secret = UUID.randomUUID().toString().replace("-", "");
        Map<String, String> names = new LinkedHashMap<>();
        for (JsonNode token : json.path("added_tokens")) {
            String content = token.path("content").asText();
            if (isControl(token) && token instanceof ObjectNode changed) {
                String name = OPEN + secret + "x" + names.size() + CLOSE;
                names.put(content, name);
                changed.put("content", name).put("normalized", false);
            }
        }
        if (json.path("model") instanceof ObjectNode model) {
            renameVocabulary(model, names);
        }
        return new GuardedForm(json, names);
    }

    /**
     * Whether an added token steers a model rather than standing for text: it is marked special, or written as a tag
     * ({@code <think>}, {@code [INST]}).
     */
    static boolean isControl(JsonNode addedToken) {
        String content = addedToken.path("content").asText().strip();
        return addedToken.path("special").asBoolean()
                || (content.startsWith("<") && content.endsWith(">"))
                || (content.startsWith("[") && content.endsWith("]"));
    }

    private static void renameVocabulary(ObjectNode model, Map<String, String> names) {
        if (model.path("vocab") instanceof ObjectNode vocabulary) {
            Map<String, JsonNode> renamed = new HashMap<>();
            names.forEach((content, name) -> {
                JsonNode id = vocabulary.remove(content);
                if (id != null) {
                    renamed.put(name, id);
                }
            });
            renamed.forEach(vocabulary::set);
            if (model.path("merges") instanceof ArrayNode merges) {
                dropMerges(merges, new HashSet<>(names.keySet()));
            }
        } else {
            for (JsonNode piece : model.path("vocab")) {
                String name = names.get(piece.path(0).asText());
                if (name != null && piece instanceof ArrayNode pair) {
                    pair.set(0, name);
                }
            }
        }
        String unknown = names.get(model.path("unk_token").asText());
        if (unknown != null) {
            model.put("unk_token", unknown);
        }
    }

    /** Leaves out the merges that make a gone piece or use one, and those that use what is no longer made. */
    private static void dropMerges(ArrayNode merges, Set<String> gone) {
        for (int i = 0; i < merges.size(); ) {
            String[] pair = pair(merges.get(i));
            if (pair.length == 2
                    && (gone.contains(pair[0]) || gone.contains(pair[1]) || gone.contains(pair[0] + pair[1]))) {
                merges.remove(i);
            } else {
                i++;
            }
        }
    }

    private static String[] pair(JsonNode merge) {
        return merge.isArray()
                ? new String[] {merge.path(0).asText(), merge.path(1).asText()}
                : merge.asText().split(" ", 2);
    }
}
