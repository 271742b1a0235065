package dev.shoestring.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.InputException;
import dev.shoestring.text.jinja.JinjaFunction;
import dev.shoestring.text.jinja.JinjaTemplate;
import dev.shoestring.text.jinja.Nothing;
import java.time.Clock;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a model wants conversations written: Hugging Face's {@code chat_template}, rendered as transformers renders it
 * ({@link JinjaTemplate}). Safe for use by several threads.
 */
public final class ChatTemplate {
    /** The form of OpenAI's ChatML, for models that bring no template. */
    private static final String CHAT_ML = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n'"
            + " + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private static final List<String> SPECIAL =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private final JinjaTemplate template;
    private final Map<String, String> specialTokens;
    private final String source;
    private final Clock clock;

    private ChatTemplate(JinjaTemplate template, Map<String, String> specialTokens, String source, Clock clock) {
        this.template = template;
        this.specialTokens = specialTokens;
        this.source = source;
        this.clock = clock;
    }

    /**
     * The template of a model: that of {@code chat_template.jinja}, otherwise the {@code chat_template} of
     * {@code tokenizer_config.json} (of several the one named {@code default}), otherwise ChatML.
     *
     * @param tokenizerConfig {@code tokenizer_config.json}, or null
     * @param chatTemplateFile the text of {@code chat_template.jinja}, or null
     * @param source names the model in messages
     * @throws InputException if the template is wrong or uses what is not supported
     */
    public static ChatTemplate of(
            @Nullable JsonNode tokenizerConfig, @Nullable String chatTemplateFile, String source) {
        return of(tokenizerConfig, chatTemplateFile, source, Clock.system(ZoneId.systemDefault()));
    }

    /** As {@link #of(JsonNode, String, String)}, with the clock that templates which print the date see. */
    public static ChatTemplate of(
            @Nullable JsonNode tokenizerConfig, @Nullable String chatTemplateFile, String source, Clock clock) {
        Map<String, String> special = new HashMap<>();
        for (String key : SPECIAL) {
            String token = SpecialTokenNames.of(tokenizerConfig, key, source);
            if (token != null) {
                special.put(key, token);
            }
        }
        String name = source + ": chat template";
        String text = chatTemplateFile != null ? chatTemplateFile : configured(tokenizerConfig, source);
        return new ChatTemplate(JinjaTemplate.parse(text == null ? CHAT_ML : text, name), special, name, clock);
    }

    /** ChatML, for models that bring no template. */
    public static ChatTemplate chatMl() {
        return of(null, null, "ChatML");
    }

    /** ChatML's template, as {@code tokenizer_config.json} is to have it. */
    public static String chatMlText() {
        return CHAT_ML;
    }

    private static @Nullable String configured(@Nullable JsonNode config, String source) {
        JsonNode value = config == null ? null : config.get("chat_template");
        if (value == null || value.isNull()) {
            return null;
        }
        if (value.isTextual()) {
            return value.textValue();
        }
        for (JsonNode named : value) {
            if (named.path("name").asText().equals("default")
                    && named.path("template").isTextual()) {
                return named.path("template").textValue();
            }
        }
        throw new InputException(source + ": tokenizer_config.json: chat_template must be a template or a list of"
                + " templates with names, one of them \"default\"");
    }

    /**
     * Renders a conversation.
     *
     * @throws InputException if the template refuses it, or fails
     */
    public String render(Conversation conversation, NextTurn next) {
        Map<String, Object> variables = new HashMap<>(specialTokens);
        variables.put("messages", JsonValues.list(conversation.messages(), source));
        JsonNode tools = conversation.tools();
        variables.put("tools", tools == null ? Nothing.NONE : JsonValues.of(tools, source));
        variables.put("documents", Nothing.NONE);
        variables.put("add_generation_prompt", next == NextTurn.ASSISTANT);
        variables.put("raise_exception", (JinjaFunction) (arguments, named) -> {
            throw new InputException(source + " refuses the conversation: "
                    + (arguments.isEmpty() ? "no reason is given" : arguments.get(0)));
        });
        variables.put("strftime_now", (JinjaFunction) (arguments, named) -> PythonDates.written(
                ZonedDateTime.now(clock), arguments.isEmpty() ? "" : String.valueOf(arguments.get(0)), source));
        return template.render(variables);
    }

    /**
     * Renders a conversation in parts: what the assistant wrote, with the mark that ends its turn, and the rest. All parts together
     * are the whole rendering.
     *
     * @throws InputException if the template refuses the conversation, or writes it so that an answer cannot be found
     */
    public List<ChatSegment> renderSegments(Conversation conversation) {
        return new AnswerFinder(this, source).segments(conversation);
    }
}
