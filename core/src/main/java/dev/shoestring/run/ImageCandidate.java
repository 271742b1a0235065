package dev.shoestring.run;

import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.shrink.ImageCut;
import dev.shoestring.shrink.ImagePruning;

/** A smaller network that was cut out of a trained image classifier. */
final class ImageCandidate implements AutoCloseable {
    private final ImageConfig config;
    private final ParameterStore store;
    private final ImageNetwork network;

    /** Cuts it out. */
    ImageCandidate(ImageClassifier source, ImageCut cut, long seed) {
        this.config = cut.config(source.config());
        this.store = new ParameterStore(
                new ImagePruning(source.store().all(), ImageNetworks.channelMap(source.config()), cut), seed);
        this.network = ImageNetworks.of(config, source.labels().size(), store);
        if (!store.initialized().isEmpty()) {
            throw new IllegalStateException("not cut out of the trained network: " + store.initialized());
        }
    }

    ImageConfig config() {
        return config;
    }

    ParameterStore store() {
        return store;
    }

    ImageNetwork network() {
        return network;
    }

    @Override
    public void close() {
        store.close();
    }
}
