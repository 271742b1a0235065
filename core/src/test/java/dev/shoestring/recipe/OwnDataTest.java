package dev.shoestring.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user's own data is taken for. */
final class OwnDataTest {
    private final Path folder;

    OwnDataTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Recipe of(Path data, String... overrides) {
        return Recipes.forTable(data.toString(), null, null, null, null, List.of(overrides));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"instruction\": \"Add.\", \"input\": \"\", \"output\": \"2\"}",
                "{\"id\": {\"a\": [1]}, \"conversations\": [{\"from\": \"human\", \"value\": \"Hi\"}]}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}",
                "[{\"prompt\": \"Hi\", \"completion\": \"Hello\"}]"
            })
    void recordsOfConversationsAreAChat(String record) throws IOException {
        Path file = Files.writeString(folder.resolve("chats.jsonl"), record + "\n");
        Recipe fromNothing = of(file);
        assertThat(fromNothing.task()).isEqualTo(Task.CHAT);
        assertThat(fromNothing.model()).isEqualTo(new ModelSpec.Pretrained("recipe:glossary-base"));
        assertThat(fromNothing.name()).isEqualTo("chats");
        Recipe tuned = Recipes.forTable(
                file.toString(), null, null, null, folder.toString(), List.of("data.sequence_length=64"));
        assertThat(tuned.adapt()).isInstanceOf(AdaptSpec.Lora.class);
        assertThat(tuned.language().sequenceLength()).isEqualTo(64);
        assertThat(tuned.data().source()).isEqualTo(new DataSpec.Source.File(file.toString()));
    }

    @Test
    void otherRecordsAndWhatHasALabelAreATable() throws IOException {
        Path table = Files.writeString(folder.resolve("rows.jsonl"), "{\"body\": \"x\", \"topic\": \"y\"}\n");
        assertThat(of(table).task()).isEqualTo(Task.TEXT_CLASSIFICATION);
        Path both = Files.writeString(
                folder.resolve("both.jsonl"), "{\"prompt\": \"x\", \"completion\": \"y\", \"topic\": \"z\"}\n");
        assertThat(Recipes.forTable(both.toString(), null, "prompt", "topic", null, List.of())
                        .task())
                .isEqualTo(Task.TEXT_CLASSIFICATION);
        Path broken = Files.writeString(folder.resolve("broken.jsonl"), "{\"messages\": ");
        assertThat(of(broken).task()).isEqualTo(Task.TEXT_CLASSIFICATION);
        assertThat(of(folder.resolve("none.csv")).task()).isEqualTo(Task.TEXT_CLASSIFICATION);
    }

    @Test
    void textFilesAndFoldersOfThemAreACorpus() throws IOException {
        Path texts = Files.createDirectories(folder.resolve("books/old"));
        Path file = Files.writeString(texts.resolve("one.txt"), "Once upon a time.");
        Recipe fresh = of(folder.resolve("books"));
        assertThat(fresh.task()).isEqualTo(Task.LANGUAGE_MODEL);
        assertThat(fresh.model()).isInstanceOf(ModelSpec.FreshDecoder.class);
        assertThat(of(file, "schedule.epochs=7").schedule().epochs()).isEqualTo(7);
        assertThat(Recipes.forTable(file.toString(), null, null, null, folder.toString(), List.of())
                        .model())
                .isEqualTo(new ModelSpec.Pretrained(folder.toString()));
        Path picture = Files.write(texts.resolve("two.png"), new byte[] {1});
        assertThat(picture).exists();
        assertThat(of(folder.resolve("books")).task()).isEqualTo(Task.IMAGE_CLASSIFICATION);
        assertThat(of(folder.resolve("books"), "task=language-model").task()).isEqualTo(Task.LANGUAGE_MODEL);
    }
}
