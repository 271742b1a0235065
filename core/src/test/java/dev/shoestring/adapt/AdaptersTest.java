package dev.shoestring.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.Close;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.Weights;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.TinyDecoder;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against PEFT: the fixtures are made by {@code compat/make_peft_fixtures.py}. */
final class AdaptersTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @ParameterizedTest
    @CsvSource({"lora-llama, llama, 6, 12", "dora-qwen2, qwen2, 14, 42", "rslora-qwen3, qwen3, 4, 8"})
    void adaptersOfPeftComputeWhatTheyDoThere(String name, String variant, int layers, int tensors) throws Exception {
        try (ParameterStore store = store(variant)) {
            Decoder decoder = new Decoder(DecoderConfigs.read(TinyDecoder.config(variant), variant), store);
            AdaptSpec.Lora settings = Adapters.load(adapter(name), store);
            Close.fp32("loaded", TinyDecoder.logits(decoder, variant), expected(name));
            assertThat(store.trainable()).hasSize(tensors);

            Path saved = folder.resolve("saved");
            Adapters.save(saved, store, settings, "somewhere");
            try (ParameterStore again = store(variant)) {
                Decoder reopened = new Decoder(DecoderConfigs.read(TinyDecoder.config(variant), variant), again);
                assertThat(Adapters.load(saved, again).scale()).isEqualTo(settings.scale());
                Close.fp32("saved and loaded", TinyDecoder.logits(reopened, variant), expected(name));
            }
            try (Weights ours = Safetensors.open(saved.resolve("adapter_model.safetensors"));
                    Weights theirs = Safetensors.open(adapter(name).resolve("adapter_model.safetensors"))) {
                assertThat(ours.tensors()).isEqualTo(theirs.tensors());
                ours.tensors()
                        .keySet()
                        .forEach(key -> assertThat(ours.read(key)).as(key).isEqualTo(theirs.read(key)));
            }
            assertThat(layers).isEqualTo(tensors / (settings.dora() ? 3 : 2));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lora-llama, qwen2, model.layers.0.self_attn.v_proj.lora_B",
        "rslora-qwen3, llama-biased, the adapter does not fit the model",
        "dora-qwen2, qwen3, the adapter does not fit the model"
    })
    void anAdapterOfAnotherModelIsRefused(String name, String variant, String message) throws Exception {
        Path other = copy(name);
        if (name.equals("lora-llama")) {
            // Both have the same sizes: another width is claimed.
            set(other, "r", "4");
        }
        String start = name.equals("lora-llama") ? "is [3, 16] instead of [4, 16]" : message;
        refused(variant, other, start);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "peft_type|\"IA3\"|peft_type must be LORA, the only kind of adapter that is read, but is \"IA3\"",
                "modules_to_save|[\"lm_head\"]|modules_to_save is not supported, but is [\"lm_head\"]",
                "rank_pattern|{\"q_proj\": 2}|rank_pattern is not supported",
                "alpha_pattern|{\"q_proj\": 2}|alpha_pattern is not supported",
                "layers_to_transform|[0]|layers_to_transform is not supported",
                "layer_replication|[[0, 1]]|layer_replication is not supported",
                "a_later_invention|true|a_later_invention is not supported",
                "fan_in_fan_out|true|fan_in_fan_out is not supported",
                "bias|\"all\"|bias must be none, but is \"all\"",
                "init_lora_weights|\"pissa\"|init_lora_weights changes the base model",
                "r|0|r must be a whole number",
                "r|1e9|r must be a whole number",
                "r|65537|r must be a whole number",
                "lora_alpha|\"x\"|lora_alpha must be a number",
                "lora_alpha|1e400|lora_alpha must be a number",
                "lora_dropout|2|lora_dropout must be a number from 0 to 1",
                "target_modules|[]|target_modules must name layers",
                "target_modules|[3]|target_modules must name layers",
                "target_modules|[\"q_proj\", \"k_proj\"]|target_modules names model.layers.0.self_attn.k_proj",
                "use_dora|true|is not whole, it has only [lora_A, lora_B]"
            })
    void whatIsNotSupportedIsRefusedByName(String key, String value, String message) throws Exception {
        Path changed = copy("lora-llama");
        set(changed, key, value);
        refused("llama", changed, message);
    }

    @Test
    void aPatternMeansTheLayersThatAreThere() throws Exception {
        Path changed = copy("lora-llama");
        set(changed, "target_modules", "\".*(q|v|down)_proj\"");
        try (ParameterStore store = store("llama")) {
            Decoder decoder = new Decoder(DecoderConfigs.read(TinyDecoder.config("llama"), "llama"), store);
            Adapters.load(changed, store);
            Close.fp32("loaded", TinyDecoder.logits(decoder, "llama"), expected("lora-llama"));
        }
    }

    @Test
    void missingFilesAreNamed() throws Exception {
        Path changed = copy("lora-llama");
        Files.delete(changed.resolve("adapter_model.safetensors"));
        refused("llama", changed, "has no adapter_model.safetensors");
        Files.delete(changed.resolve("adapter_config.json"));
        refused("llama", changed, "has no adapter_config.json");
    }

    private static void refused(String variant, Path adapter, String message) {
        try (ParameterStore store = store(variant)) {
            Decoder decoder = new Decoder(DecoderConfigs.read(TinyDecoder.config(variant), variant), store);
            float[] before = TinyDecoder.logits(decoder, variant);
            assertThatThrownBy(() -> Adapters.load(adapter, store))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(adapter.toString())
                    .hasMessageContaining(message);
            assertThat(TinyDecoder.logits(decoder, variant)).isEqualTo(before);
        }
    }

    private Path copy(String name) throws Exception {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        for (String file : new String[] {"adapter_config.json", "adapter_model.safetensors"}) {
            Files.copy(adapter(name).resolve(file), copy.resolve(file));
        }
        return copy;
    }

    private static void set(Path adapter, String key, String value) throws IOException {
        Path file = adapter.resolve("adapter_config.json");
        ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
        json.set(key, JSON.readTree(value));
        JSON.writeValue(file.toFile(), json);
    }

    private static ParameterStore store(String variant) {
        Path weights = Path.of(resource("/dev/shoestring/models/decoder-" + variant + ".safetensors"));
        Weights fixture = Safetensors.open(weights);
        return new ParameterStore(
                name -> {
                    var info = fixture.tensors().get("weights." + name);
                    return info == null ? null : StoredTensors.load(fixture, info, variant);
                },
                0);
    }

    private static float[] expected(String name) {
        try (TensorScope scope = TensorScope.open();
                Weights weights = Safetensors.open(adapter(name).resolve("expected.safetensors"))) {
            return StoredTensors.load(
                            weights, Objects.requireNonNull(weights.tensors().get("logits")), name)
                    .toFloats();
        }
    }

    private static Path adapter(String name) {
        return Path.of(resource("/dev/shoestring/adapt/" + name));
    }

    private static String resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(AdaptersTest.class.getResource(name), name)
                            .toURI())
                    .toString();
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
