package dev.shoestring.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.Close;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.TinyDecoder;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DecoderAdaptationTest {
    private static final DecoderConfig CONFIG = DecoderConfigs.read(TinyDecoder.config("llama-biased"), "tiny");

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true"})
    void updatesBeginAtNothingAndMergeWithoutChange(boolean rankStabilized, boolean dora) {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            Decoder decoder = new Decoder(CONFIG, store);
            float[] before = TinyDecoder.logits(decoder, "llama-biased");
            List<String> chosen = DecoderAdaptation.apply(
                    store, new AdaptSpec.Lora(3, 6, List.of("q_proj", "down_proj"), dora, rankStabilized));
            assertThat(chosen)
                    .containsExactly(
                            "model.layers.0.self_attn.q_proj",
                            "model.layers.0.mlp.down_proj",
                            "model.layers.1.self_attn.q_proj",
                            "model.layers.1.mlp.down_proj");
            Close.fp32("begins at nothing", TinyDecoder.logits(decoder, "llama-biased"), before);
            assertThat(store.trainable().keySet()).hasSize(4 * (dora ? 3 : 2)).allMatch(name -> name.contains("lora_"));
            RandomState.seed(5);
            store.trainable().forEach((name, parameter) -> {
                if (!name.endsWith("vector")) {
                    parameter.fillNormal(0, 0.3);
                } else {
                    parameter.mulInPlace(1.25);
                }
            });
            float[] adapted = TinyDecoder.logits(decoder, "llama-biased");
            assertThat(adapted).isNotEqualTo(before);
            Map<String, Tensor> merged = LowRankAdaptation.merged(store);
            try (ParameterStore plain = new ParameterStore(merged::get, 0)) {
                Decoder reopened = new Decoder(CONFIG, plain);
                assertThat(plain.initialized()).isEmpty();
                assertThat(plain.all().keySet()).isEqualTo(merged.keySet());
                Close.fp32("merged", TinyDecoder.logits(reopened, "llama-biased"), adapted);
            }
        }
    }

    @Test
    void allLinearMeansEveryMatrixOfTheBlocks() {
        try (ParameterStore store = ParameterStore.fresh(3)) {
            new Decoder(CONFIG, store);
            assertThat(DecoderAdaptation.apply(store, new AdaptSpec.Lora(2, 4))).hasSize(14);
        }
    }

    @Test
    void theScaleIsThatOfItsPaper() {
        assertThat(new AdaptSpec.Lora(16, 32).scale()).isEqualTo(2);
        assertThat(new AdaptSpec.Lora(16, 32, List.of("q_proj"), false, true).scale())
                .isEqualTo(8);
    }

    @Test
    void anUnknownTargetIsRefusedWithTheValidOnes() {
        try (ParameterStore store = ParameterStore.fresh(3)) {
            new Decoder(CONFIG, store);
            assertThatThrownBy(() -> DecoderAdaptation.apply(
                            store, new AdaptSpec.Lora(2, 4, List.of("q_proj", "v_porj"), false, false)))
                    .isInstanceOf(InputException.class)
                    .hasMessage("target_modules: \"v_porj\" names no layer of this model; nearest: v_proj; "
                            + "valid: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, all-linear");
        }
    }
}
