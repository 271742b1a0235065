package dev.shoestring.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.Close;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.RotaryPositions;
import dev.shoestring.models.Visibility;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.LiveTensors;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.NextToken;
import dev.shoestring.train.TokenLoss;
import dev.shoestring.train.TokenRows;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is cut out of small decoders with random weights. */
final class DecoderPruningTest {
    private static final int LAYERS = 3;
    private static final int HEADS = 6;
    private static final int GROUPS = 3;
    private static final int HEAD_DIM = 4;
    private static final int WIDTH = 16;
    private static final int CHANNELS = 24;
    private static final int VOCABULARY = 40;

    private static DecoderConfig config(String family, boolean tied) {
        return new DecoderConfig(
                family,
                VOCABULARY,
                WIDTH,
                LAYERS,
                HEADS,
                GROUPS,
                HEAD_DIM,
                CHANNELS,
                64,
                1e-12,
                new RotaryPositions.Plain(10_000),
                tied,
                new DecoderConfig.Biases(family.equals("qwen2"), false, false),
                family.equals("qwen3"),
                Collections.nCopies(LAYERS, 0),
                0.2);
    }

    @ParameterizedTest
    @CsvSource({"llama, true", "llama, false", "qwen2, true", "qwen3, false"})
    void cuttingNothingIsTheIdentityToTheBit(String family, boolean tied) {
        DecoderConfig config = config(family, tied);
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled(config);
                ParameterStore same = cut(full, config, DecoderCut.nothing(config), 1)) {
            assertThat(DecoderCut.nothing(config).config(config)).isEqualTo(config);
            assertThat(logits(config, same)).isEqualTo(logits(config, full));
            assertThat(same.count()).isEqualTo(full.count()).isEqualTo(config.parameters());
        }
    }

    @ParameterizedTest
    @CsvSource({"llama, true", "llama, false", "qwen2, true", "qwen3, false"})
    void withoutChannelsAndHeadsIsAsWithThoseAtZero(String family, boolean tied) {
        DecoderConfig config = config(family, tied);
        DecoderCut all = DecoderCut.nothing(config);
        List<Integer> channels = List.of(0, 3, 5, 8, 13, 21);
        List<List<Integer>> heads = List.of(List.of(0, 2), List.of(3, 5), List.of(1, 4));
        List<List<Integer>> groups = List.of(List.of(0, 1), List.of(1, 2), List.of(0, 2));
        DecoderCut cut = new DecoderCut(
                VOCABULARY, all.layers(), heads, groups, Collections.nCopies(LAYERS, channels), all.width());
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled(config);
                ParameterStore small = cut(full, config, cut, 1)) {
            DecoderConfig smaller = cut.config(config);
            assertThat(smaller.numHeads()).isEqualTo(2);
            assertThat(smaller.numKeyValueHeads()).isEqualTo(2);
            assertThat(small.count()).isEqualTo(smaller.parameters());
            float[] without = logits(smaller, small);
            for (int layer = 0; layer < LAYERS; layer++) {
                String name = "model.layers." + layer;
                for (int channel = 0; channel < CHANNELS; channel++) {
                    if (!channels.contains(channel)) {
                        zero(full, name + ".mlp.down_proj.weight", channel, 1);
                    }
                }
                for (int head = 0; head < HEADS; head++) {
                    if (!heads.get(layer).contains(head)) {
                        zero(full, name + ".self_attn.o_proj.weight", head * HEAD_DIM, HEAD_DIM);
                    }
                }
            }
            Close.fp32("logits", without, logits(config, full));
        }
    }

    /** With corrected norms, and nothing in the channels that go. */
    @ParameterizedTest
    @CsvSource({"llama, true", "qwen2, false"})
    void aNarrowerNetworkIsTheFullOneWithThoseChannelsAtZero(String family, boolean tied) {
        DecoderConfig config = config(family, tied);
        DecoderCut all = DecoderCut.nothing(config);
        List<Integer> width = List.of(0, 1, 2, 5, 6, 7, 9, 10, 12, 15);
        DecoderCut cut =
                new DecoderCut(VOCABULARY, all.layers(), all.heads(), all.keyValueHeads(), all.channels(), width);
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled(config);
                ParameterStore small = cut(full, config, cut, 1)) {
            float[] narrow = logits(cut.config(config), small);
            for (int channel = 0; channel < WIDTH; channel++) {
                if (!width.contains(channel)) {
                    zero(full, "model.embed_tokens.weight", channel, 1);
                    if (!tied) {
                        zero(full, "lm_head.weight", channel, 1);
                    }
                    for (int layer = 0; layer < LAYERS; layer++) {
                        zeroRow(full, "model.layers." + layer + ".self_attn.o_proj.weight", channel);
                        zeroRow(full, "model.layers." + layer + ".mlp.down_proj.weight", channel);
                    }
                }
            }
            Close.fp32("logits", narrow, logits(config, full));
        }
    }

    @Test
    void layersAndRowsAreThoseThatWereAskedFor() {
        DecoderConfig config = config("llama", false);
        DecoderCut all = DecoderCut.nothing(config);
        DecoderCut cut = new DecoderCut(
                30,
                List.of(0, 2),
                all.heads().subList(0, 2),
                all.keyValueHeads().subList(0, 2),
                all.channels().subList(0, 2),
                all.width());
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled(config);
                ParameterStore small = cut(full, config, cut, 1)) {
            assertThat(tensor(small, "model.layers.1.mlp.up_proj.weight").toFloats())
                    .isEqualTo(tensor(full, "model.layers.2.mlp.up_proj.weight").toFloats());
            assertThat(tensor(small, "lm_head.weight").shape()).containsExactly(30, WIDTH);
            assertThat(small.count()).isEqualTo(cut.config(config).parameters());
        }
    }

    @Test
    void whatTheLayoutCannotSayIsRefused() {
        DecoderConfig config = config("llama", true);
        DecoderCut all = DecoderCut.nothing(config);
        List<List<Integer>> two = Collections.nCopies(LAYERS, List.of(0, 1));
        assertThatThrownBy(() -> new DecoderCut(
                        VOCABULARY,
                        all.layers(),
                        List.of(List.of(0), List.of(1), List.of(0, 1)),
                        two,
                        all.channels(),
                        all.width()))
                .hasMessageContaining("every layer must keep as many query heads, but they keep 1, 1, 2");
        List<List<Integer>> three = Collections.nCopies(LAYERS, List.of(0, 1, 2));
        assertThatThrownBy(() -> new DecoderCut(VOCABULARY, all.layers(), three, two, all.channels(), all.width()))
                .hasMessageContaining("query heads (3) must be a multiple of key and value heads (2)");
        assertThatThrownBy(() -> new DecoderCut(VOCABULARY, List.of(), List.of(), List.of(), List.of(), all.width()))
                .hasMessageContaining("at least one (0)");
        // Query heads 0 and 1 both read key and value head 0.
        DecoderCut uneven = new DecoderCut(VOCABULARY, all.layers(), two, two, all.channels(), all.width());
        assertThatThrownBy(() -> uneven.config(config))
                .hasMessageContaining("query head 1 reads key and value head 0, not 1");
    }

    @Test
    void importanceFindsWhatHasBeenMadeUseless() {
        DecoderConfig config = config("llama", true);
        try (TensorScope scope = TensorScope.open();
                ParameterStore full = filled(config)) {
            String layer = "model.layers.1";
            zero(full, layer + ".mlp.down_proj.weight", 4, CHANNELS - 4);
            // Of the first group the second head is left, and the last group whole.
            zero(full, layer + ".self_attn.o_proj.weight", 0, HEAD_DIM);
            zero(full, layer + ".self_attn.o_proj.weight", 2 * HEAD_DIM, 2 * HEAD_DIM);
            try (ParameterStore own = new ParameterStore(full.all()::get, 0)) {
                Decoder decoder = new Decoder(config, own);
                NextToken objective = new NextToken(
                        new DecoderPass(decoder, Arithmetic.FP32, false, 0),
                        new TokenLoss(decoder, Arithmetic.FP32, 8, 0));
                DecoderImportance importance = DecoderImportance.measure(objective, own, List.of(rows(), rows()));
                assertThat(own.all().values())
                        .allSatisfy(parameter -> assertThat(parameter.grad()).isNull());
                long before = LiveTensors.count();
                for (int i = 0; i < 20; i++) {
                    DecoderImportance.measure(objective, own, List.of(rows()));
                }
                assertThat(LiveTensors.count()).isEqualTo(before);
                DecoderCut cut = importance.cut(smaller(config), List.of(1));
                assertThat(cut.channels()).containsExactly(List.of(0, 1, 2, 3));
                assertThat(cut.keyValueHeads()).containsExactly(List.of(0, 2));
                assertThat(cut.heads().get(0)).hasSize(2).contains(1);
                assertThat(cut.config(config).numLayers()).isEqualTo(1);
                assertThat(importance.layers()).hasSize(LAYERS).doesNotContain(Double.NaN);
                String norm = "model.layers.1.post_attention_layernorm.weight";
                List<Integer> everything = DecoderCut.nothing(config).width();
                assertThat(importance.held(norm, everything)).isEqualTo(1);
                assertThat(importance.held(norm, everything.subList(0, 8))
                                + importance.held(norm, everything.subList(8, WIDTH)))
                        .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-9));
            }
        }
    }

    private static DecoderConfig smaller(DecoderConfig config) {
        return new DecoderConfig(
                config.family(),
                VOCABULARY,
                WIDTH,
                1,
                2,
                2,
                HEAD_DIM,
                4,
                config.maxPositions(),
                config.normEps(),
                config.rope(),
                config.tied(),
                config.biases(),
                config.headNorm(),
                List.of(0),
                config.deviation());
    }

    private static ParameterStore filled(DecoderConfig config) {
        ParameterStore store = ParameterStore.fresh(3);
        assertThat(new Decoder(config, store).config()).isEqualTo(config);
        try (NoGrad guard = NoGrad.on()) {
            store.all().values().forEach(parameter -> parameter.fillNormal(0.1, 0.3));
        }
        return store;
    }

    private static ParameterStore cut(ParameterStore full, DecoderConfig config, DecoderCut cut, double held) {
        ParameterStore small = new ParameterStore(new DecoderPruning(full.all(), config, cut, norm -> held), 0);
        assertThat(new Decoder(cut.config(config), small).blocks()).hasSameSizeAs(cut.layers());
        assertThat(small.initialized()).isEmpty();
        return small;
    }

    private static TokenRows rows() {
        int[][] ids = {{1, 5, 9, 2, 11, 7, 3, 8}, {4, 4, 6, 10, 12, 0, 1, 2}};
        int[][] targets = {{5, 9, 2, 11, 7, 3, 8, 1}, {4, 6, 10, 12, 0, 1, 2, 3}};
        return new TokenRows(ids, targets, new int[][] {{0}, {0, 3}}, 3, 0, 0, 0);
    }

    private static float[] logits(DecoderConfig config, ParameterStore store) {
        try (ParameterStore copy = new ParameterStore(store.all()::get, 0);
                NoGrad guard = NoGrad.on()) {
            Decoder decoder = new Decoder(config, copy);
            TokenRows rows = rows();
            return decoder.logits(rows.ids(), Visibility.of(decoder, rows.starts(), rows.length()))
                    .toFloats();
        }
    }

    private static Tensor tensor(ParameterStore store, String name) {
        return Objects.requireNonNull(store.all().get(name), name);
    }

    private static void zero(ParameterStore store, String name, int column, int count) {
        try (NoGrad guard = NoGrad.on()) {
            tensor(store, name).narrow(1, column, count).fill(0);
        }
    }

    private static void zeroRow(ParameterStore store, String name, int row) {
        try (NoGrad guard = NoGrad.on()) {
            tensor(store, name).narrow(0, row, 1).fill(0);
        }
    }
}
