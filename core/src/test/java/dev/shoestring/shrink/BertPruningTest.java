package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.Close;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is cut out of a small network with random weights. */
final class BertPruningTest {
    private static final BertConfig CONFIG = new BertConfig(60, 16, 3, 4, 32, 24, 2, 1e-12);
    private static final int LABELS = 5;

    @Test
    void cuttingNothingIsTheIdentityToTheBit() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled()) {
            float[] before = logits(CONFIG, full);
            try (ParameterStore same = cut(full, BertCut.nothing(CONFIG))) {
                assertThat(logits(CONFIG, same)).isEqualTo(before);
                assertThat(same.initialized()).isEmpty();
                assertThat(same.count()).isEqualTo(full.count());
            }
        }
    }

    @Test
    void withoutChannelsIsAsWithThoseChannelsAtZero() {
        BertCut all = BertCut.nothing(CONFIG);
        List<Integer> kept = List.of(0, 3, 5, 8, 13, 21, 30, 31);
        BertCut cut = new BertCut(
                all.words(), 24, all.layers(), all.heads(), List.of(kept, kept, kept), all.width(), all.pooled());
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled();
                ParameterStore small = cut(full, cut)) {
            float[] without = logits(cut.config(CONFIG), small);
            for (int layer = 0; layer < 3; layer++) {
                String name = "bert.encoder.layer." + layer;
                for (int channel = 0; channel < 32; channel++) {
                    if (!kept.contains(channel)) {
                        zeroColumn(full, name + ".output.dense.weight", channel);
                    }
                }
            }
            Close.fp32("logits", without, logits(CONFIG, full));
        }
    }

    @Test
    void withoutHeadsAndWidthReadsTheRowsAndColumnsOfThoseThatStay() {
        BertCut all = BertCut.nothing(CONFIG);
        List<Integer> heads = List.of(1, 3);
        List<Integer> width = List.of(0, 1, 2, 3, 8, 9, 10, 15);
        List<Integer> pooled = List.of(4, 5, 6, 7, 8, 9, 10, 11);
        BertCut cut =
                new BertCut(all.words(), 24, all.layers(), List.of(heads, heads, heads), all.channels(), width, pooled);
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled();
                ParameterStore small = cut(full, cut)) {
            assertThat(logits(cut.config(CONFIG), small)).hasSize(2 * LABELS).doesNotContain(Float.NaN);
            float[] whole = tensor(full, "bert.encoder.layer.1.attention.self.key.weight")
                    .toFloats();
            float[] part = tensor(small, "bert.encoder.layer.1.attention.self.key.weight")
                    .toFloats();
            for (int row = 0; row < 8; row++) {
                int fullRow = heads.get(row / 4) * 4 + row % 4;
                for (int column = 0; column < 8; column++) {
                    assertThat(part[row * 8 + column]).isEqualTo(whole[fullRow * 16 + width.get(column)]);
                }
            }
            float[] classifier = tensor(full, "classifier.weight").toFloats();
            assertThat(tensor(small, "classifier.weight").toFloats()[8 + 2]).isEqualTo(classifier[16 + 6]);
        }
    }

    @Test
    void withoutHeadsAtFullWidthIsRefused() {
        BertCut all = BertCut.nothing(CONFIG);
        List<Integer> three = List.of(0, 1, 2);
        assertThatThrownBy(() -> new BertCut(
                        all.words(),
                        24,
                        all.layers(),
                        List.of(three, three, three),
                        all.channels(),
                        all.width(),
                        all.pooled()))
                .hasMessageContaining("multiple of its heads (3)");
        assertThatThrownBy(() -> new BertCut(
                        all.words(),
                        24,
                        all.layers(),
                        List.of(three, List.of(0), three),
                        all.channels(),
                        all.width(),
                        all.pooled()))
                .hasMessageContaining("every layer must keep as many heads, but they keep 3, 1, 3");
    }

    @Test
    void layersWordsAndPositionsAreThoseThatWereAskedFor() {
        BertCut all = BertCut.nothing(CONFIG);
        List<Integer> words = BertCut.upTo(40);
        BertCut cut = new BertCut(
                words,
                12,
                List.of(0, 2),
                all.heads().subList(0, 2),
                all.channels().subList(0, 2),
                all.width(),
                all.pooled());
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled();
                ParameterStore small = cut(full, cut)) {
            BertConfig config = cut.config(CONFIG);
            assertThat(config).isEqualTo(new BertConfig(40, 16, 2, 4, 32, 12, 2, 1e-12));
            assertThat(tensor(small, "bert.encoder.layer.1.output.dense.weight").toFloats())
                    .isEqualTo(tensor(full, "bert.encoder.layer.2.output.dense.weight")
                            .toFloats());
            EncoderShape shape = new EncoderShape(40, 2, 16, 4, 32, 12, 2, LABELS);
            assertThat(small.count()).isEqualTo(shape.parameters());
        }
    }

    private static ParameterStore again(ParameterStore full) {
        return new ParameterStore(full.all()::get, 0);
    }

    private static ParameterStore filled() {
        ParameterStore store = ParameterStore.fresh(3);
        Bert unused = new Bert(CONFIG, LABELS, store, new Dropout(0, 0));
        assertThat(unused.config()).isEqualTo(CONFIG);
        try (NoGrad guard = NoGrad.on()) {
            store.all().values().forEach(parameter -> parameter.fillNormal(0.1, 0.3));
        }
        return store;
    }

    private static ParameterStore cut(ParameterStore full, BertCut cut) {
        ParameterStore small = new ParameterStore(new BertPruning(full.all(), CONFIG, cut), 0);
        Bert built = new Bert(cut.config(CONFIG), LABELS, small, new Dropout(0, 0));
        assertThat(built.config().numLayers()).isEqualTo(cut.layers().size());
        assertThat(small.initialized()).isEmpty();
        return small;
    }

    private static TokenBatch batch() {
        return TokenBatch.of(
                List.of(new Encoded(new int[] {1, 5, 9, 2, 11}, 0), new Encoded(new int[] {1, 7, 3}, 1)), 0);
    }

    private static float[] logits(BertConfig config, ParameterStore store) {
        try (ParameterStore copy = again(store);
                NoGrad guard = NoGrad.on()) {
            BertInput input = BertInput.of(batch());
            return new Bert(config, LABELS, copy, new Dropout(0, 0))
                    .logits(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE)
                    .toFloats();
        }
    }

    private static Tensor tensor(ParameterStore store, String name) {
        return Objects.requireNonNull(store.all().get(name), name);
    }

    private static void zeroColumn(ParameterStore store, String name, int column) {
        try (NoGrad guard = NoGrad.on()) {
            tensor(store, name).narrow(1, column, 1).fill(0);
        }
    }
}
