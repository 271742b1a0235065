package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConversationsTest {
    private static final ContentSplit NONE = new ContentSplit.None();

    private final Path folder;

    ConversationsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void readsAlpaca() throws IOException {
        Conversations read = load("a.json", """
                [{"instruction": "Add", "input": "1 and 2", "output": "3"},
                 {"instruction": "Hi", "input": "", "output": "Hello", "system": "Be kind", "history": [["Ho", "Hey"]]}]
                """);
        assertThat(read.report().form()).isEqualTo("alpaca");
        assertThat(read.train().get(0).messages())
                .containsExactly(new Message(Role.USER, "Add\n1 and 2"), new Message(Role.ASSISTANT, "3"));
        assertThat(said(read.train().get(1))).isEqualTo("SYSTEM Be kind|USER Ho|ASSISTANT Hey|USER Hi|ASSISTANT Hello");
    }

    @Test
    void readsShareGptWithTools() throws IOException {
        Conversations read = load("a.jsonl", """
                {"conversations": [{"from": "system", "value": ""}, {"from": "human", "value": "Rain?"},\
                 {"from": "function_call", "value": "{\\"name\\": \\"rain\\", \\"arguments\\": {\\"day\\": 1}}"},\
                 {"from": "observation", "value": "{}"}, {"from": "gpt", "value": "No."}, {"from": "human", "value": "Oh"}],\
                 "tools": "[{\\"name\\": \\"rain\\"}]"}
                """);
        assertThat(read.report().form()).isEqualTo("sharegpt");
        assertThat(read.report().trimmed()).isEqualTo(1);
        assertThat(read.train().get(0).toolsJson()).isEqualTo("[{\"name\":\"rain\"}]");
        assertThat(said(read.train().get(0)))
                .isEqualTo(
                        "USER Rain?|ASSISTANT <tool_call>\n{\"name\":\"rain\",\"arguments\":{\"day\":1}}\n</tool_call>"
                                + "|TOOL {}|ASSISTANT No.");
    }

    @Test
    void readsMessagesWithToolCallsAndParts() throws IOException {
        Path file = folder.resolve("a.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("""
                    {"messages": [{"role": "user", "content": [{"type": "text", "text": "Ra"}, {"type": "text", "text": "in?"}]},\
                     {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "rain", "arguments": "{\\"day\\": 1}"}}]},\
                     {"role": "tool", "content": ""}, {"role": "assistant", "content": "No."}], "tools": []}
                    """.getBytes(StandardCharsets.UTF_8));
        }
        Conversations read = load(file);
        assertThat(said(read.train().get(0)))
                .isEqualTo(
                        "USER Rain?|ASSISTANT <tool_call>\n{\"name\":\"rain\",\"arguments\":{\"day\":1}}\n</tool_call>"
                                + "|TOOL |ASSISTANT No.");
        assertThat(read.train().get(0).toolsJson()).isNull();
    }

    @Test
    void readsPairsAndTables() throws IOException {
        assertThat(said(load("q.jsonl", "{\"question\": \"1+1\", \"answer\": \"2\"}")
                        .train()
                        .get(0)))
                .isEqualTo("USER 1+1|ASSISTANT 2");
        assertThat(said(load(
                                "c.json",
                                "{\"prompt\": \"1+1\", \"completion\": [{\"role\":\"assistant\",\"content\":\"2\"}]}")
                        .train()
                        .get(0)))
                .isEqualTo("USER 1+1|ASSISTANT 2");
        Conversations table = load("t.csv", "instruction,input,output\n\"a, b\",,c\nd,e,f\n");
        assertThat(table.train().stream().map(ConversationsTest::said))
                .containsExactly("USER a, b|ASSISTANT c", "USER d\ne|ASSISTANT f");
        String made = "SELECT [{'role': 'user', 'content': 'x'}, {'role': 'assistant', 'content': 'y'}] AS messages";
        Conversations query = Conversations.load(new Source.Query(made), null, NONE, 0.1);
        assertThat(said(query.train().get(0))).isEqualTo("USER x|ASSISTANT y");
    }

    @Test
    void recordsThatAreNotFitAreCountedByReason() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            lines.add(turns("user", "q" + i, "assistant", "a"));
        }
        lines.add(turns("user", "q0", "assistant", "a"));
        lines.add(turns("user", "q", "assistant", " "));
        lines.add(turns("user", "q", "user", "r", "assistant", "a"));
        lines.add(turns("assistant", "a"));
        lines.add(turns("user", "q", "bot", "a"));
        lines.add(turns("user", "q"));
        lines.add(turns("user", "q", "assistant", "a", "system", "s", "assistant", "a"));
        lines.add("{\"messages\": \"none\"}");
        lines.add("{\"messages\": [{\"role\": \"user\", \"content\": 3}]}");
        lines.add("{\"messages\": [{\"role\": \"user\", \"content\": \"\\ud800\"}]}");
        lines.add("{\"messages\": [");
        lines.add("[]");
        lines.add("{\"messages\": " + "[".repeat(100_000));
        lines.add("{\"messages\": [{\"role\": \"user\", \"content\": \"" + "x".repeat(RecordFile.LARGEST) + "\"}]}");
        Conversations read = load("a.jsonl", String.join("\n\n", lines));
        assertThat(read.train()).hasSize(200);
        assertThat(read.report().records()).isEqualTo(lines.size());
        assertThat(read.report().named())
                .startsWith(
                        "record 202: turns[1] must not be blank",
                        "record 203: turns[1] may be a user's only after an answer, but is user")
                .hasSize(5);
        assertThat(read.report().dropped())
                .contains(
                        new DataReport.Dropped("repeated", 1),
                        new DataReport.Dropped("messages must be a list of messages", 1),
                        new DataReport.Dropped("messages[].content must be a string", 1),
                        new DataReport.Dropped("the record must be JSON", 2),
                        new DataReport.Dropped("the record must be a JSON object", 1),
                        new DataReport.Dropped("the record must have at most 4 MiB", 1));
    }

    @Test
    void tooManyThatAreNotFitAreAnError() {
        refused(
                "a.jsonl",
                turns("user", "q", "assistant", "a") + "\n" + turns("user", "q"),
                "1 of 2 records are not fit");
        refused("b.jsonl", "{\"text\": \"a\"}\n".repeat(20), "is in no known form; the fields are [text]");
        refused("c.jsonl", "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\"}", "preference tuning");
        refused("d.json", "[]", "has no record");
        refused("e.json", "[{\"messages\": [}]", "record 1: is not JSON that can be read (line 1");
        refused("f.json", "[" + "[".repeat(100_000), "is not JSON that can be read");
        refused("g.json", "[{\"messages\": [" + "{},".repeat(2_000_000) + "{}]}]", "larger than 4 MiB");
    }

    @Test
    void invalidUtf8IsOneRecord() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            lines.append(turns("user", "q" + i, "assistant", i == 7 ? "\u00e4" : "a"))
                    .append('\n');
        }
        Path file = Files.write(folder.resolve("a.jsonl"), lines.toString().getBytes(StandardCharsets.ISO_8859_1));
        Conversations read = load(file);
        assertThat(read.train()).hasSize(19);
        assertThat(read.report().named()).singleElement().asString().startsWith("record 8: the record must be JSON");
    }

    @Test
    void noQuestionIsInBothParts() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 900; i++) {
            lines.append(turns("user", "q" + i % 300, "assistant", "a" + i)).append('\n');
        }
        Path file = Files.writeString(folder.resolve("a.jsonl"), lines);
        Conversations read =
                Conversations.load(new Source.File(file.toString()), null, new ContentSplit.Share(0.2, 3), 0.1);
        assertThat(read.train().size() + read.heldOut().size()).isEqualTo(900);
        assertThat(read.heldOut()).hasSizeBetween(90, 270);
        assertThat(read.heldOut().stream().map(Conversation::promptKey).collect(Collectors.toSet()))
                .doesNotContainAnyElementsOf(
                        read.train().stream().map(Conversation::promptKey).toList());
    }

    private void refused(String name, String content, String message) {
        assertThatThrownBy(() -> load(name, content))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(message);
    }

    private Conversations load(String name, String content) throws IOException {
        return load(Files.writeString(folder.resolve(name), content));
    }

    private static Conversations load(Path file) {
        return Conversations.load(new Source.File(file.toString()), null, NONE, Conversations.MOST_BROKEN);
    }

    private static String turns(String... rolesAndTexts) {
        List<String> turns = new ArrayList<>();
        for (int i = 0; i < rolesAndTexts.length; i += 2) {
            turns.add("{\"role\": \"" + rolesAndTexts[i] + "\", \"content\": \"" + rolesAndTexts[i + 1] + "\"}");
        }
        return "{\"messages\": [" + String.join(", ", turns) + "]}";
    }

    private static String said(Conversation conversation) {
        return conversation.messages().stream()
                .map(message -> message.role() + " " + message.content())
                .collect(Collectors.joining("|"));
    }
}
