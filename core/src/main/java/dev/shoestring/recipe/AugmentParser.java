package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads {@code augment}: a list of kinds, each alone or as a mapping with a rate. */
final class AugmentParser {
    private static final List<String> KINDS = List.of("token-dropout", "synonyms", "join-same-label");

    private AugmentParser() {}

    private static final List<String> IMAGE_KINDS =
            Arrays.stream(ImageAugment.values()).map(ImageAugment::key).toList();

    static List<AugmentSpec> read(Section recipe, Task task, List<Problem> problems) {
        JsonNode value = recipe.value("augment");
        if (value == null) {
            return List.of();
        }
        if (task.language()) {
            recipe.noEffect("with task: " + task.key(), "augment");
            return List.of();
        }
        String example =
                switch (task) {
                    case TEXT_CLASSIFICATION -> "token-dropout";
                    case IMAGE_CLASSIFICATION -> "flip";
                    case LANGUAGE_MODEL, CHAT, PREFERENCE -> "";
                };
        if (!value.isArray()) {
            recipe.problem("augment", "must be a list such as [" + example + "], but is " + Section.found(value));
            return List.of();
        }
        return switch (task) {
            case TEXT_CLASSIFICATION -> texts(recipe, value, problems);
            case IMAGE_CLASSIFICATION -> images(recipe, value, problems);
            case LANGUAGE_MODEL, CHAT, PREFERENCE -> List.of();
        };
    }

    private static List<AugmentSpec> images(Section recipe, JsonNode value, List<Problem> problems) {
        List<AugmentSpec> specs = new ArrayList<>();
        Set<ImageAugment> seen = EnumSet.noneOf(ImageAugment.class);
        for (JsonNode item : value) {
            String key = "augment[" + specs.size() + "]";
            AugmentSpec.Image spec;
            if (item instanceof ObjectNode mapping) {
                Section section =
                        new Section(recipe.pathOf(key), mapping, problems, List.of("kind", "rate", "strength"));
                if (!section.has("kind")) {
                    section.problem("kind", "is required; valid: " + String.join(", ", IMAGE_KINDS));
                }
                ImageAugment kind = kind(section.choice("kind", IMAGE_KINDS.get(0), IMAGE_KINDS, List.of()));
                spec = new AugmentSpec.Image(
                        kind,
                        section.number("rate", kind.rate(), Range.positive(1)),
                        section.number("strength", kind.strength(), Range.positive(kind.strongest())));
            } else {
                ImageAugment kind = kind(recipe.choice(key, item, IMAGE_KINDS.get(0), IMAGE_KINDS, List.of()));
                spec = new AugmentSpec.Image(kind, kind.rate(), kind.strength());
            }
            String written = (item.isTextual() ? item : item.path("kind")).asText();
            if (written.equals(spec.kind().key()) && !seen.add(spec.kind())) {
                recipe.problem(key, written + " is given twice; keep one of them");
            }
            specs.add(spec);
        }
        if (seen.contains(ImageAugment.FLIP) && seen.contains(ImageAugment.ALTERNATING_FLIP)) {
            recipe.problem("augment", "flip and alternating-flip undo each other; keep one of them");
        }
        return specs;
    }

    private static ImageAugment kind(String key) {
        return ImageAugment.valueOf(key.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private static List<AugmentSpec> texts(Section recipe, JsonNode value, List<Problem> problems) {
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
