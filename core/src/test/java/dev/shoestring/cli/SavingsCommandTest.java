package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.RealModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole ladder, with a network small enough for a test. */
final class SavingsCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void theLadderEndsWithTheResultMadeSmallerAndGoesOnWhereItStopped(@TempDir Path folder) throws IOException {
        List<String> csv = new ArrayList<>(List.of("body,topic"));
        for (int i = 0; i < 300; i++) {
            boolean bill = i % 2 == 0;
            csv.add((bill
                            ? "the invoice number " + i + " was charged twice"
                            : "the app number " + i + " crashes on start")
                    + (bill ? ",billing" : ",bug"));
        }
        Files.write(folder.resolve("tickets.csv"), csv);
        Path recipe = folder.resolve("tickets.yaml");
        Files.writeString(recipe, """
                task: text-classification
                model: {fresh: bert, tokenizer: "%s", layers: 2, hidden_size: 48, num_heads: 4, intermediate_size: 96}
                data: {train: "%s", text: body, label: topic, validation: 0.2, test: 0.1, train_examples: 120, max_tokens: 32}
                adapt: full
                precision: fp32
                batch: {global: 8}
                optimizer: {kind: adamw, lr: 3.0e-3, head_lr: 3.0e-3}
                schedule: {kind: warmup-linear, epochs: 4, warmup: 0.1}
                """.formatted(RealModel.REFERENCE, folder.resolve("tickets.csv")));
        String[] command = {
            "savings",
            recipe.toString(),
            "--seeds",
            "1",
            "--streamlined",
            "0.6x",
            "--folder",
            folder.resolve("ladder").toString(),
            "--json"
        };
        Cli first = Cli.run(command);
        assertThat(first.status()).as(first.err()).isZero();
        JsonNode report = JSON.readTree(first.out());
        assertThat(report.path("ladder")).hasSize(2);
        JsonNode streamlined = report.path("streamlined");
        assertThat(streamlined.path("flops").path("mean").asDouble()).isGreaterThan(1 / 0.6);
        assertThat(streamlined.path("value").asDouble()).isGreaterThan(0.75);
        assertThat(streamlined.path("cost").path("seconds").asDouble()).isPositive();
        assertThat(folder.resolve("ladder/report.html")).content().contains("Streamlined");

        Cli again = Cli.run(command);
        assertThat(again.err()).contains("rung streamlined, seed 1: done before");
        assertThat(JSON.readTree(again.out())).isEqualTo(report);
    }
}
