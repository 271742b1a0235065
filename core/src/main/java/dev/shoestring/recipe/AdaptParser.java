package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code adapt}: a kind alone, or a mapping with one. */
final class AdaptParser {
    private static final List<String> KINDS = List.of("full", "head");
    private static final List<String> LATER = List.of("lora", "gradual");
    private static final List<String> IMAGE_KINDS = List.of("full", "head", "gradual", "lora");
    private static final List<String> DECODER_KINDS = List.of("full", "lora", "dora");
    private static final List<String> TARGETS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
    private static final double LR_DECAY = 0.6;
    private static final double UNTIL = 0.5;
    private static final int RANK = 8;
    private static final String WORD_EMBEDDINGS = "word-embeddings";

    private AdaptParser() {}

    static AdaptSpec read(Section recipe, Task task) {
        return switch (task) {
            case TEXT_CLASSIFICATION -> texts(recipe);
            case IMAGE_CLASSIFICATION -> images(recipe);
            case LANGUAGE_MODEL, CHAT, PREFERENCE -> decoders(recipe);
        };
    }

    private static AdaptSpec images(Section recipe) {
        JsonNode value = recipe.value("adapt");
        if (value == null) {
            return new AdaptSpec.Full(false);
        }
        boolean mapping = value instanceof ObjectNode;
        Section adapt = mapping ? recipe.section("adapt", "kind", "lr_decay", "until", "rank", "alpha") : recipe;
        String kind = mapping
                ? requiredKind(adapt, IMAGE_KINDS, List.of())
                : recipe.choice("adapt", value, "full", IMAGE_KINDS, List.of());
        if (mapping && !kind.equals("gradual")) {
            adapt.noEffect("with adapt: " + kind, "lr_decay", "until");
        }
        if (mapping && !kind.equals("lora")) {
            adapt.noEffect("with adapt: " + kind, "rank", "alpha");
        }
        return switch (kind) {
            case "head" -> new AdaptSpec.Head();
            case "gradual" ->
                mapping
                        ? new AdaptSpec.Gradual(
                                adapt.number("lr_decay", LR_DECAY, Range.positive(1)),
                                adapt.number("until", UNTIL, Range.positive(1)))
                        : new AdaptSpec.Gradual(LR_DECAY, UNTIL);
            case "lora" -> {
                int rank = mapping ? adapt.integer("rank", RANK, 1, 256) : RANK;
                yield new AdaptSpec.Lora(
                        rank, mapping ? adapt.number("alpha", 2.0 * rank, Range.positive(1024)) : 2.0 * rank);
            }
            default -> new AdaptSpec.Full(false);
        };
    }

    private static AdaptSpec decoders(Section recipe) {
        JsonNode value = recipe.value("adapt");
        if (value == null) {
            return new AdaptSpec.Full(false);
        }
        boolean mapping = value instanceof ObjectNode;
        Section adapt =
                mapping ? recipe.section("adapt", "kind", "rank", "alpha", "targets", "scaling", "dropout") : recipe;
        String kind = mapping
                ? requiredKind(adapt, DECODER_KINDS, List.of("head"))
                : recipe.choice("adapt", value, "full", DECODER_KINDS, List.of("head"));
        if (kind.equals("full")) {
            if (mapping) {
                adapt.noEffect("with adapt: full", "rank", "alpha", "targets", "scaling", "dropout");
            }
            return new AdaptSpec.Full(false);
        }
        boolean dora = kind.equals("dora");
        if (!mapping) {
            return new AdaptSpec.Lora(RANK, 2.0 * RANK, List.of(), dora, false);
        }
        int rank = adapt.integer("rank", RANK, 1, 1024);
        String scaling = adapt.choice("scaling", "plain", List.of("plain", "root"), List.of());
        return new AdaptSpec.Lora(
                rank,
                adapt.number("alpha", 2.0 * rank, Range.positive(4096)),
                targets(adapt),
                dora,
                scaling.equals("root"),
                adapt.number("dropout", 0, Range.closed(0, 0.9)));
    }

    private static List<String> targets(Section adapt) {
        JsonNode value = adapt.value("targets");
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            adapt.problem("targets", "must be a list such as [q_proj, v_proj], but is " + Section.found(value));
            return List.of();
        }
        List<String> targets = new ArrayList<>();
        for (JsonNode one : value) {
            targets.add(adapt.choice("targets", one, TARGETS.get(0), TARGETS, List.of()));
        }
        return targets;
    }

    private static String requiredKind(Section adapt, List<String> kinds, List<String> later) {
        if (!adapt.has("kind")) {
            adapt.problem("kind", "is required; valid: " + String.join(", ", kinds));
        }
        return adapt.choice("kind", "full", kinds, later);
    }

    private static AdaptSpec texts(Section recipe) {
        JsonNode value = recipe.value("adapt");
        if (value == null) {
            return new AdaptSpec.Full(false);
        }
        if (!(value instanceof ObjectNode)) {
            return of(recipe.choice("adapt", value, "full", KINDS, LATER), false);
        }
        Section adapt = recipe.section("adapt", "kind", "freeze");
        String kind = requiredKind(adapt, KINDS, LATER);
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
