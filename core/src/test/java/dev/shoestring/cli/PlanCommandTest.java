package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlanCommandTest {
    private static final String TINY = "{\"model_type\":\"llama\",\"hidden_size\":2048,\"num_hidden_layers\":22,"
            + "\"num_attention_heads\":32,\"num_key_value_heads\":4,\"intermediate_size\":5632,\"vocab_size\":32000}";

    @Test
    void backtestAsJson() throws Exception {
        Cli result = Cli.run("plan", "--backtest", "--json");
        assertThat(result.status()).isZero();
        JsonNode document = new ObjectMapper().readTree(result.out());
        assertThat(document.path("published").path("runs").asInt()).isEqualTo(14);
        assertThat(document.path("held_out").path("within_35_percent").asDouble())
                .isGreaterThanOrEqualTo(0.9);
    }

    @Test
    void aConfigAloneIsEnough(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("config.json"), TINY);
        Cli result = Cli.run(
                "plan", folder.toString(), "--on", "a100-40", "--processes", "16", "--tokens", "300e9", "--json");
        assertThat(result.status()).isZero();
        JsonNode document = new ObjectMapper().readTree(result.out());
        assertThat(document.path("parameters").asLong()).isEqualTo(1_100_048_384L);
        assertThat(document.path("device_hours").asDouble()).isBetween(2500.0, 4500.0);
        assertThat(document.path("memory_gib").path("total").asDouble()).isLessThan(40);
        assertThat(document.path("advice").isEmpty()).isFalse();
    }

    @Test
    void aRecipeIsPlannedOnThisMachineAndOnOthers() throws Exception {
        JsonNode here = new ObjectMapper()
                .readTree(Cli.run("plan", "definitions", "--json").out());
        assertThat(here.path("flops").asDouble()).isBetween(15.5e12, 16.5e12); // 15.99e12 counted by the run itself
        assertThat(here.path("trained_parameters").asLong()).isBetween(10_900_000L, 11_100_000L);
        JsonNode there = new ObjectMapper()
                .readTree(Cli.run("plan", "definitions", "--on", "l4", "--json").out());
        assertThat(there.path("seconds").path("middle").asDouble())
                .isLessThan(here.path("seconds").path("middle").asDouble());
    }

    @Test
    void aLanguageModelIsPlannedFromItsRecipeAndItsText(@TempDir Path folder) throws Exception {
        Path corpus = Files.writeString(folder.resolve("corpus.txt"), "The cat is here. ".repeat(20_000));
        Path recipe = Files.writeString(folder.resolve("small.yaml"), """
                task: language-model
                model: {fresh: llama, vocabulary: 256, layers: 2, hidden_size: 32, num_heads: 2, intermediate_size: 64}
                data: {train: "%s", validation: 0.1, sequence_length: 32}
                batch: {global: 8}
                schedule: {epochs: 1}
                """.formatted(corpus));
        JsonNode plan = new ObjectMapper()
                .readTree(Cli.run("plan", recipe.toString(), "--json").out());
        // 340,000 bytes, nine tenths to train on, a token each, in steps of 8 × 32.
        assertThat(plan.path("steps").asDouble()).isBetween(1180.0, 1196.0);
        assertThat(plan.path("parameters").asLong())
                .isEqualTo(plan.path("trained_parameters").asLong());
        assertThat(plan.path("seconds").path("middle").asDouble()).isPositive();
        assertThat(plan.path("money").path("middle").asDouble()).isPositive();
        JsonNode updates = new ObjectMapper()
                .readTree(Cli.run("plan", recipe.toString(), "--set", "adapt=lora", "--json")
                        .out());
        assertThat(updates.path("flops").asDouble())
                .isLessThan(plan.path("flops").asDouble());
        assertThat(Cli.run("plan", recipe.toString()).out()).contains("predicted, not measured", "rows of 32.0 tokens");
        JsonNode glossary = new ObjectMapper()
                .readTree(Cli.run("plan", "glossary", "--on", "l4", "--json").out());
        assertThat(glossary.path("seconds_parts").has("first: glossary-base")).isTrue();
        assertThat(glossary.path("flops").asDouble()).isBetween(40e12, 70e12); // 50.9e12 and 5e12 counted by the runs
        Cli huge = Cli.run("plan", recipe.toString(), "--set", "data.sequence_length=1000000", "--set", "batch=8");
        assertThat(huge.status()).isEqualTo(ExitStatus.BAD_INPUT);
    }

    @Test
    void aRecipeIsSharedByProcesses() throws Exception {
        String[] command = {"plan", "definitions", "--processes", "2,4", "--network", "100Mbit/20ms", "--json"};
        JsonNode shared = new ObjectMapper().readTree(Cli.run(command).out()).path("shared");
        assertThat(shared).hasSize(2);
        JsonNode two = shared.get(0);
        assertThat(two.path("network_bytes_per_second").asDouble()).isEqualTo(12.5e6);
        assertThat(two.path("ways")).hasSize(5);
        JsonNode gradients = two.path("ways").get(0);
        // 11 M numbers that are trained, four bytes each, one way.
        assertThat(gradients.path("bytes_sent_each_step").asDouble()).isBetween(43.6e6, 44.4e6);
        assertThat(gradients.path("waiting_share").asDouble()).isGreaterThan(0.5);
        // Whether two pay depends on how fast this machine is.
        assertThat(two.path("best").asText()).containsAnyOf("local steps", "one process");
        assertThat(two.path("why").get(0).asText())
                .startsWith("Best: " + two.path("best").asText());
        assertThat(Cli.run("plan", "definitions", "--processes", "2", "--on", "l4")
                        .out())
                .contains("Shared by 2 devices in 1 machine", "Best: ");
    }

    @Test
    void whatCannotBeSharedIsSaid() {
        assertThat(Cli.run("plan", "definitions-head", "--processes", "2").err())
                .contains("not shared by processes");
        assertThat(Cli.run("plan", "definitions", "--network", "1Gbit").err())
                .contains("--network: has no effect on one process");
        assertThat(Cli.run("plan", "definitions", "--processes", "2", "--network", "quick")
                        .err())
                .contains("100Mbit/20ms");
        assertThat(Cli.run("plan", "definitions", "--processes", "3", "--nodes", "2")
                        .status())
                .isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(Cli.run("plan", "--backtest", "--nodes", "2").err()).contains("--nodes has no effect");
    }

    @Test
    void badInputIsOneMessageAndTwo(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("config.json"), TINY);
        assertThat(Cli.run("plan", folder.toString(), "--on", "a100")).satisfies(bad -> {
            assertThat(bad.status()).isEqualTo(ExitStatus.BAD_INPUT);
            assertThat(bad.err()).contains("nearest: ");
        });
        assertThat(Cli.run("plan", folder.toString(), "--on", "h100", "--precision", "int4")
                        .err())
                .contains("h100 computes");
        assertThat(Cli.run("plan", folder.toString()).err()).contains("has not been measured");
        assertThat(Cli.run("plan", folder.resolve("none.json").toString(), "--on", "h100")
                        .status())
                .isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(Cli.run("runs", "compare", "--runs", folder.toString()).err())
                .contains("at least two runs");
        assertThat(Cli.run("savings", "definitions-words").err()).contains("no techniques");
        assertThat(Cli.run("savings", "glossary").err()).contains("begins from recipe:glossary-base");
        assertThat(Cli.run("savings", "--seeds", "0").err()).contains("--seeds: must be from 1");
    }
}
