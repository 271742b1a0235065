package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.generate.EndReason;
import dev.shoestring.generate.GenerationSettings;
import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.Progress;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.models.TinyDecoders;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A decoder of the fixtures with a tokenizer whose pieces are the words w0 to w39. */
final class LanguageModelTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    private void model(int words, String... leftOut) throws IOException {
        try (TinyDecoders tiny = TinyDecoders.open("qwen3")) {
            List<Safetensors.TensorData> tensors = new ArrayList<>();
            tiny.fixture().tensors().forEach((name, info) -> {
                String plain = name.startsWith("weights.") ? name.substring("weights.".length()) : "";
                if (!plain.isEmpty() && !List.of(leftOut).contains(plain)) {
                    tensors.add(new Safetensors.TensorData(
                            new TensorInfo(plain, ElementType.F32, info.shape()),
                            tiny.fixture().read(name)));
                }
            });
            Safetensors.write(folder.resolve("model.safetensors"), Map.of(), tensors);
        }
        write("config.json", (ObjectNode) TinyDecoders.json("qwen3"));
        ObjectNode tokenizer = JSON.createObjectNode();
        tokenizer.put("version", "1.0").putArray("added_tokens");
        tokenizer.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        ObjectNode pieces = tokenizer
                .putObject("model")
                .put("type", "WordLevel")
                .put("unk_token", "w0")
                .putObject("vocab");
        for (int i = 0; i < words; i++) {
            pieces.put("w" + i, i);
        }
        write("tokenizer.json", tokenizer);
    }

    private void write(String name, ObjectNode json) throws IOException {
        JSON.writeValue(folder.resolve(name).toFile(), json);
    }

    private static String words(int[] ids) {
        return Arrays.stream(ids).mapToObj(id -> "w" + id).collect(Collectors.joining(" "));
    }

    private LanguageModel open() {
        return LanguageModel.open(folder.toString(), Precision.FP32, Progress.silent());
    }

    private void refused(String... said) {
        assertThatThrownBy(() -> open().close())
                .isInstanceOf(InputException.class)
                .satisfies(refusal -> assertThat(refusal.getMessage()).contains(said));
    }

    @Test
    void textIsThatOfTransformersAndEndsWhereItShould() throws Exception {
        model(40);
        write("generation_config.json", JSON.createObjectNode().put("eos_token_id", -1));
        int[] prompt;
        int[] made;
        try (TinyDecoders tiny = TinyDecoders.open("qwen3")) {
            prompt = Arrays.copyOf(tiny.numbers("ids"), 5);
            made = tiny.numbers("generated");
        }
        GenerationSettings settings = GenerationSettings.greedy(16);
        try (LanguageModel model = open()) {
            StringBuilder heard = new StringBuilder();
            Generation all = model.generate(List.of(words(prompt)), settings, (row, text) -> heard.append(text))
                    .get(0);
            assertThat(all.prompt() + all.text()).isEqualTo(words(prompt) + " " + words(made));
            assertThat(heard).hasToString(all.text());
            assertThat(model.pace().newTokens()).isEqualTo(15);
            // Across the border of two tokens.
            String stop = "w" + made[2] + " w" + made[3];
            Generation stopped = model.generate(
                            List.of(words(prompt)), settings.withStop(List.of(stop)), TextListener.none())
                    .get(0);
            assertThat(stopped.text()).isEqualTo(" w" + made[0] + " w" + made[1] + " ");
            assertThat(stopped.reason()).isEqualTo(EndReason.STOP);
            assertThat(Arrays.stream(model.logProbabilities(words(prompt))).boxed())
                    .hasSize(4)
                    .allMatch(value -> value < 0);
        }
        ObjectNode ends = JSON.createObjectNode();
        ends.putArray("eos_token_id").add(39).add(made[1]);
        write("generation_config.json", ends);
        try (LanguageModel model = open()) {
            Generation ended = model.generate(List.of(words(prompt)), settings, TextListener.none())
                    .get(0);
            assertThat(ended.text()).isEqualTo(" w" + made[0]);
            assertThat(ended.ids()).containsExactly(made[0], made[1]);
            assertThat(ended.reason()).isEqualTo(EndReason.END);
        }
    }

    @Test
    void filesThatDoNotBelongTogetherAreRefused() throws Exception {
        model(41);
        refused("ids from 0 to 40", "40 rows");
        model(40, "lm_head.weight");
        refused("1 missing (lm_head.weight)");
        model(40);
        write("generation_config.json", JSON.createObjectNode().put("eos_token_id", 40));
        refused("eos_token_id must be an id from 0 to 39");
        write(
                "generation_config.json",
                JSON.createObjectNode().put("do_sample", true).put("top_p", 7));
        refused("top_p: must be above 0");
        Files.writeString(folder.resolve("generation_config.json"), "[]");
        refused("generation_config.json is no JSON object");
    }

    @Test
    void advisedSettingsAreTaken() throws Exception {
        model(40);
        write(
                "generation_config.json",
                JSON.createObjectNode()
                        .put("do_sample", true)
                        .put("temperature", 0.6)
                        .put("top_k", 20));
        try (LanguageModel model = open()) {
            assertThat(model.defaults().sampling())
                    .isEqualTo(new dev.shoestring.generate.Sampling.Drawn(0.6, 20, 1, 0));
        }
    }
}
