package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.RealModel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each bad input has its one message and exit status 2, and no stack trace. */
final class BadInputTest {
    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void good() throws IOException {
        List<String> csv = new ArrayList<>(List.of("body,topic"));
        for (int i = 0; i < 60; i++) {
            csv.add("text number " + i + " of many," + (i % 2 == 0 ? "one" : "two"));
        }
        Files.write(folder.resolve("good.csv"), csv);
    }

    private static Path table(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static void refused(Cli result, String... said) {
        assertThat(result.status()).as(result.err()).isEqualTo(2);
        assertThat(result.err()).doesNotContain("\tat ").contains(said);
        assertThat(result.err().lines().filter(line -> line.startsWith("shoestring: ")))
                .hasSize(1);
        assertThat(result.out()).isEmpty();
    }

    private static Cli train(Path data, String... further) {
        List<String> arguments = new ArrayList<>(List.of("train", "--data", data.toString(), "--runs", runs()));
        arguments.addAll(List.of(further));
        return Cli.run(arguments.toArray(new String[0]));
    }

    private static String runs() {
        return folder.resolve("runs").toString();
    }

    @Test
    void missingAndEmptyFiles() throws IOException {
        refused(train(folder.resolve("none.csv"), "--text", "body", "--label", "topic"), "none.csv");
        refused(train(table("empty.csv", ""), "--text", "body", "--label", "topic"), "empty.csv");
        refused(train(table("header.csv", "body,topic\n"), "--text", "body", "--label", "topic"), "header.csv");
    }

    @Test
    void oneClassOnly() throws IOException {
        Path file = table("one.csv", "body,topic\n" + "some text,same\nother text,same\n".repeat(20));
        refused(train(file, "--text", "body", "--label", "topic"), "same");
    }

    @Test
    void anUnknownColumnNamesTheNearest() {
        refused(train(folder.resolve("good.csv"), "--text", "bodi", "--label", "topic"), "bodi", "body");
    }

    @Test
    void aTestLabelNeverSeenInTraining() throws IOException {
        Path test = table("test.csv", "body,topic\nsome text,three\nother text,one\n");
        refused(
                train(folder.resolve("good.csv"), "--text", "body", "--label", "topic", "--set", "data.test=" + test),
                "three");
    }

    @Test
    void notUtf8() throws IOException {
        Path file = folder.resolve("latin.csv");
        Files.write(file, "body,topic\ncaf\u00e9,one\nth\u00e9,two\n".getBytes(StandardCharsets.ISO_8859_1));
        refused(train(file, "--text", "body", "--label", "topic"), "latin.csv", "UTF-8");
    }

    @Test
    void aCellOfTenMegabytes() throws IOException {
        Path file = table("cell.csv", "body,topic\n" + "x".repeat(10 << 20) + ",one\nshort,two\n");
        refused(train(file, "--text", "body", "--label", "topic"), "cell.csv");
    }

    @Test
    void aHeaderTwice() throws IOException {
        Path file = table("twice.csv", "body,topic,body\na b c,one,d\ne f g,two,h\n");
        refused(train(file, "--text", "body", "--label", "topic"), "body");
    }

    @Test
    void recipes() throws IOException {
        refused(Cli.run("train", "definitoins", "--runs", runs()), "definitions");
        refused(Cli.run("train", "--set", "optimzer.lr=1", "--runs", runs()), "optimizer");
        refused(Cli.run("train", "--set", "optimizer.lr=-1", "--runs", runs()), "lr", "-1");
        refused(Cli.run("train", table("broken.yaml", "task: [").toString(), "--runs", runs()), "broken.yaml");
    }

    @Test
    void modelsThatAreNone() throws IOException {
        Path data = folder.resolve("good.csv");
        refused(
                train(
                        data,
                        "--text",
                        "body",
                        "--label",
                        "topic",
                        "--model",
                        folder.resolve("no").toString()),
                "no");
        refused(train(data, "--text", "body", "--label", "topic", "--model", "maven:nonsense"), "maven:");

        Path pickled = Files.createDirectories(folder.resolve("pickled"));
        Files.writeString(pickled.resolve("pytorch_model.bin"), "x");
        refused(train(data, "--text", "body", "--label", "topic", "--model", pickled.toString()), "pickle");

        Path decoder = model("decoder", "{\"model_type\": \"llama\", \"hidden_size\": 8}", "{}");
        refused(train(data, "--text", "body", "--label", "topic", "--model", decoder.toString()), "llama");

        Path truncated = model("truncated", config(384), new String(RealModel.tokenizerJson(), StandardCharsets.UTF_8));
        refused(train(data, "--text", "body", "--label", "topic", "--model", truncated.toString()), "safetensors");

        // The weights are the real ones, the configuration would need terabytes.
        Path wide = model("wide", config(60_000), new String(RealModel.tokenizerJson(), StandardCharsets.UTF_8));
        Files.write(wide.resolve("model.safetensors"), oneEmbedding());
        refused(
                train(data, "--text", "body", "--label", "topic", "--model", wide.toString()),
                "word_embeddings",
                "60000");

        Path huge = model("huge", config(1 << 30), new String(RealModel.tokenizerJson(), StandardCharsets.UTF_8));
        Files.write(huge.resolve("model.safetensors"), emptySafetensors());
        refused(train(data, "--text", "body", "--label", "topic", "--model", huge.toString()), "huge");
    }

    private static Path model(String name, String config, String tokenizer) throws IOException {
        Path model = Files.createDirectories(folder.resolve(name));
        Files.writeString(model.resolve("config.json"), config);
        Files.writeString(model.resolve("tokenizer.json"), tokenizer);
        Files.write(model.resolve("model.safetensors"), new byte[] {1, 2, 3});
        if (name.equals("decoder")) {
            Files.write(model.resolve("model.safetensors"), emptySafetensors());
        }
        return model;
    }

    private static byte[] emptySafetensors() {
        return new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    }

    private static byte[] oneEmbedding() {
        byte[] header =
                "{\"embeddings.word_embeddings.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}"
                        .getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putLong(header.length).put(header).array();
    }

    private static String config(int hidden) {
        return "{\"model_type\": \"bert\", \"vocab_size\": 30522, \"hidden_size\": " + hidden
                + ", \"num_hidden_layers\": 6, \"num_attention_heads\": 12, \"intermediate_size\": 1536, "
                + "\"max_position_embeddings\": 512, \"type_vocab_size\": 2, \"layer_norm_eps\": 1e-12, \"hidden_act\": \"gelu\"}";
    }

    @Test
    void runsThatAreNone() throws IOException {
        refused(Cli.run("predict", folder.resolve("nothing").toString(), "text"), "nothing");
        Path other = Files.createDirectories(folder.resolve("other"));
        refused(Cli.run("predict", other.toString(), "text"), "other");
        refused(Cli.run("train", "--resume", other.toString()), "other");
        Path wrong = model("wrong-kind", "{\"model_type\": \"llama\"}", "{}");
        refused(Cli.run("predict", wrong.toString(), "text"), "wrong-kind");
    }

    @Test
    void aPlaceThatCannotBeWritten() throws IOException {
        Path file = table("a-file", "x");
        refused(
                Cli.run(
                        "train",
                        "--data",
                        folder.resolve("good.csv").toString(),
                        "--text",
                        "body",
                        "--label",
                        "topic",
                        "--runs",
                        file.resolve("runs").toString()),
                "a-file");
    }

    @Test
    void aFullDiskIsOneMessage() throws IOException {
        // /dev/full fails every write with "No space left on device"
        if (!Files.exists(Path.of("/dev/full"))) {
            return;
        }
        try (OutputStream full = Files.newOutputStream(Path.of("/dev/full"))) {
            assertThat(full).isNotNull();
        }
        Path run = Files.createDirectories(folder.resolve("full"));
        Files.createSymbolicLink(run.resolve("summary.json.tmp"), Path.of("/dev/full"));
        dev.shoestring.run.RunFolder runFolder = new dev.shoestring.run.RunFolder(run);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> runFolder.write(runFolder.summary(), "text"))
                .isInstanceOf(dev.shoestring.recipe.InputException.class)
                .hasMessageContaining("No space left");
    }

    @Test
    void aQueryOfSeveralStatements() {
        refused(
                Cli.run(
                        "train",
                        "--query",
                        "SELECT 1); COPY (SELECT 1) TO 'x.csv'; SELECT * FROM (SELECT 1",
                        "--runs",
                        runs()),
                "one statement");
    }

    @Test
    void misuse() {
        refused(Cli.run("trian"), "train");
        refused(Cli.run("train", "--sed", "1"), "--seed");
        refused(Cli.run("predict", "--top", "0", folder.toString(), "x"), "--top");
    }
}
