package dev.shoestring.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import dev.shoestring.text.ChatEncoder;
import dev.shoestring.text.ChatTemplate;
import dev.shoestring.text.Conversation;
import dev.shoestring.text.LanguageTokenizer;
import dev.shoestring.text.NextTurn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shoestring tokenizer pipe}: for the scripts in {@code compat/}, which compare it with transformers. */
@Command(
        name = "pipe",
        hidden = true,
        description =
                "Reads JSON lines on standard input, texts or conversations, and writes their tokens as JSON lines.",
        mixinStandardHelpOptions = true)
final class TokenizerPipes implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FOLDER", description = "Holds tokenizer.json and tokenizer_config.json.")
    private Path folder = Path.of(".");

    @Override
    public Integer call() throws IOException {
        Path config = folder.resolve("tokenizer_config.json");
        Path jinja = folder.resolve("chat_template.jinja");
        JsonNode configuration = Files.exists(config) ? JSON.readTree(config.toFile()) : null;
        PrintWriter out = spec.commandLine().getOut();
        try (LanguageTokenizer tokenizer = LanguageTokenizer.from(
                        Files.readAllBytes(folder.resolve("tokenizer.json")), configuration, folder.toString());
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            @Nullable String file = Files.exists(jinja) ? Files.readString(jinja) : null;
            ChatTemplate template = ChatTemplate.of(configuration, file, folder.toString());
            ChatEncoder encoder = new ChatEncoder(tokenizer, template);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode given = JSON.readTree(line);
                out.println(JSON.writeValueAsString(
                        given.isTextual()
                                ? JSON.valueToTree(tokenizer.encodeWithSpecialTokens(given.textValue()))
                                : rendered(given, template, encoder)));
            }
            out.flush();
        }
        return ExitStatus.SUCCESS;
    }

    private static ObjectNode rendered(JsonNode given, ChatTemplate template, ChatEncoder encoder) {
        List<JsonNode> messages = new ArrayList<>();
        given.path("messages").forEach(messages::add);
        ObjectNode answer = JSON.createObjectNode();
        try {
            Conversation conversation = new Conversation(messages, given.get("tools"));
            boolean prompt = given.path("add_generation_prompt").asBoolean();
            answer.put("text", template.render(conversation, prompt ? NextTurn.ASSISTANT : NextTurn.NONE));
            answer.set(
                    "ids",
                    JSON.valueToTree(
                            prompt
                                    ? encoder.encodePrompt(conversation)
                                    : encoder.encode(conversation).ids()));
        } catch (InputException refused) {
            answer.put("error", refused.getMessage());
        }
        return answer;
    }
}
