package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PreferencePairsTest {
    private static final Message QUESTION = new Message(Role.USER, "1+1?");

    private final Path folder;

    PreferencePairsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void readsEveryForm() throws IOException {
        String question = "{\"role\": \"user\", \"content\": \"1+1?\"}";
        String two = "{\"role\": \"assistant\", \"content\": \"2\"}";
        String three = "{\"role\": \"assistant\", \"content\": \"3\"}";
        List<String> forms = List.of(
                "{\"conversations\": [{\"from\": \"human\", \"value\": \"1+1?\"}], \"chosen\": {\"from\": \"gpt\", \"value\": \"2\"},"
                        + " \"rejected\": {\"from\": \"gpt\", \"value\": \"3\"}}",
                "{\"prompt\": \"1+1?\", \"chosen\": \"2\", \"rejected\": \"3\"}",
                "{\"prompt\": [" + question + "], \"chosen\": [" + two + "], \"rejected\": [" + three + "]}",
                "{\"chosen\": [" + question + "," + two + "], \"rejected\": [" + question + "," + three + "]}",
                "{\"prompt\": \"1+1?\", \"chosen\": [" + question + "," + two + "], \"rejected\": [" + question + ","
                        + three + "]}");
        for (String form : forms) {
            PreferencePairs read = load(form);
            assertThat(read.train()).hasSize(1);
            PreferencePair pair = read.train().get(0);
            assertThat(pair.prompt()).containsExactly(QUESTION);
            assertThat(pair.chosen()).isEqualTo("2");
            assertThat(pair.rejected()).isEqualTo("3");
        }
        assertThat(load(String.join("\n", forms)).train()).hasSize(1);
    }

    @Test
    void refusesWhatIsNoPair() {
        refused("{\"prompt\": \"q\", \"chosen\": \"a\", \"rejected\": \"a\"}", "rejected must differ from chosen");
        refused("{\"prompt\": \"q\", \"chosen\": \"a\", \"rejected\": \" \"}", "rejected must not be blank");
        refused("{\"chosen\": \"a\", \"rejected\": \"b\"}", "prompt must have a turn, but is missing");
        refused("{\"prompt\": \"q\", \"chosen\": \"a\"}", "rejected must be a list of messages, but is missing");
        refused(
                "{\"prompt\": \"q\", \"chosen\": 1, \"rejected\": 2}",
                "chosen must be a list of messages, but is number");
        refused("{\"prompt\": \"q\", \"chosen\": [], \"rejected\": []}", "chosen must be one answer");
    }

    private void refused(String line, String message) {
        assertThatThrownBy(() -> load(line)).isInstanceOf(InputException.class).hasMessageContaining(message);
    }

    private PreferencePairs load(String lines) throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), lines);
        return PreferencePairs.load(new Source.File(file.toString()), new ContentSplit.None(), 0.1);
    }
}
