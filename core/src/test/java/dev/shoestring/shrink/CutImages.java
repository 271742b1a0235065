package dev.shoestring.shrink;

import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import java.util.List;
import java.util.Objects;

/** Convolutional networks with weights and statistics that are all random, for tests. */
final class CutImages {
    static final int LABELS = 4;
    static final int SIZE = 32;

    private CutImages() {}

    static ImageConfig config(String architecture) {
        List<Double> half = List.of(0.5, 0.5, 0.5);
        boolean mobile = architecture.startsWith("mobile");
        return new ImageConfig(
                architecture,
                3,
                SIZE,
                half,
                half,
                architecture.equals("slimnet") ? 16 : 0,
                mobile ? 1e-3 : 1e-5,
                mobile);
    }

    /** Random parameters, and statistics that are none of a fresh network's. */
    static ParameterStore filled(ImageConfig config) {
        ParameterStore store = ParameterStore.fresh(3);
        ImageNetworks.of(config, LABELS, store);
        RandomState.seed(5, 7);
        try (NoGrad guard = NoGrad.on()) {
            store.all().forEach((name, tensor) -> {
                if (name.endsWith("running_var")) {
                    tensor.fillUniform(0.5, 2);
                } else if (tensor.dim() == 1) {
                    tensor.fillUniform(name.endsWith(".weight") ? 0.5 : -0.5, name.endsWith(".weight") ? 1.5 : 0.5);
                }
            });
        }
        return store;
    }

    static Tensor images(int count) {
        RandomState.seed(11, 13);
        return Tensor.zeros(DType.FLOAT32, count, 3, SIZE, SIZE)
                .fillNormal(0, 1)
                .channelsLast();
    }

    static float[] logits(ImageConfig config, ParameterStore store, Tensor images) {
        try (ParameterStore copy = new ParameterStore(store.all()::get, 0);
                NoGrad guard = NoGrad.on()) {
            return ImageNetworks.of(config, LABELS, copy)
                    .logits(images, Mode.EVALUATE)
                    .toFloats();
        }
    }

    static Tensor tensor(ParameterStore store, String name) {
        return Objects.requireNonNull(store.all().get(name), name);
    }
}
