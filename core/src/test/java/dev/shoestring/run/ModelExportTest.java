package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.Close;
import dev.shoestring.adapt.Adapters;
import dev.shoestring.adapt.DecoderAdaptation;
import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.GgufType;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.hub.Progress;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.DecoderWeights;
import dev.shoestring.models.TinyDecoder;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelExportTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama3", "qwen3"})
    void shardsAreReadBack(String variant) throws IOException {
        Path out = folder.resolve("out");
        try (ModelExport export = ModelExport.open(model(variant).toString(), null, Progress.silent())) {
            export.safetensors(out, ElementType.F32, 4000);
        }
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.filter(file -> file.toString().endsWith(".safetensors")))
                    .hasSizeGreaterThan(2);
        }
        Close.fp32("exported", logits(out, variant), TinyDecoder.logits(variant));
        assertThat(out.resolve("tokenizer.json")).exists();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".tmp"));
        }
    }

    @Test
    void anAdapterIsMergedIntoTheBaseThatItNames() throws IOException {
        Path base = model("qwen2");
        Path adapter = folder.resolve("adapter");
        float[] adapted = adapter(base, adapter, base.toString());
        Path out = folder.resolve("out");
        try (ModelExport export = ModelExport.open(adapter.toString(), null, Progress.silent())) {
            assertThat(export.storedType()).isEqualTo(ElementType.F32);
            export.safetensors(out, ElementType.F32, Long.MAX_VALUE);
            export.peft(folder.resolve("again"));
        }
        assertThat(out.resolve("model.safetensors")).exists();
        Close.fp32("merged", logits(out, "qwen2"), adapted);
        assertThat(folder.resolve("again/adapter_model.safetensors"))
                .hasSameBinaryContentAs(adapter.resolve("adapter_model.safetensors"));
    }

    @Test
    void mistakesAreNamed() throws IOException {
        Path base = model("qwen2");
        assertThatThrownBy(() -> ModelExport.open(base.toString(), "other", Progress.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--base: is the base of an adapter, but");
        Path adapter = folder.resolve("adapter");
        adapter(base, adapter, null);
        assertThatThrownBy(() -> ModelExport.open(adapter.toString(), null, Progress.silent()))
                .hasMessageContaining("the adapter does not say which model it belongs to; give it by --base");
        try (ModelExport export = ModelExport.open(base.toString(), null, Progress.silent())) {
            assertThatThrownBy(() -> export.peft(folder.resolve("out"))).hasMessageContaining("this model has none");
            assertThatThrownBy(() -> export.gguf(folder.resolve("x.gguf"), GgufType.F16))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("tokenizer.json");
            assertThat(folder.resolve("x.gguf")).doesNotExist();
        }
    }

    private Path model(String variant) throws IOException {
        Path base = TinyDecoder.folder(folder.resolve("base"), variant);
        Files.writeString(base.resolve("tokenizer.json"), "{}");
        return base;
    }

    private static float[] adapter(Path base, Path out, @org.jspecify.annotations.Nullable String name) {
        try (ModelFiles files = Models.open(base.toString(), Progress.silent());
                DecoderWeights weights = DecoderWeights.of(config(files), files.weights(), "base");
                ParameterStore store = new ParameterStore(weights, 0)) {
            Decoder decoder = new Decoder(config(files), store);
            AdaptSpec.Lora settings = new AdaptSpec.Lora(2, 4, List.of("q_proj", "up_proj"), true, false);
            DecoderAdaptation.apply(store, settings);
            store.trainable().values().forEach(parameter -> parameter.fillNormal(0, 0.5));
            Adapters.save(out, store, settings, name);
            return TinyDecoder.logits(decoder, "qwen2");
        }
    }

    private static float[] logits(Path model, String variant) {
        try (ModelFiles files = Models.open(model.toString(), Progress.silent());
                DecoderWeights weights = DecoderWeights.of(config(files), files.weights(), "exported");
                ParameterStore store = new ParameterStore(weights, 0)) {
            return TinyDecoder.logits(new Decoder(config(files), store), variant);
        }
    }

    private static DecoderConfig config(ModelFiles files) {
        return DecoderConfigs.read(files.config(), "tiny");
    }
}
