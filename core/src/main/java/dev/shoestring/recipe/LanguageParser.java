package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the keys that only language models have. */
final class LanguageParser {
    private static final String PLACES = "files, folders, jars or maven:GROUP:ARTIFACT:VERSION[:CLASSIFIER]";
    private static final String[] KEYS = {"z_loss", "sequence_warmup", "neftune", "preference", "memory"};
    private static final List<String> FORMS = List.of("alpaca", "sharegpt", "messages", "prompt-completion");
    private static final int LONGEST = 1 << 20;

    private LanguageParser() {}

    static LanguageSpec read(Section recipe, Task task, AdaptSpec adapt, OptimizerSpec optimizer) {
        if (!task.language()) {
            recipe.noEffect("with task: " + task.key(), KEYS);
            return LanguageSpec.PLAIN;
        }
        if (task != Task.LANGUAGE_MODEL) {
            recipe.noEffect("with task: " + task.key(), "sequence_warmup");
        }
        if (task == Task.PREFERENCE) {
            recipe.noEffect("with task: preference, whose loss is no cross-entropy", "z_loss");
        } else {
            recipe.noEffect("with task: " + task.key(), "preference");
        }
        // Other problems of data are found where it is read.
        Section data = recipe.partOf("data", recipe.node("data"));
        int length = data.integer("sequence_length", task == Task.LANGUAGE_MODEL ? 256 : 512, 8, LONGEST);
        return new LanguageSpec(
                length,
                data.choice("document", LanguageSpec.Unit.FILE, List.of()),
                extensions(data),
                more(data),
                data.has("form") ? data.choice("form", FORMS.get(0), FORMS, List.of()) : null,
                recipe.number("z_loss", 0, Range.closed(0, 1)),
                warmup(recipe, length),
                recipe.number("neftune", 0, Range.closed(0, 100)),
                task == Task.PREFERENCE ? preference(recipe) : PreferenceSpec.PLAIN,
                MemoryParser.read(recipe, adapt, optimizer));
    }

    private static List<String> more(Section data) {
        JsonNode value = data.has("more") ? data.value("more") : null;
        List<String> more = new ArrayList<>();
        if (value != null && !value.isArray()) {
            data.problem("more", "must be a list of " + PLACES + ", but is " + Section.found(value));
        } else if (value != null) {
            for (JsonNode one : value) {
                if (one.isTextual() && !one.textValue().isBlank()) {
                    more.add(one.textValue());
                } else {
                    data.problem("more", "must name " + PLACES + ", but holds " + Section.found(one));
                }
            }
            more.stream().filter(ReferenceForm::isMaven).forEach(one -> checkMaven(data, one));
        }
        return more;
    }

    private static void checkMaven(Section data, String reference) {
        try {
            ReferenceForm.requireMavenFile(reference);
        } catch (InputException broken) {
            data.problem("more", String.valueOf(broken.getMessage()));
        }
    }

    private static List<String> extensions(Section data) {
        JsonNode value = data.has("extensions") ? data.value("extensions") : null;
        List<String> extensions = new ArrayList<>();
        if (value != null && !value.isArray()) {
            data.problem("extensions", "must be a list such as [.java, .txt], but is " + Section.found(value));
        } else if (value != null) {
            for (JsonNode one : value) {
                if (!one.isTextual() || !one.textValue().matches("\\.[A-Za-z0-9]{1,16}")) {
                    data.problem("extensions", "must be endings such as .java, but holds " + Section.found(one));
                } else {
                    extensions.add(one.textValue().toLowerCase(Locale.ROOT));
                }
            }
        }
        return extensions;
    }

    private static LanguageSpec.@Nullable LengthWarmup warmup(Section recipe, int length) {
        if (!recipe.has("sequence_warmup")) {
            return null;
        }
        Section warmup = recipe.section("sequence_warmup", "from", "until");
        int from = warmup.integer("from", Math.max(8, length / 4), 8, LONGEST);
        if (from > length) {
            warmup.problem(
                    "from", "(" + from + ") must be at most data.sequence_length (" + length + "); nearest: " + length);
        }
        return new LanguageSpec.LengthWarmup(from, warmup.number("until", 0.3, Range.positive(1)));
    }

    private static PreferenceSpec preference(Section recipe) {
        Section preference = recipe.section("preference", "beta", "label_smoothing", "sft_weight");
        return new PreferenceSpec(
                preference.number("beta", PreferenceSpec.PLAIN.beta(), Range.positive(100)),
                preference.number("label_smoothing", 0, Range.below(0.5)),
                preference.number("sft_weight", 0, Range.closed(0, 100)));
    }
}
