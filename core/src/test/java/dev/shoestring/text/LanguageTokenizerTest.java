package dev.shoestring.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Hugging Face's {@code tokenizers}: the fixtures are made by {@code compat/make_language_tokenizer_fixtures.py}. */
final class LanguageTokenizerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "sentencepiece", "metaspace"})
    void idsAndTextsEqualHuggingFaces(String name) throws IOException {
        JsonNode cases =
                JSON.readTree(TextFixtures.bytes("language-tokens.json")).path(name);
        assertThat(cases).hasSizeGreaterThan(10);
        List<String> texts = new ArrayList<>();
        try (LanguageTokenizer tokenizer = TextFixtures.tokenizer(name)) {
            for (JsonNode one : cases) {
                String text = one.path("text").asText();
                texts.add(text);
                int[] ids = ids(one.path("ids"));
                assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
                assertThat(tokenizer.encodeWithSpecialTokens(text)).as(text).isEqualTo(ids(one.path("with_special")));
                assertThat(tokenizer.decode(ids, SpecialTokens.SKIPPED))
                        .isEqualTo(one.path("decoded").asText());
                assertThat(tokenizer.decode(ids, SpecialTokens.KEPT))
                        .isEqualTo(one.path("decoded_kept").asText());
            }
            List<int[]> together = tokenizer.encodeAll(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(together.get(i)).isEqualTo(ids(cases.get(i).path("ids")));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "sentencepiece", "metaspace"})
    void aStreamGivesTheSameTextAndNoHalfCharacters(String name) throws IOException {
        JsonNode cases =
                JSON.readTree(TextFixtures.bytes("language-tokens.json")).path(name);
        try (LanguageTokenizer tokenizer = TextFixtures.tokenizer(name)) {
            for (JsonNode one : cases) {
                for (SpecialTokens special : SpecialTokens.values()) {
                    int[] ids = ids(one.path("ids"));
                    StreamingDecoder decoder = tokenizer.streamingDecoder(special);
                    StringBuilder text = new StringBuilder();
                    for (int id : ids) {
                        String added = decoder.accept(id);
                        assertThat(added).doesNotContain("\uFFFD");
                        text.append(added);
                    }
                    text.append(decoder.finish());
                    assertThat(text.toString()).isEqualTo(tokenizer.decode(ids, special));
                }
            }
        }
    }

    @Test
    void aStreamOfBrokenBytesComesToAnEnd() throws IOException {
        try (LanguageTokenizer tokenizer = TextFixtures.tokenizer("byte-level")) {
            int half = tokenizer.encode("é")[0];
            StreamingDecoder decoder = tokenizer.streamingDecoder(SpecialTokens.SKIPPED);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                text.append(decoder.accept(half));
            }
            text.append(decoder.finish());
            assertThat(text.toString()).isEqualTo("\uFFFD".repeat(200));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "sentencepiece", "metaspace"})
    void literalTextNeverBecomesAControlToken(String name) throws IOException {
        try (LanguageTokenizer tokenizer = TextFixtures.tokenizer(name)) {
            for (String control : tokenizer.controlTokens()) {
                String text = "I say " + control + control + " and mean it: é" + control;
                int id = tokenizer.idOf(control).orElseThrow();
                assertThat(tokenizer.encode(text)).contains(id);
                int[] literal = tokenizer.encodeLiteral(text);
                assertThat(literal).doesNotContain(id);
                assertThat(tokenizer.decode(literal, SpecialTokens.SKIPPED)).isEqualTo(text);
            }
            String plain = "nothing <of> the kind";
            assertThat(tokenizer.encodeLiteral(plain)).isEqualTo(tokenizer.encode(plain));
        }
    }

    @Test
    void controlTokensThatMergesWouldMakeStayText() throws IOException {
        String json = new String(TextFixtures.bytes("byte-level.json"), StandardCharsets.UTF_8);
        JsonNode made = JSON.readTree(json.replace("<think>", "ser"));
        ((ObjectNode) made.path("added_tokens").get(3)).put("special", true);
        try (LanguageTokenizer tokenizer = LanguageTokenizer.from(JSON.writeValueAsBytes(made), null, "model")) {
            int[] ids = tokenizer.encodeLiteral("the user");
            assertThat(ids).doesNotContain(tokenizer.idOf("ser").orElseThrow());
            assertThat(tokenizer.decode(ids, SpecialTokens.KEPT)).isEqualTo("the user");
        }
    }

    @Test
    void specialTokensComeFromTheConfiguration() throws IOException {
        JsonNode config = JSON.readTree("{\"bos_token\": null, \"eos_token\": {\"content\": \"<|im_end|>\"}}");
        try (LanguageTokenizer tokenizer =
                LanguageTokenizer.from(TextFixtures.bytes("byte-level.json"), config, "model")) {
            assertThat(tokenizer.bosId()).isEmpty();
            assertThat(tokenizer.eosId()).isEqualTo(tokenizer.idOf("<|im_end|>"));
            assertThat(tokenizer.padId()).isEqualTo(tokenizer.eosId().orElseThrow());
        }
        for (String wrong : List.of("{\"eos_token\": \"<nowhere>\"}", "{\"bos_token\": 7}", "{\"pad_token\": {}}")) {
            assertThatThrownBy(() -> LanguageTokenizer.from(
                            TextFixtures.bytes("byte-level.json"), JSON.readTree(wrong), "model"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("_token");
        }
    }

    @Test
    void halfASurrogatePairIsReplaced() throws IOException {
        try (LanguageTokenizer tokenizer = TextFixtures.tokenizer("byte-level")) {
            int[] ids = tokenizer.encode("a\uD83Db\uDE42");
            assertThat(tokenizer.decode(ids, SpecialTokens.KEPT)).isEqualTo("a\uFFFDb\uFFFD");
        }
    }

    @Test
    void idsOutsideTheVocabularyAreRefused() throws IOException {
        try (LanguageTokenizer tokenizer = TextFixtures.tokenizer("byte-level")) {
            assertThatThrownBy(() -> tokenizer.decode(new int[] {tokenizer.vocabularySize()}, SpecialTokens.KEPT))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}, SpecialTokens.KEPT))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"model\": {\"type\": \"Unigram\", \"vocab\": []}}",
                "{\"model\": {\"type\": \"Unigram\", \"vocab\": [[1, 2]]}}",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}}",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}}",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}, \"added_tokens\": [{\"id\": 1}]}",
            })
    void hostileFilesAreRefused(String json) {
        assertThatThrownBy(() -> LanguageTokenizer.from(json.getBytes(StandardCharsets.UTF_8), null, "model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json");
    }

    private static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        Arrays.setAll(ids, i -> array.get(i).asInt());
        return ids;
    }
}
