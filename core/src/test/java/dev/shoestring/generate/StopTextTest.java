package dev.shoestring.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.data.SplitMix;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StopTextTest {
    @Test
    void aStopStringAcrossPiecesEndsTheText() {
        StopText text = new StopText(List.of("\n\nUser:", "END"));
        assertThat(text.accept("Hello\n")).isEqualTo("Hello");
        assertThat(text.accept("\nUs")).isEmpty();
        assertThat(text.stopped()).isFalse();
        assertThat(text.accept("er: and more")).isEmpty();
        assertThat(text.stopped()).isTrue();
        assertThat(text.finish()).isEmpty();
        assertThat(text.accept("after")).isEmpty();
    }

    @Test
    void whatOnlyBeganLikeOneIsShown() {
        StopText text = new StopText(List.of("abac"));
        assertThat(text.accept("xaba")).isEqualTo("x");
        assertThat(text.accept("bac!")).isEqualTo("ab");
        assertThat(text.stopped()).isTrue();
        StopText open = new StopText(List.of("abc"));
        assertThat(open.accept("ab")).isEmpty();
        assertThat(open.finish()).isEqualTo("ab");
    }

    /** However a text is cut, what is shown is what comes before the first stop string. */
    @Test
    void howTheTextIsCutChangesNothing() {
        SplitMix random = SplitMix.of(3);
        for (int round = 0; round < 2000; round++) {
            List<String> stops =
                    List.of(letters(random, 1 + random.nextInt(4)), letters(random, 1 + random.nextInt(4)));
            String whole = letters(random, random.nextInt(30));
            StopText text = new StopText(stops);
            StringBuilder shown = new StringBuilder();
            for (int from = 0; from < whole.length() && !text.stopped(); ) {
                int to = Math.min(whole.length(), from + 1 + random.nextInt(3));
                shown.append(text.accept(whole.substring(from, to)));
                from = to;
            }
            shown.append(text.finish());
            assertThat(shown.toString()).as(whole + " until " + stops).isEqualTo(untilFirst(whole, stops));
        }
    }

    /** Ends where the first stop string is complete: it may have begun after another that is longer. */
    private static String untilFirst(String whole, List<String> stops) {
        for (int end = 1; end <= whole.length(); end++) {
            String read = whole.substring(0, end);
            if (stops.stream().anyMatch(read::contains)) {
                return read.substring(
                        0,
                        stops.stream()
                                .filter(read::contains)
                                .mapToInt(read::indexOf)
                                .min()
                                .orElseThrow());
            }
        }
        return whole;
    }

    private static String letters(SplitMix random, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append((char) ('a' + random.nextInt(2)));
        }
        return text.toString();
    }
}
