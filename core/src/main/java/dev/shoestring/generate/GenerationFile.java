package dev.shoestring.generate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.InputException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a model's authors advise: {@code generation_config.json}, in the form that Transformers writes. */
public final class GenerationFile {
    /** Most new tokens where neither the file nor the user says. */
    public static final int NEW_TOKENS = 256;

    private static final int MOST_ENDS = 1000;

    private GenerationFile() {}

    /**
     * Settings that the file advises; greedy if it does not ask for sampling or is not there.
     *
     * @throws InputException if a value is impossible
     */
    public static GenerationSettings settings(Optional<JsonNode> file, String source) {
        if (file.isEmpty()) {
            return GenerationSettings.greedy(NEW_TOKENS);
        }
        JsonNode json = file.get();
        String where = source + ": generation_config.json: ";
        double temperature = number(json, "temperature", 1, where);
        Sampling sampling = json.path("do_sample").asBoolean(false) && temperature > 0
                ? new Sampling.Drawn(
                        temperature,
                        (int) number(json, "top_k", 0, where),
                        number(json, "top_p", 1, where),
                        number(json, "min_p", 0, where))
                : new Sampling.Greedy();
        return new GenerationSettings(
                (int) number(json, "max_new_tokens", NEW_TOKENS, where),
                sampling,
                number(json, "repetition_penalty", 1, where),
                List.of(),
                0);
    }

    private static double number(JsonNode json, String key, double otherwise, String where) {
        JsonNode value = json.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isNumber()) {
            throw new InputException(where + key + " must be a number, but is " + shorten(value.toString()));
        }
        return value.asDouble();
    }

    /**
     * The tokens that end a text: one or several, from {@code generation_config.json}, otherwise from {@code config.json}; empty if
     * neither names any.
     *
     * @throws InputException if they are no ids of the vocabulary
     */
    public static Set<Integer> ends(Optional<JsonNode> file, JsonNode config, int vocabSize, String source) {
        JsonNode own = file.map(json -> json.path("eos_token_id")).orElse(config.path("eos_token_id"));
        JsonNode ids = own.isMissingNode() || own.isNull() ? config.path("eos_token_id") : own;
        if (ids.isMissingNode() || ids.isNull()) {
            return Set.of();
        }
        if (ids.size() > MOST_ENDS) {
            throw new InputException(source + ": eos_token_id lists " + ids.size() + " ids, more than " + MOST_ENDS);
        }
        Set<Integer> ends = new TreeSet<>();
        for (JsonNode id : ids.isArray() ? ids : List.of(ids)) {
            // -1 stands for none in some models.
            if (id.isIntegralNumber() && id.asLong() == -1) {
                continue;
            }
            if (!id.isIntegralNumber() || id.asLong() < 0 || id.asLong() >= vocabSize) {
                throw new InputException(source + ": eos_token_id must be an id from 0 to " + (vocabSize - 1)
                        + ", or a list of such, but is " + shorten(ids.toString()));
            }
            ends.add(id.intValue());
        }
        return ends;
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }
}
