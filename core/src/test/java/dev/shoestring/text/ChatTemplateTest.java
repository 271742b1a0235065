package dev.shoestring.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against transformers: the fixture is made by {@code compat/make_chat_fixtures.py}. */
final class ChatTemplateTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectNode CONFIG =
            JsonNodeFactory.instance.objectNode().put("bos_token", "<s>").put("eos_token", "</s>");

    private static ChatTemplate template(String text) {
        return ChatTemplate.of(CONFIG, text, "model");
    }

    @Test
    void conversationsAreRenderedAsTransformersRendersThem() throws IOException {
        JsonNode fixtures = JSON.readTree(TextFixtures.bytes("chat-templates.json"));
        assertThat(fixtures).hasSizeGreaterThan(9);
        for (JsonNode fixture : fixtures) {
            ChatTemplate template = template(fixture.path("template").asText());
            for (JsonNode one : fixture.path("cases")) {
                NextTurn next = one.path("add_generation_prompt").asBoolean() ? NextTurn.ASSISTANT : NextTurn.NONE;
                String what = fixture.path("name").asText() + " " + one;
                if (one.has("text")) {
                    assertThat(template.render(conversation(one), next))
                            .as(what)
                            .isEqualTo(one.path("text").asText());
                } else {
                    assertThatThrownBy(() -> template.render(conversation(one), next))
                            .as(what)
                            .isInstanceOf(InputException.class);
                }
            }
        }
    }

    private static Conversation conversation(JsonNode one) {
        List<JsonNode> messages = new ArrayList<>();
        one.path("messages").forEach(messages::add);
        JsonNode tools = one.path("tools");
        return new Conversation(messages, tools.isNull() ? null : tools);
    }

    @Test
    void segmentsAreTheWholeRenderingAndHoldTheAnswers() throws IOException {
        for (JsonNode fixture : JSON.readTree(TextFixtures.bytes("chat-templates.json"))) {
            String name = fixture.path("name").asText();
            ChatTemplate template = template(fixture.path("template").asText());
            for (JsonNode one : fixture.path("cases")) {
                if (name.equals("odds")
                        || !one.has("text")
                        || one.path("add_generation_prompt").asBoolean()
                        || one.path("text").asText().isEmpty()) {
                    continue;
                }
                Conversation conversation = conversation(one);
                if (one.path("messages").toString().contains("tool_calls") && !name.equals("tools")) {
                    continue;
                }
                List<ChatSegment> segments = template.renderSegments(conversation);
                assertThat(segments.stream().map(ChatSegment::text).collect(Collectors.joining()))
                        .isEqualTo(one.path("text").asText());
                long answers = conversation.messages().stream()
                        .filter(message -> message.path("role").asText().equals("assistant"))
                        .count();
                assertThat(segments.stream().filter(ChatSegment::trained))
                        .as(name + " " + one)
                        .hasSize((int) answers);
            }
        }
    }

    @Test
    void theMarkThatEndsATurnIsTrained() {
        assertThat(ChatTemplate.chatMl()
                        .renderSegments(Conversation.of("user", "Hi", "assistant", "Yes", "user", "So?")))
                .containsExactly(
                        new ChatSegment("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", false),
                        new ChatSegment("Yes<|im_end|>", true),
                        new ChatSegment("\n<|im_start|>user\nSo?<|im_end|>\n", false));
    }

    @Test
    void anAnswerThatTheQuestionHoldsIsFoundInItsPlace() {
        String thinking = "{% for m in messages %}{% if m.role == 'user' %}<U>{{ m.content }}{% else %}<A>"
                + "{{ m.content.split('</think>')[-1] }}{{ eos_token }}{% endif %}{% endfor %}"
                + "{% if add_generation_prompt %}<A><think>{% endif %}";
        assertThat(template(thinking)
                        .renderSegments(
                                Conversation.of("user", "s or A?", "assistant", "s", "user", "A?", "assistant", "A")))
                .containsExactly(
                        new ChatSegment("<U>s or A?<A>", false),
                        new ChatSegment("s</s>", true),
                        new ChatSegment("<U>A?<A>", false),
                        new ChatSegment("A</s>", true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% for a in range(99999) %}{{ 'xxxxxxxxxx' * 99999 }}{% endfor %}",
                "{{ 'x' * 999999999999 }}",
                "{{ range(999999999) }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% set ns = namespace(a='x') %}{% for i in range(99) %}{% set ns.a = ns.a + ns.a %}{% endfor %}",
                "{% set ns = namespace(a=[1]) %}{% for i in range(99) %}{% set ns.a = ns.a + ns.a %}{% endfor %}",
                "{% set ns = namespace(a=[1]) %}{% for i in range(9999) %}{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}",
                "{% set ns = namespace(a=[1]) %}{% for i in range(9999) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a == ns.a }}",
                "{% set ns = namespace(a=[1]) %}{% for i in range(99) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ {ns.a: 1} }}",
                "{% set ns = namespace(a=[1]) %}{% for i in range(99) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a in {} }}",
                "{{ 9 ** 99999999 }}",
                "{{ messages.getClass().forName('java.lang.Runtime') }}",
                "{{ ''.class.name }}",
                "{{ ''.__class__.__mro__ }}",
                "{{ messages.append(1) }}",
                "{% include 'x' %}",
                "{% import 'x' as y %}",
                "{{ 'x' | attr('y') }}",
                "{{ x.y }}",
                "{{ x() }}",
                "{{ 1 / 0 }}",
                "{{ 1 + 'a' }}",
                "{{ 'a' < 1 }}",
                "{% if true %}",
                "{% endif %}",
                "{{ 'a",
                "{{ }}",
                "{{ a b }}",
                "{% set x.y = 1 %}",
                "{{ '\\u12' }}",
                "{{ raise_exception('no') }}",
                "{{ strftime_now('%Q') }}",
            })
    void hostileTemplatesAreRefused(String text) {
        assertThatThrownBy(() -> template(text).render(Conversation.of("user", "Hi"), NextTurn.NONE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("chat template");
    }

    @Test
    void deepTemplatesAreRefused() {
        for (String deep : List.of("(", "[", "{1:", "-", "not ", "1 if ", "x[", "x(")) {
            assertThatThrownBy(() -> template("{{ " + deep.repeat(50_000) + " }}"))
                    .isInstanceOf(InputException.class);
        }
        assertThatThrownBy(() -> template("{% if a %}".repeat(50_000))).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> template("{% if a %}" + "{% elif a %}".repeat(50_000)))
                .isInstanceOf(InputException.class);
        assertThatThrownBy(() -> template("{{ 1" + " + 1".repeat(100_000) + " }}")
                        .render(Conversation.of("user", "Hi"), NextTurn.NONE))
                .isInstanceOf(InputException.class);
    }

    @Test
    void datesAreThoseOfTheClock() {
        Clock clock = Clock.fixed(Instant.parse("2026-07-04T09:05:00Z"), ZoneOffset.UTC);
        assertThat(ChatTemplate.of(null, "{{ strftime_now('%d %b %Y, %B %A %H:%M 100%%') }}", "model", clock)
                        .render(Conversation.of(), NextTurn.NONE))
                .isEqualTo("04 Jul 2026, July Saturday 09:05 100%");
    }

    @Test
    void theTemplateIsChosenAmongNamedOnes() throws IOException {
        JsonNode named = JSON.readTree("{\"chat_template\": [{\"name\": \"rag\", \"template\": \"no\"},"
                + " {\"name\": \"default\", \"template\": \"yes\"}]}");
        assertThat(ChatTemplate.of(named, null, "model").render(Conversation.of(), NextTurn.NONE))
                .isEqualTo("yes");
        assertThat(ChatTemplate.of(named, "file", "model").render(Conversation.of(), NextTurn.NONE))
                .isEqualTo("file");
        assertThatThrownBy(() -> ChatTemplate.of(JSON.readTree("{\"chat_template\": 1}"), null, "model"))
                .isInstanceOf(InputException.class);
    }
}
