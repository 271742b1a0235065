package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Reads {@code adapt}: a kind alone, or a mapping with one. */
final class AdaptParser {
    private static final List<String> KINDS = List.of("full", "head");
    private static final List<String> LATER = List.of("lora", "gradual");
    private static final String WORD_EMBEDDINGS = "word-embeddings";

    private AdaptParser() {}

    static AdaptSpec read(Section recipe) {
        JsonNode value = recipe.value("adapt");
        if (value == null) {
            return new AdaptSpec.Full(false);
        }
        if (!(value instanceof ObjectNode)) {
            return of(recipe.choice("adapt", value, "full", KINDS, LATER), false);
        }
        Section adapt = recipe.section("adapt", "kind", "freeze");
        if (!adapt.has("kind")) {
            adapt.problem("kind", "is required; valid: " + String.join(", ", KINDS));
        }
        String kind = adapt.choice("kind", "full", KINDS, LATER);
        if (kind.equals("head")) {
            adapt.noEffect("with adapt: head, which freezes the whole encoder", "freeze");
            return new AdaptSpec.Head();
        }
        return of(kind, freezesWordEmbeddings(adapt));
    }

    private static AdaptSpec of(String kind, boolean freezeWordEmbeddings) {
        return kind.equals("head") ? new AdaptSpec.Head() : new AdaptSpec.Full(freezeWordEmbeddings);
    }

    private static boolean freezesWordEmbeddings(Section adapt) {
        JsonNode freeze = adapt.value("freeze");
        if (freeze == null) {
            return false;
        }
        if (!freeze.isArray()) {
            adapt.problem("freeze", "must be a list such as [word-embeddings], but is " + Section.found(freeze));
            return false;
        }
        for (JsonNode part : freeze) {
            adapt.choice("freeze", part, WORD_EMBEDDINGS, List.of(WORD_EMBEDDINGS), List.of());
        }
        return !freeze.isEmpty();
    }
}
