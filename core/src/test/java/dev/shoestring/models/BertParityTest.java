package dev.shoestring.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.Close;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Against Transformers: the fixture is made by {@code compat/make_bert_fixtures.py}. */
final class BertParityTest {
    private static final BertConfig CONFIG = new BertConfig(60, 16, 3, 4, 32, 24, 2, 1e-12);

    @Test
    void logitsLossAndEveryGradientEqualTransformers() throws URISyntaxException {
        Path file = Path.of(Objects.requireNonNull(BertParityTest.class.getResource("tiny-bert.safetensors"))
                .toURI());
        try (TensorScope scope = TensorScope.open();
                Weights fixture = Safetensors.open(file);
                ParameterStore store = new ParameterStore(name -> load(fixture, "weight." + name), 0)) {
            Bert model = new Bert(CONFIG, 5, store, new Dropout(0, 0));
            assertThat(store.initialized()).isEmpty();

            TokenBatch batch = batch(fixture);
            BertInput input = BertInput.of(batch);
            Tensor logits = model.logits(input.ids_BT(), input.bias_B11T(), Mode.TRAIN);
            Close.fp32("logits", logits.toFloats(), floats(fixture, "output.logits"));

            Tensor loss = logits.crossEntropySum(Tensor.of(batch.labels(), batch.size()), 0.1)
                    .mul(1.0 / batch.size());
            Close.fp32("loss", loss.toFloats(), floats(fixture, "output.loss"));
            loss.backward();
            store.all()
                    .forEach((name, parameter) -> Close.fp32(
                            "gradient of " + name,
                            Objects.requireNonNull(parameter.grad(), name).toFloats(),
                            floats(fixture, "grad." + name)));
            assertThat(store.all()).hasSize(57);
        }
    }

    @Test
    void firstTokenShortcutEqualsTheWholeLastLayer() throws URISyntaxException {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            Bert model = new Bert(CONFIG, 5, store, new Dropout(0, 0));
            BertInput input = BertInput.of(TokenBatch.of(
                    List.of(new Encoded(new int[] {1, 5, 9, 2}, 0), new Encoded(new int[] {1, 7}, 1)), 0));
            Tensor whole = model.hidden(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE);
            Tensor first = model.firstTokens(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE);
            Close.fp32("first token", first.toFloats(), whole.select(1, 0).toFloats());
        }
    }

    @Test
    void paddingChangesNothing() {
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(3)) {
            Bert model = new Bert(CONFIG, 5, store, new Dropout(0, 0));
            Encoded sentence = new Encoded(new int[] {1, 7, 8}, 1);
            Encoded longer = new Encoded(new int[] {1, 5, 9, 2, 11, 12, 13}, 0);
            float[] alone = logits(model, List.of(sentence));
            float[] padded = Arrays.copyOfRange(logits(model, List.of(sentence, longer)), 0, 5);
            Close.fp32("logits", padded, alone);
        }
    }

    private static float[] logits(Bert model, List<Encoded> sentences) {
        BertInput input = BertInput.of(TokenBatch.of(sentences, 0));
        return model.logits(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE).toFloats();
    }

    private static TokenBatch batch(Weights fixture) {
        long[] ids = load(fixture, "input.ids").toLongs();
        long[] lengths = load(fixture, "input.lengths").toLongs();
        long[] labels = load(fixture, "input.labels").toLongs();
        int width = ids.length / lengths.length;
        List<Encoded> rows = new ArrayList<>();
        for (int row = 0; row < lengths.length; row++) {
            int[] own = Arrays.stream(ids, row * width, row * width + (int) lengths[row])
                    .mapToInt(id -> (int) id)
                    .toArray();
            rows.add(new Encoded(own, (int) labels[row]));
        }
        return TokenBatch.of(rows, 0);
    }

    private static float[] floats(Weights fixture, String name) {
        return load(fixture, name).toFloats();
    }

    private static Tensor load(Weights fixture, String name) {
        TensorInfo info = Objects.requireNonNull(fixture.tensors().get(name), name);
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        return Tensor.ofBytes(fixture.read(name), info.type() == ElementType.I64 ? DType.INT64 : DType.FLOAT32, shape);
    }
}
