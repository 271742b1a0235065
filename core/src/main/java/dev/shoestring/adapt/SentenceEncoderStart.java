package dev.shoestring.adapt;

import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.List;
import java.util.Objects;

/**
 * Where fine-tuning starts when a classifier on the first token is put on an encoder that was trained to average its tokens, as
 * sentence encoders are. The last layer's queries start at zero, so that the first token begins by averaging the values of all; the
 * pooler starts as the identity, for it was never trained with the encoder. All of it is trained on from there. On WordNet's
 * definitions, frozen features of the first token gain ten points by it, and full fine-tuning gains one point with 250 labels, half
 * a point with 1,000 and nothing that can be told from noise with 6,000; it costs nothing (docs/experiments.md).
 */
public final class SentenceEncoderStart {
    private SentenceEncoderStart() {}

    /** Sets the pooler and the queries of layer {@code lastLayer}. */
    public static void apply(ParameterStore store, int lastLayer) {
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            Tensor pooler = parameter(store, "bert.pooler.dense.weight");
            int width = (int) pooler.size(0);
            float[] identity = new float[width * width];
            for (int i = 0; i < width; i++) {
                identity[i * width + i] = 1;
            }
            pooler.copyFrom(Tensor.of(identity, width, width));
            String queries = "bert.encoder.layer." + lastLayer + ".attention.self.query";
            for (String name : List.of("bert.pooler.dense.bias", queries + ".weight", queries + ".bias")) {
                Tensor parameter = parameter(store, name);
                parameter.copyFrom(Tensor.zeros(DType.FLOAT32, parameter.shape()));
            }
        }
    }

    private static Tensor parameter(ParameterStore store, String name) {
        return Objects.requireNonNull(store.all().get(name), name);
    }
}
