package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.Close;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What flows through a small network, and what is made of a cut one by it. */
final class BertRefitTest {
    private static final BertConfig CONFIG = new BertConfig(60, 16, 3, 4, 32, 24, 2, 1e-12);
    private static final int LABELS = 5;
    private static final List<int[]> TEXTS = texts();

    private static List<int[]> texts() {
        Random random = new Random(7);
        List<int[]> texts = new ArrayList<>();
        for (int text = 0; text < 60; text++) {
            texts.add(random.ints(3 + text % 7, 0, 60).toArray());
        }
        return texts;
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

    private static ParameterStore again(ParameterStore full) {
        return new ParameterStore(full.all()::get, 0);
    }

    @Test
    void theTraceIsWhatTheNetworkComputes() {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on();
                ParameterStore full = filled();
                ParameterStore copy = again(full);
                BertTrace trace = BertTrace.of(CONFIG, full, EqualLengths.of(TEXTS))) {
            Bert model = new Bert(CONFIG, LABELS, copy, new Dropout(0, 0));
            // Groups are by length and keep the order of the texts: the first text of three tokens stands first.
            List<Tensor> states = model.states(Tensor.of(TEXTS.get(0), 1, 3), null, Mode.EVALUATE);
            for (int point = 0; point < states.size(); point++) {
                Close.fp32(
                        "point " + point,
                        states.get(point).toFloats(),
                        trace.into(point).narrow(0, 0, 3).contiguous().toFloats());
            }
            assertThat(trace.tokens())
                    .isEqualTo(TEXTS.stream().mapToInt(text -> text.length).sum());
        }
    }

    @Test
    void activationNormsFindWhatHasBeenMadeUseless() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled()) {
            for (int channel = 4; channel < 32; channel++) {
                zeroColumn(full, "bert.encoder.layer.1.output.dense.weight", channel);
            }
            for (int column = 0; column < 12; column++) {
                zeroColumn(full, "bert.encoder.layer.1.attention.output.dense.weight", column);
            }
            for (int column = 0; column < 15; column++) {
                zeroColumn(full, "classifier.weight", column);
            }
            try (BertTrace trace = BertTrace.of(CONFIG, full, EqualLengths.of(TEXTS))) {
                assertThat(trace.channels(1, 4)).containsExactly(0, 1, 2, 3);
                assertThat(trace.heads(1, 1)).containsExactly(3);
                assertThat(trace.pooled(1)).containsExactly(15);
            }
        }
    }

    /** Half of the channels of each layer say what the other half says, so that without it nothing is missing but the weights' sum. */
    @Test
    void whatAnotherChannelSaysIsMadeUpForAlmostWholly() {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on();
                ParameterStore full = filled()) {
            for (int layer = 0; layer < 3; layer++) {
                String up = "bert.encoder.layer." + layer + ".intermediate.dense.";
                for (String name : List.of(up + "weight", up + "bias")) {
                    Tensor whole = tensor(full, name);
                    whole.narrow(0, 16, 16).copyFrom(whole.narrow(0, 0, 16).copy());
                }
            }
            BertCut all = BertCut.nothing(CONFIG);
            List<Integer> half = BertCut.upTo(16);
            BertCut cut = new BertCut(
                    all.words(), 24, all.layers(), all.heads(), List.of(half, half, half), all.width(), all.pooled());
            try (ParameterStore copy = again(full);
                    BertTrace trace = BertTrace.of(CONFIG, full, EqualLengths.of(TEXTS));
                    ParameterStore small = new ParameterStore(new BertPruning(full.all(), CONFIG, cut), 0)) {
                Bert narrow = new Bert(cut.config(CONFIG), LABELS, small, new Dropout(0, 0));
                Bert model = new Bert(CONFIG, LABELS, copy, new Dropout(0, 0));
                double before = distance(model, narrow);
                BertRefit.fit(small, trace, cut, null, piece -> piece);
                assertThat(before).isGreaterThan(0.1);
                assertThat(distance(model, narrow)).isLessThan(before / 3);
                assertThat(cut.keepsEncoder(CONFIG)).isFalse();
                assertThat(all.keepsEncoder(CONFIG)).isTrue();
            }
        }
    }

    /** Largest difference of the encoders' outputs on a text that nothing was fitted to. */
    private static double distance(Bert one, Bert other) {
        Tensor ids_BT = Tensor.of(new int[] {5, 17, 33, 2, 58, 41}, 1, 6);
        return one.firstTokens(ids_BT, null, Mode.EVALUATE)
                .sub(other.firstTokens(ids_BT, null, Mode.EVALUATE))
                .norm()
                .item();
    }

    /** How far a narrower network is from the stream of the full one, in its directions, on the texts that it was fitted to. */
    private static double missing(Bert full, Bert narrow, StreamBasis basis) {
        double sum = 0;
        for (int[] text : TEXTS) {
            Tensor ids_BT = Tensor.of(text, 1, text.length);
            double one = basis.reading(full.firstTokens(ids_BT, null, Mode.EVALUATE))
                    .sub(narrow.firstTokens(ids_BT, null, Mode.EVALUATE))
                    .norm()
                    .item();
            sum += one * one;
        }
        return Math.sqrt(sum);
    }

    /** Layers, heads, channels and width are cut at once: what is fitted must be each one's own. */
    @Test
    void whatIsCutEverywhereComesNearerAndNothingIsLeftBehind() {
        BertCut all = BertCut.nothing(CONFIG);
        List<Integer> heads = List.of(1, 3);
        List<Integer> half = BertCut.upTo(8);
        BertCut cut =
                new BertCut(all.words(), 24, List.of(0, 2), List.of(heads, heads), List.of(half, half), half, half);
        try (ParameterStore full = filled();
                ParameterStore copy = again(full)) {
            Bert model = new Bert(CONFIG, LABELS, copy, new Dropout(0, 0));
            long living = LiveTensors.count();
            for (int i = 0; i < 5; i++) {
                try (BertTrace trace = BertTrace.of(CONFIG, full, EqualLengths.of(TEXTS))) {
                    StreamBasis basis = StreamMoments.of(trace).basis(8);
                    try (TensorScope scope = TensorScope.open();
                            NoGrad guard = NoGrad.on();
                            ParameterStore small =
                                    new ParameterStore(new BertPruning(full.all(), CONFIG, cut, basis), 0)) {
                        Bert narrow = new Bert(cut.config(CONFIG), LABELS, small, new Dropout(0, 0));
                        double before = missing(model, narrow, basis);
                        BertRefit.fit(small, trace, cut, basis, piece -> piece);
                        assertThat(missing(model, narrow, basis)).isLessThan(0.9 * before);
                    }
                }
            }
            assertThat(LiveTensors.count()).isEqualTo(living);
        }
    }

    private static void zeroColumn(ParameterStore store, String name, int column) {
        try (NoGrad guard = NoGrad.on()) {
            tensor(store, name).narrow(1, column, 1).fill(0);
        }
    }

    private static Tensor tensor(ParameterStore store, String name) {
        return Objects.requireNonNull(store.all().get(name), name);
    }
}
