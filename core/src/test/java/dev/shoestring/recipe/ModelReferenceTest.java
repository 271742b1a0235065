package dev.shoestring.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelReferenceTest {
    @Test
    void readsEachForm() {
        assertThat(ModelReference.parse("model.from", "maven:dev.group:some-artifact:0.36.2+b1"))
                .isEqualTo(new ModelReference.Maven("dev.group", "some-artifact", "0.36.2+b1"));
        assertThat(ModelReference.parse("model.from", "hf:org-1/name.v2"))
                .isEqualTo(new ModelReference.HuggingFace("org-1", "name.v2", null));
        assertThat(ModelReference.parse("model.from", "hf:org/name@a1b2c3"))
                .isEqualTo(new ModelReference.HuggingFace("org", "name", "a1b2c3"));
        assertThat(ModelReference.parse("model.from", "../models/my model"))
                .isEqualTo(new ModelReference.Folder("../models/my model"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"maven:g.h:a:1.0-SNAPSHOT", "hf:org/name", "hf:org/name@v1.0", "./folder", "runs/latest"})
    void isWrittenAsItIsRead(String reference) {
        assertThat(ModelReference.parse("x", reference)).hasToString(reference);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "maven:g:a",
                "maven:g:a:1:2",
                "maven:..:a:1",
                "maven:g:../../etc:1",
                "maven:g:a:..",
                "maven:g/h:a:1",
                "maven:g:a:1?x=y",
                "maven:g:a:[1,2)",
                "maven: g:a:1",
                "maven:g:a:1\n",
                "maven:g.:a:1",
                "hf:name",
                "hf:org/../name",
                "hf:../name",
                "hf:org/name/more",
                "hf:org/name@",
                "hf:org/name@refs/pr/1",
                "hf:org/name@..",
                "hf:org/na%2fme",
                "hf:user:password@host/name",
                "https://example.com/model",
                "file:model",
                "folder\u0000",
                "",
                "  "
            })
    void refusesEverythingElse(String reference) {
        assertThatThrownBy(() -> ModelReference.parse("model.from", reference))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("model.from: must be ");
    }

    @Test
    void longReferencesAreRefusedAtOnce() {
        for (String start : List.of("maven:", "hf:", "x:", "")) {
            assertThatThrownBy(() -> ModelReference.parse("model.from", start + "a.".repeat(100_000)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("at most 1000 characters");
        }
    }

    @ParameterizedTest
    @CsvSource({"mavn:g:a:1, nearest: maven:", "maven2:g:a:1, nearest: maven:", "Maven:g:a:1, nearest: maven:"})
    void mistypedFormsAreCorrected(String reference, String hint) {
        assertThatThrownBy(() -> ModelReference.parse("model.from", reference)).hasMessageContaining(hint);
    }
}
