package dev.shoestring.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code adapter_config.json} of a LoRA or DoRA adapter, as Hugging Face's PEFT writes it. A setting that is not known here and that is
 * not off is refused by its name, so that no adapter is computed otherwise than it was trained.
 *
 * @param rank rank of the updates
 * @param alpha scale of the updates: {@code alpha / rank}
 * @param rankStabilized whether the scale is {@code alpha / √rank}
 * @param dora whether rows have a trained length
 * @param dropout share of inputs of the updates that training leaves out
 * @param targets layers by the last parts of their names; empty where a pattern chose them
 * @param base the model that the adapter was trained on, a path or a name of the hub
 */
public record PeftConfig(
        int rank,
        double alpha,
        boolean rankStabilized,
        boolean dora,
        double dropout,
        List<String> targets,
        @Nullable String base) {
    private static final int LARGEST_RANK = 1 << 16;
    private static final int MOST_TARGETS = 100_000;
    private static final Set<String> READ = Set.of(
            "peft_type",
            "r",
            "lora_alpha",
            "use_rslora",
            "use_dora",
            "lora_dropout",
            "target_modules",
            "base_model_name_or_path",
            "bias",
            "init_lora_weights");
    /** They say how the adapter was made, or belong to settings that are refused. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "task_type",
            "inference_mode",
            "peft_version",
            "revision",
            "auto_mapping",
            "megatron_core",
            "loftq_config",
            "eva_config",
            "layers_pattern",
            "qalora_group_size",
            "runtime_config");

    /** Copies the list. */
    public PeftConfig {
        targets = List.copyOf(targets);
    }

    /**
     * Reads the configuration.
     *
     * @param where names the file in messages
     * @throws InputException with everything that is missing, impossible or not supported
     */
    public static PeftConfig read(JsonNode json, String where) {
        String type = json.path("peft_type").asText("");
        if (!type.equals("LORA")) {
            throw new InputException(where + ": peft_type must be LORA, the only kind of adapter that is read, but is "
                    + (type.isEmpty() ? "missing" : "\"" + shorten(type) + "\""));
        }
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, JsonNode> setting : json.properties()) {
            String name = setting.getKey();
            if (!READ.contains(name) && !WITHOUT_EFFECT.contains(name) && !off(setting.getValue())) {
                problems.add(shorten(name) + " is not supported, but is "
                        + shorten(setting.getValue().toString()));
            }
        }
        if (!json.path("bias").asText("none").equals("none")) {
            problems.add(
                    "bias must be none, but is " + shorten(json.path("bias").toString()));
        }
        JsonNode start = json.path("init_lora_weights");
        if (start.isTextual() && !start.asText().equals("gaussian")) {
            problems.add("init_lora_weights changes the base model where it is " + shorten(start.toString())
                    + ", which is not supported; convert the adapter with PEFT");
        }
        JsonNode rank = json.path("r");
        if (!rank.isInt() || rank.intValue() < 1 || rank.intValue() > LARGEST_RANK) {
            problems.add("r must be a whole number from 1 to " + LARGEST_RANK + ", but is " + show(rank));
        }
        JsonNode alpha = json.path("lora_alpha");
        if (!alpha.isNumber() || !(Math.abs(alpha.doubleValue()) < 1e6)) {
            problems.add("lora_alpha must be a number below 1000000, but is " + show(alpha));
        }
        JsonNode dropout = json.path("lora_dropout");
        if (!dropout.isMissingNode()
                && !(dropout.isNumber() && dropout.doubleValue() >= 0 && dropout.doubleValue() < 1)) {
            problems.add("lora_dropout must be a number from 0 to 1, but is " + show(dropout));
        }
        List<String> targets = targets(json.path("target_modules"), problems);
        if (!problems.isEmpty()) {
            throw new InputException(where + ": " + String.join("; ", problems));
        }
        JsonNode base = json.path("base_model_name_or_path");
        return new PeftConfig(
                rank.intValue(),
                alpha.doubleValue(),
                json.path("use_rslora").asBoolean(false),
                json.path("use_dora").asBoolean(false),
                dropout.asDouble(0),
                targets,
                base.isTextual() && !base.asText().isBlank() ? base.asText() : null);
    }

    private static boolean off(JsonNode value) {
        return value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isContainerNode() && value.isEmpty())
                || (value.isTextual() && value.asText().isEmpty());
    }

    /** A text is a pattern: which layers it means is seen in the weights. */
    private static List<String> targets(JsonNode json, List<String> problems) {
        List<String> targets = new ArrayList<>();
        if (json.isArray() && !json.isEmpty() && json.size() <= MOST_TARGETS) {
            for (JsonNode target : json) {
                if (!target.isTextual() || target.asText().isEmpty()) {
                    problems.add("target_modules must name layers, but has " + show(target));
                    return targets;
                }
                targets.add(target.asText());
            }
        } else if (!json.isTextual()) {
            problems.add("target_modules must name layers, but is " + show(json));
        }
        return targets;
    }

    /** The configuration as PEFT reads it. */
    public ObjectNode write() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM").put("base_model_name_or_path", base);
        json.put("r", rank).put("lora_alpha", alpha).put("lora_dropout", dropout);
        if (alpha == Math.rint(alpha)) {
            json.put("lora_alpha", (long) alpha);
        }
        ArrayNode names = json.putArray("target_modules");
        targets.forEach(names::add);
        json.put("use_rslora", rankStabilized).put("use_dora", dora);
        json.put("bias", "none").put("fan_in_fan_out", false).put("inference_mode", true);
        json.put("init_lora_weights", true);
        json.putNull("modules_to_save").putNull("layers_to_transform").putNull("layers_pattern");
        json.putObject("rank_pattern");
        json.putObject("alpha_pattern");
        return json;
    }

    private static String show(JsonNode value) {
        return value.isMissingNode() ? "missing" : shorten(value.toString());
    }

    private static String shorten(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
