package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.data.Documents.Part;
import dev.shoestring.data.PackedSequences.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every token of the corpora here occurs once, so that a pair shows where it comes from. */
final class PackedSequencesTest {
    private static final int VOCABULARY = 10_000;
    private static final int END = VOCABULARY - 1;

    private final Path folder;

    PackedSequencesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void everyPairIsInExactlyOneRow() throws IOException {
        for (int trial = 0; trial < 60; trial++) {
            SplitMix random = SplitMix.of(17, trial);
            int[] lengths = random.ints(1 + random.nextInt(30), 1, 60).toArray();
            int rowLength = 1 + random.nextInt(40);
            int end = random.nextBoolean() ? END : -1;
            TokenFile file = file(lengths);
            List<Long> expected = pairs(lengths, end);
            for (Order order : Order.values()) {
                PackedSequences packed = new PackedSequences(file, rowLength, end, order, trial);
                List<Long> found = new ArrayList<>();
                for (int row = 0; row < packed.rows(); row++) {
                    PackedRow one = packed.row(trial % 3, row);
                    assertThat(one.length()).isLessThanOrEqualTo(rowLength);
                    if (order == Order.SHUFFLED || row < packed.rows() - 1) {
                        assertThat(one.length()).isEqualTo(rowLength);
                    }
                    checkStarts(one, end);
                    for (int i = 0; i < one.length(); i++) {
                        found.add(pair(one.inputs()[i], one.targets()[i]));
                    }
                }
                assertThat(found).doesNotHaveDuplicates().isSubsetOf(expected);
                assertThat(found).hasSize(expected.size() - packed.dropped());
                assertThat(packed.tokens()).isEqualTo(found.size());
                assertThat(packed.dropped()).isLessThan(order == Order.SHUFFLED ? rowLength : 1);
                if (order == Order.AS_THEY_COME) {
                    assertThat(found).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void aRowFollowsFromSeedEpochAndNumberAlone() throws IOException {
        TokenFile file = file(new int[] {50, 3, 200, 1, 77});
        PackedSequences one = new PackedSequences(file, 16, END, Order.SHUFFLED, 5);
        PackedSequences restarted = new PackedSequences(file, 16, END, Order.SHUFFLED, 5);
        for (int row = one.rows() - 1; row >= 0; row--) {
            one.row(row % 4, row);
        }
        for (int row = 0; row < one.rows(); row++) {
            assertThat(restarted.row(1, row)).usingRecursiveComparison().isEqualTo(one.row(1, row));
        }
        int[] other =
                new PackedSequences(file, 16, END, Order.SHUFFLED, 6).row(1, 0).inputs();
        assertThat(one.row(1, 0).inputs())
                .isNotEqualTo(other)
                .isNotEqualTo(one.row(2, 0).inputs());
    }

    @Test
    void shorterRowsCoverTheSameTokens() throws IOException {
        TokenFile file = file(new int[] {50, 3, 200, 1, 77});
        PackedSequences packed = new PackedSequences(file, 32, -1, Order.SHUFFLED, 5);
        List<Integer> whole = new ArrayList<>();
        List<Integer> pieces = new ArrayList<>();
        for (int row = 0; row < packed.rows(); row++) {
            addAll(whole, packed.row(3, row).targets());
        }
        long at = 0;
        for (int length = 4; at < packed.tokens(); at += length, length = Math.min(32, length + 3)) {
            length = (int) Math.min(length, packed.tokens() - at);
            PackedRow row = packed.read(3, at, length);
            checkStarts(row, -1);
            addAll(pieces, row.targets());
        }
        assertThat(pieces).isEqualTo(whole);
    }

    @Test
    void oneLongDocumentIsCutAtOtherPlacesInEachEpoch() throws IOException {
        PackedSequences packed = new PackedSequences(file(new int[] {1_000}), 64, -1, Order.SHUFFLED, 1);
        List<Integer> phases = new ArrayList<>();
        for (int epoch = 0; epoch < 8; epoch++) {
            phases.add(packed.row(epoch, 0).inputs()[0] % 64);
        }
        assertThat(phases.stream().distinct().count()).isGreaterThan(4);
    }

    @Test
    void aRowKnowsThePositionsInItsDocuments() {
        assertThat(new PackedRow(new int[6], new int[6], new int[] {0, 2, 5}).positions())
                .containsExactly(0, 1, 0, 1, 2, 0);
    }

    /** Within a piece each target is the next input; at the end of one either the document ends or the piece is cut. */
    private static void checkStarts(PackedRow row, int end) {
        int[] starts = row.starts();
        assertThat(starts[0]).isZero();
        for (int piece = 0; piece < starts.length; piece++) {
            int to = piece + 1 < starts.length ? starts[piece + 1] : row.length();
            assertThat(to).isGreaterThan(starts[piece]);
            for (int i = starts[piece]; i + 1 < to; i++) {
                assertThat(row.targets()[i]).isEqualTo(row.inputs()[i + 1]);
            }
            int last = row.targets()[to - 1];
            assertThat(last == end || last == row.inputs()[to - 1] + 1).isTrue();
        }
    }

    private static List<Long> pairs(int[] lengths, int end) {
        List<Long> pairs = new ArrayList<>();
        int token = 0;
        for (int length : lengths) {
            for (int i = 1; i < length; i++, token++) {
                pairs.add(pair(token, token + 1));
            }
            if (end >= 0) {
                pairs.add(pair(token, end));
            }
            token++;
        }
        return pairs;
    }

    private static long pair(int input, int target) {
        return (long) input * VOCABULARY + target;
    }

    private static void addAll(List<Integer> list, int[] values) {
        for (int value : values) {
            list.add(value);
        }
    }

    private TokenFile file(int[] lengths) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < lengths.length; i++) {
            lines.append(i).append(' ').append(lengths[i]).append('\n');
        }
        Path text = Files.writeString(folder.resolve("a.txt"), lines);
        Documents documents =
                new Documents(List.of(new TextSource.Text(text, DocumentUnit.LINE)), new ContentSplit.None());
        int[] next = {0};
        TokenEncoding encoding = new TokenEncoding(
                texts -> texts.stream()
                        .map(line -> {
                            int[] ids = new int[Integer.parseInt(line.substring(line.indexOf(' ') + 1))];
                            for (int i = 0; i < ids.length; i++) {
                                ids[i] = next[0]++;
                            }
                            return ids;
                        })
                        .toList(),
                "numbers",
                VOCABULARY);
        return TokenFile.in(folder.resolve("cache"), documents, Part.ALL, encoding, (done, all, tokens) -> {});
    }
}
