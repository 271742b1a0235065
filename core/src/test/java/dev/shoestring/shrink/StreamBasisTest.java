package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.shoestring.Close;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The residual stream of a small network in fewer directions. */
final class StreamBasisTest {
    private static final BertConfig CONFIG = new BertConfig(60, 16, 3, 4, 32, 24, 2, 1e-12);
    private static final int KEPT = 8;
    private static final List<int[]> TEXTS =
            List.of(new int[] {1, 5, 9, 2, 7}, new int[] {1, 7, 3}, new int[] {1, 30, 40, 50, 2, 59});
    private static final List<TokenBatch> BATCHES = List.of(
            TokenBatch.of(List.of(new Encoded(TEXTS.get(0), 1), new Encoded(TEXTS.get(1), 0)), 0),
            TokenBatch.of(List.of(new Encoded(TEXTS.get(2), 1)), 0));

    @Test
    void theDirectionsAreOrthonormalAndCarryMoreThanAnyChannels() {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on();
                ParameterStore store = ParameterStore.fresh(3)) {
            Bert model = new Bert(CONFIG, 5, store, new Dropout(0, 0));
            StreamBasis basis = moments(store).basis(KEPT);
            Tensor p_DW = basis.directions();
            float[] identity = new float[KEPT * KEPT];
            for (int i = 0; i < KEPT; i++) {
                identity[i * KEPT + i] = 1;
            }
            Close.fp32("PᵀP", identity, p_DW.transpose(0, 1).matmul(p_DW).toFloats());
            double[] energy = energies(model);
            double best = Arrays.stream(energy)
                    .boxed()
                    .sorted(Collections.reverseOrder())
                    .limit(KEPT)
                    .mapToDouble(Double::doubleValue)
                    .sum();
            double all = Arrays.stream(energy).sum();
            assertThat(basis.energy()).isGreaterThanOrEqualTo(best / all).isLessThan(1);
        }
    }

    /** What each channel carries, every point of the stream with the same weight. */
    private static double[] energies(Bert model) {
        double[] energy = new double[16];
        int points = CONFIG.numLayers() + 1;
        for (int point = 0; point < points; point++) {
            double[] own = new double[16];
            double all = 0;
            for (TokenBatch batch : BATCHES) {
                BertInput input = BertInput.of(batch);
                float[] state = model.states(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE)
                        .get(point)
                        .toFloats();
                for (int row = 0; row < batch.size(); row++) {
                    for (int i = 0; i < batch.lengths()[row] * 16; i++) {
                        double value = state[row * batch.maxLength() * 16 + i];
                        own[i % 16] += value * value;
                        all += value * value;
                    }
                }
            }
            for (int channel = 0; channel < 16; channel++) {
                energy[channel] += own[channel] / all;
            }
        }
        return energy;
    }

    @Test
    void allDirectionsCarryEverything() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            Bert model = new Bert(CONFIG, 5, store, new Dropout(0, 0));
            assertThat(model.config()).isEqualTo(CONFIG);
            assertThat(moments(store).basis(16).energy()).isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void whatReadsAndWhatWritesIsTurnedTowardsThem() {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on();
                ParameterStore store = ParameterStore.fresh(3)) {
            Bert model = new Bert(CONFIG, 5, store, new Dropout(0, 0));
            assertThat(model.config()).isEqualTo(CONFIG);
            StreamBasis basis = moments(store).basis(KEPT);
            BertCut all = BertCut.nothing(CONFIG);
            List<Integer> heads = List.of(1, 3);
            List<Integer> half = BertCut.upTo(KEPT);
            BertCut cut = new BertCut(
                    all.words(), 24, all.layers(), List.of(heads, heads, heads), all.channels(), half, half);
            try (ParameterStore small = new ParameterStore(new BertPruning(store.all(), CONFIG, cut, basis), 1)) {
                Bert narrow = new Bert(cut.config(CONFIG), 5, small, new Dropout(0, 0));
                assertThat(small.initialized()).isEmpty();
                BertInput input = BertInput.of(BATCHES.get(0));
                assertThat(narrow.logits(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE)
                                .toFloats())
                        .hasSize(10)
                        .doesNotContain(Float.NaN);
                String up = "bert.encoder.layer.1.intermediate.dense.weight";
                Close.fp32(
                        "W·P",
                        tensor(store, up).matmul(basis.directions()).toFloats(),
                        tensor(small, up).toFloats());
                String down = "bert.encoder.layer.1.output.dense.weight";
                Close.fp32(
                        "Pᵀ·W",
                        basis.directions()
                                .transpose(0, 1)
                                .matmul(tensor(store, down))
                                .toFloats(),
                        tensor(small, down).toFloats());
            }
            assertThatThrownBy(() -> new BertPruning(store.all(), CONFIG, all, basis))
                    .hasMessageContaining("a basis of 8 directions for a width of 16");
        }
    }

    @Test
    void channelsThatANormSilencesMakeNoNumberMeaningless() {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on();
                ParameterStore store = ParameterStore.fresh(3)) {
            Bert model = new Bert(CONFIG, 5, store, new Dropout(0, 0));
            assertThat(model.config()).isEqualTo(CONFIG);
            String some = "bert.encoder.layer.0.output.LayerNorm.weight";
            float[] weight = tensor(store, some).toFloats();
            weight[3] = 0;
            tensor(store, some).copyFrom(Tensor.of(weight, weight.length));
            tensor(store, "bert.encoder.layer.1.output.LayerNorm.weight").copyFrom(Tensor.of(new float[16], 16));
            float[] shift = new float[16];
            Arrays.fill(shift, 1);
            tensor(store, "bert.encoder.layer.1.output.LayerNorm.bias").copyFrom(Tensor.of(shift, 16));
            StreamBasis basis = moments(store).basis(KEPT);
            for (int point = 0; point <= CONFIG.numLayers(); point++) {
                assertThat(basis.norm(Tensor.of(weight, weight.length), point).toFloats())
                        .doesNotContain(0, Float.NaN, Float.POSITIVE_INFINITY);
            }
        }
    }

    private static StreamMoments moments(ParameterStore store) {
        try (BertTrace trace = BertTrace.of(CONFIG, store, EqualLengths.of(TEXTS))) {
            return StreamMoments.of(trace);
        }
    }

    private static Tensor tensor(ParameterStore store, String name) {
        return Objects.requireNonNull(store.all().get(name), name);
    }

    @Test
    void nothingIsLeftBehind() {
        try (ParameterStore store = ParameterStore.fresh(3);
                Dropout dropout = new Dropout(0, 0)) {
            Bert model = new Bert(CONFIG, 5, store, dropout);
            assertThat(model.config()).isEqualTo(CONFIG);
            moments(store).basis(KEPT);
            long before = LiveTensors.count();
            for (int i = 0; i < 5; i++) {
                moments(store).basis(KEPT);
            }
            assertThat(LiveTensors.count()).isEqualTo(before);
        }
    }
}
