package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.models.TinyDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExportCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void aModelBecomesAnArtifactAndShards() throws Exception {
        Path model = model();
        Path repository = folder.resolve("repository");
        Cli jar = Cli.run(
                "export",
                model.toString(),
                "--format",
                "maven",
                "--coordinates",
                "org.example:tiny:1",
                "--out",
                repository.toString(),
                "--json");
        assertThat(jar.err()).isEmpty();
        JsonNode document = new ObjectMapper().readTree(jar.out());
        assertThat(document.path("reference").asText()).isEqualTo("maven:org.example:tiny:1");
        assertThat(repository.resolve("org/example/tiny/1/tiny-1.jar")).exists();
        assertThat(repository.toFile().list()).containsExactly("org");

        Path out = folder.resolve("half");
        assertThat(Cli.run(
                                "export",
                                model.toString(),
                                "--format",
                                "safetensors",
                                "--dtype",
                                "bf16",
                                "--shard-size",
                                "4KB",
                                "--out",
                                out.toString())
                        .status())
                .isZero();
        assertThat(new ObjectMapper()
                        .readTree(out.resolve("config.json").toFile())
                        .path("torch_dtype")
                        .asText())
                .isEqualTo("bfloat16");
        Cli again = Cli.run("export", model.toString(), "--format", "safetensors", "--out", out.toString());
        assertThat(again.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(again.err()).contains("is there already; give another place, or delete it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--format gguf --out x --shard-size 5GB|--shard-size: has an effect only with --format safetensors",
                "--format safetensors --out x --quantize q8_0|--quantize: has an effect only with --format gguf",
                "--format gguf --out x --quantize q8_0 --dtype fp16|--dtype: has no effect with --quantize",
                "--format maven --out x|--coordinates: is needed for --format maven",
                "--format maven --out x --coordinates a:b|must be maven:GROUP:ARTIFACT:VERSION",
                "--format safetensors|--out: say where to write",
                "--format safetensors --out x --shard-size 5|--shard-size: must be a size such as 500MB",
                "--format onnx --out x|onnx",
                "--format peft --out x|this model has none"
            })
    void mistakesAreOneMessage(String arguments, String message) throws Exception {
        String[] all =
                ("export " + model() + " " + arguments.replace("--out x", "--out " + folder.resolve("x"))).split(" ");
        Cli result = Cli.run(all);
        assertThat(result.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(result.err()).contains(message).doesNotContain("\tat ");
        assertThat(folder.resolve("x/org")).doesNotExist();
    }

    private Path model() throws Exception {
        Path model = TinyDecoder.folder(folder.resolve("model"), "llama");
        Files.writeString(model.resolve("tokenizer.json"), "{}");
        return model;
    }
}
