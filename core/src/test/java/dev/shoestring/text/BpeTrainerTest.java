package dev.shoestring.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class BpeTrainerTest {
    private static final List<String> TEXTS = List.of(
            "low low low low low lower lower newest newest newest newest newest newest widest widest widest",
            "the cat sat on the mat; the cat ate 12345 and 678 rats\n\n  and slept\n",
            "Привет мир, привет! 中文字符中文 🙂🙂",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa aaaa");

    @ParameterizedTest
    @EnumSource
    void anyTextComesBackExactly(PreTokenization splitting) {
        TrainedTokenizer trained = new BpeTrainer(270, List.of("<|endoftext|>"), splitting)
                .train(TEXTS.stream(), TokenizerProgress.silent());
        Random random = new Random(7);
        try (LanguageTokenizer tokenizer = trained.open("test")) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(270);
            for (int i = 0; i < 500; i++) {
                String text = text(random);
                int[] ids = tokenizer.encode(text);
                assertThat(tokenizer.decode(ids, SpecialTokens.KEPT)).isEqualTo(text);
                StreamingDecoder stream = tokenizer.streamingDecoder(SpecialTokens.KEPT);
                StringBuilder streamed = new StringBuilder();
                for (int id : ids) {
                    streamed.append(stream.accept(id));
                }
                assertThat(streamed.append(stream.finish()).toString()).isEqualTo(text);
            }
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int[] ranges = {0x80, 0x250, 0x3000, 0x10000, 0x110000};
        for (int length = random.nextInt(40); length > 0; length--) {
            int point = random.nextInt(ranges[random.nextInt(ranges.length)]);
            text.appendCodePoint(point >= 0xD800 && point < 0xE000 ? ' ' : point);
        }
        return text.toString();
    }

    @Test
    void theMostFrequentPairsAreMergedFirst() {
        TrainedTokenizer trained = new BpeTrainer(256 + 3, List.of(), PreTokenization.GPT2)
                .train(Stream.of("abab abab ab ac"), TokenizerProgress.silent());
        assertThat(trained.tokenizerJson().path("model").path("merges"))
                .extracting(merge -> merge.asText())
                .containsExactly("a b", "Ġ ab");
    }

    @Test
    void theOrderOfTextsMakesNoDifference() {
        List<String> turned = new ArrayList<>(TEXTS);
        Collections.reverse(turned);
        BpeTrainer trainer = new BpeTrainer(300, List.of("<s>"), PreTokenization.LLAMA3);
        assertThat(trainer.train(turned.stream(), TokenizerProgress.silent()))
                .isEqualTo(trainer.train(TEXTS.stream(), TokenizerProgress.silent()));
    }

    @Test
    void fewTextsGiveFewerPieces() {
        assertThat(new BpeTrainer(5000, List.of(), PreTokenization.GPT2)
                        .train(Stream.of("one two"), TokenizerProgress.silent())
                        .vocabularySize())
                .isEqualTo(256);
    }

    @Test
    void impossibleWishesAreRefused() {
        assertThatThrownBy(() -> new BpeTrainer(200, List.of(), PreTokenization.GPT2))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--vocab");
        assertThatThrownBy(() -> new BpeTrainer(300, List.of("<a>", "<a>"), PreTokenization.GPT2))
                .isInstanceOf(InputException.class);
        assertThatThrownBy(() -> new BpeTrainer(300, List.of("a"), PreTokenization.GPT2))
                .isInstanceOf(InputException.class);
        assertThatThrownBy(() -> new BpeTrainer(300, List.of(), PreTokenization.GPT2)
                        .train(Stream.of(""), TokenizerProgress.silent()))
                .isInstanceOf(InputException.class);
    }
}
