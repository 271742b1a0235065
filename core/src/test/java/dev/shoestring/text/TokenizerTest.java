package dev.shoestring.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.RealModel;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Hugging Face's {@code tokenizers}: the fixture is made by {@code compat/make_tokenizer_fixtures.py}. */
final class TokenizerTest {
    @Test
    void tokensEqualHuggingFaces() throws IOException {
        JsonNode cases;
        try (InputStream in = Objects.requireNonNull(TokenizerTest.class.getResourceAsStream("tokens.json"))) {
            cases = new ObjectMapper().readTree(in);
        }
        assertThat(cases).hasSizeGreaterThan(30);
        try (Tokenizer tokenizer = Tokenizer.from(RealModel.tokenizerJson(), "MiniLM")) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(30522);
            for (JsonNode one : cases) {
                String text = one.path("text").asText();
                int[] expected = new int[one.path("ids").size()];
                Arrays.setAll(expected, i -> one.path("ids").get(i).asInt());
                assertThat(tokenizer.encode(text, one.path("max_tokens").asInt()))
                        .as(text)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "{\"model\": null}",
                "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {}}}",
                "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": -1}}}",
                "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 99999999999}}}",
                "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 1.5}}}",
                "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 0}}}",
                "{\"model\": {\"type\": \"Nonsense\", \"vocab\": {\"[PAD]\": 0, \"[UNK]\": 1, \"[CLS]\": 2, \"[SEP]\": 3,"
                        + " \"[MASK]\": 4}}}",
            })
    void hostileFilesAreRefused(String json) {
        assertThatThrownBy(() -> Tokenizer.from(json.getBytes(StandardCharsets.UTF_8), "model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json");
    }

    @Test
    void aTruncatedFileIsRefused() throws IOException {
        byte[] whole = RealModel.tokenizerJson();
        assertThatThrownBy(() -> Tokenizer.from(Arrays.copyOf(whole, whole.length / 2), "model"))
                .isInstanceOf(InputException.class);
    }
}
