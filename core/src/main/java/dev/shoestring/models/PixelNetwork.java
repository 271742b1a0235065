package dev.shoestring.models;

import dev.shoestring.cost.LayerCounter;
import dev.shoestring.nn.Linear;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.Tensor;
import java.util.List;

/** The cheapest thing that can be learned from images: a linear layer on the pixels, brought to {@value #SIDE} × {@value #SIDE}. */
public final class PixelNetwork implements ImageNetwork {
    /** The architecture's name. */
    public static final String NAME = "pixels";

    private static final int SIDE = 16;

    private final Linear head;

    /** Takes its parameters from the store. */
    public PixelNetwork(ImageConfig config, int numLabels, ParameterStore store) {
        head = new Linear(store, "head", SIDE * SIDE * config.channels(), numLabels);
    }

    static LayerCounter count(ImageConfig config, LayerCounter counter, int numLabels) {
        return counter.linear(1, SIDE * SIDE * config.channels(), numLabels, true)
                .endStage();
    }

    @Override
    public Tensor features(Tensor x_BCHW, Mode mode) {
        return ImageOperators.areaResize(x_BCHW, SIDE, SIDE).reshape(x_BCHW.size(0), -1);
    }

    @Override
    public Tensor classify(Tensor x_BF) {
        return head.forward(x_BF);
    }

    @Override
    public List<List<String>> stages() {
        return List.of(List.of("head."));
    }
}
