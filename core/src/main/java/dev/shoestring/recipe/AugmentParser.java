package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads {@code augment}: a list of kinds, each alone or as a mapping with a rate. */
final class AugmentParser {
    private static final List<String> KINDS = List.of("token-dropout", "synonyms", "join-same-label");

    private AugmentParser() {}

    static List<AugmentSpec> read(Section recipe, List<Problem> problems) {
        JsonNode value = recipe.value("augment");
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            recipe.problem("augment", "must be a list such as [token-dropout], but is " + Section.found(value));
            return List.of();
        }
        List<AugmentSpec> specs = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (JsonNode item : value) {
            String key = "augment[" + specs.size() + "]";
            String kind;
            double rate;
            if (item instanceof ObjectNode mapping) {
                Section section = new Section(recipe.pathOf(key), mapping, problems, List.of("kind", "rate"));
                if (!section.has("kind")) {
                    section.problem("kind", "is required; valid: " + String.join(", ", KINDS));
                }
                kind = section.choice("kind", KINDS.get(0), KINDS, List.of());
                rate = section.number("rate", defaultRate(kind), Range.rate());
            } else {
                kind = recipe.choice(key, item, KINDS.get(0), KINDS, List.of());
                rate = defaultRate(kind);
            }
            String written = (item.isTextual() ? item : item.path("kind")).asText();
            if (written.equals(kind) && !seen.add(kind)) {
                recipe.problem(key, kind + " is given twice; keep one of them");
            }
            specs.add(of(kind, rate));
        }
        return specs;
    }

    private static double defaultRate(String kind) {
        return kind.equals("join-same-label") ? 0.2 : 0.1;
    }

    private static AugmentSpec of(String kind, double rate) {
        return switch (kind) {
            case "token-dropout" -> new AugmentSpec.TokenDropout(rate);
            case "synonyms" -> new AugmentSpec.Synonyms(rate);
            case "join-same-label" -> new AugmentSpec.JoinSameLabel(rate);
            default -> throw new IllegalStateException(kind);
        };
    }
}
