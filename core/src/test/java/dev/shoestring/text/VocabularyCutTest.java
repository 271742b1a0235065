package dev.shoestring.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.RealModel;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On MiniLM's vocabulary. */
final class VocabularyCutTest {
    private static final List<String> COVERED =
            List.of("a brass instrument with a long tube", "the unhappiness of embowered trees, 1984!", "Ünïcödé");

    @Test
    void aCoveredTextIsCutAsBefore() throws IOException {
        byte[] json = RealModel.tokenizerJson();
        try (Tokenizer whole = Tokenizer.from(json, "MiniLM")) {
            List<int[]> before = whole.encodeAll(COVERED, 64);
            VocabularyCut cut = VocabularyCut.of(json, used(before), "MiniLM");
            assertThat(cut.kept()).hasSizeBetween(1994, 2100).isSorted().doesNotHaveDuplicates();
            try (Tokenizer small = Tokenizer.from(cut.tokenizerJson(), "cut")) {
                assertThat(small.vocabularySize()).isEqualTo(cut.kept().size());
                List<int[]> after = small.encodeAll(COVERED, 64);
                for (int i = 0; i < before.size(); i++) {
                    assertThat(Arrays.stream(after.get(i)).map(cut.kept()::get).toArray())
                            .isEqualTo(before.get(i));
                }
                assertThat(small.padId()).isZero();
            }
        }
    }

    @Test
    void aLostWordFallsIntoShorterPiecesAndIsNotUnknown() throws IOException {
        byte[] json = RealModel.tokenizerJson();
        try (Tokenizer whole = Tokenizer.from(json, "MiniLM");
                Tokenizer small = Tokenizer.from(
                        VocabularyCut.of(json, used(whole.encodeAll(COVERED, 64)), "MiniLM")
                                .tokenizerJson(),
                        "cut")) {
            assertThat(whole.encode("zebra", 64)).hasSize(3);
            int[] lost = small.encode("zebra", 64);
            assertThat(lost).hasSizeGreaterThan(3).doesNotContain(small.unknownId());
            assertThat(small.encode("a 犬 a \uD83E\uDD84", 64).length)
                    .isEqualTo(whole.encode("a 犬 a \uD83E\uDD84", 64).length);
        }
    }

    @Test
    void piecesThatShareARowAreCutAsBefore() throws IOException {
        byte[] json = RealModel.tokenizerJson();
        try (Tokenizer whole = Tokenizer.from(json, "MiniLM")) {
            BitSet kept = used(whole.encodeAll(COVERED, 64));
            int likest = whole.encode("instrument", 8)[1];
            VocabularyCut cut = VocabularyCut.sharing(json, kept, id -> likest, "MiniLM");
            kept.or(VocabularyCut.special(json, "MiniLM"));
            assertThat(cut.kept())
                    .containsExactlyElementsOf(kept.stream().boxed().toList());
            try (Tokenizer small = Tokenizer.from(cut.tokenizerJson(), "cut")) {
                int[] before = whole.encode("a brass zebra", 64);
                int[] after = small.encode("a brass zebra", 64);
                assertThat(after).hasSameSizeAs(before);
                for (int i = 0; i < before.length; i++) {
                    int expected = kept.get(before[i]) ? before[i] : likest;
                    assertThat(cut.kept().get(after[i])).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void nothingCutIsTheSameVocabulary() throws IOException {
        byte[] json = RealModel.tokenizerJson();
        BitSet all = new BitSet();
        all.set(0, 30522);
        VocabularyCut cut = VocabularyCut.of(json, all, "MiniLM");
        assertThat(cut.kept()).hasSize(30522);
        try (Tokenizer whole = Tokenizer.from(json, "MiniLM");
                Tokenizer same = Tokenizer.from(cut.tokenizerJson(), "cut")) {
            for (String text : COVERED) {
                assertThat(same.encode(text, 64)).isEqualTo(whole.encode(text, 64));
            }
        }
    }

    @Test
    void otherKindsOfVocabularyAreRefusedByName() {
        String bpe = "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"[PAD]\": 0, \"a\": 1}}}";
        assertThatThrownBy(() -> VocabularyCut.of(bpe.getBytes(StandardCharsets.UTF_8), new BitSet(), "model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("BPE")
                .hasMessageContaining("WordPiece");
    }

    private static BitSet used(List<int[]> texts) {
        BitSet used = new BitSet();
        texts.forEach(ids -> Arrays.stream(ids).forEach(used::set));
        return used;
    }
}
