package dev.shoestring.run;

import dev.shoestring.shrink.SharedRows;
import dev.shoestring.text.VocabularyCut;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Which pieces of a classifier's vocabulary keep a row of the word embedding, for vocabularies of any size, and what becomes of the others. */
final class PieceRows {
    private final BertFolder source;
    private final WordUse words;
    private final Lost lost;
    private final SharedRows shared;
    private final Map<Integer, Rows> known = new HashMap<>();

    /**
     * Of a classifier.
     *
     * @param words how often the texts use each piece
     * @param work told the floating-point operations of finding the likest rows
     */
    PieceRows(BertFolder source, WordUse words, Lost lost, DoubleConsumer work) {
        this.source = source;
        this.words = words;
        this.lost = lost;
        this.shared = new SharedRows(source.model().wordEmbeddings(), work);
    }

    /** What becomes of the pieces of a vocabulary that lose their row of the embedding. */
    enum Lost {
        /** They share the row of the likest piece that keeps its own: texts are cut into tokens as before. */
        SHARED,
        /** They go: words fall into shorter pieces, down to single characters, all of which are kept. */
        CUT
    }

    /**
     * The pieces that keep a row of the word embedding.
     *
     * @param row for each piece of the original its row, or the likest's
     */
    record Rows(VocabularyCut cut, IntUnaryOperator row) {}

    /** The vocabulary of so many pieces: the most frequent in the texts. */
    Rows of(int pieces) {
        return known.computeIfAbsent(pieces, most -> {
            BitSet wanted = words.most(most);
            String name = source.folder().toString();
            BitSet kept = wanted;
            @Nullable VocabularyCut shorter = null;
            if (lost == Lost.CUT) {
                shorter = VocabularyCut.of(source.tokenizerJson(), wanted, name);
                kept = new BitSet();
                shorter.kept().forEach(kept::set);
            }
            int[] likest = shared.likest(kept);
            VocabularyCut cut = shorter == null
                    ? VocabularyCut.sharing(source.tokenizerJson(), kept, id -> likest[id], name)
                    : shorter;
            int[] place = new int[source.model().config().vocabSize()];
            for (int row = 0; row < cut.kept().size(); row++) {
                place[cut.kept().get(row)] = row;
            }
            return new Rows(cut, piece -> place[likest[piece]]);
        });
    }
}
