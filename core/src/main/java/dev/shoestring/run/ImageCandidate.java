package dev.shoestring.run;

import dev.shoestring.models.ImageConfig;
import dev.shoestring.models.ImageNetwork;
import dev.shoestring.models.ImageNetworks;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.shrink.ImageCut;
import dev.shoestring.shrink.ImagePruning;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.nio.file.Path;

/** A smaller network that was cut out of a trained image classifier. */
final class ImageCandidate implements Shrinkable.Cut {
    private final ImageConfig config;
    private final ParameterStore store;
    private final ImageNetwork network;
    private final ImageHealing healing;

    /** Cuts it out; its normalizations' statistics are measured anew, unless nothing was cut. */
    ImageCandidate(ImageClassifier source, ImageCut cut, ImageHealing healing) {
        this.config = cut.config(source.config());
        this.healing = healing;
        this.store = new ParameterStore(
                new ImagePruning(source.store().all(), ImageNetworks.channelMap(source.config()), cut), healing.seed());
        try {
            this.network = ImageNetworks.of(config, source.labels().size(), store);
            if (!store.initialized().isEmpty()) {
                throw new IllegalStateException("not cut out of the trained network: " + store.initialized());
            }
            if (!config.equals(source.config())) {
                healing.normalize(network, config, store);
            }
        } catch (RuntimeException refused) {
            store.close();
            throw refused;
        }
    }

    @Override
    public double quickValue() {
        return healing.quickValue(network, config);
    }

    @Override
    public double value() {
        return healing.value(network, config);
    }

    @Override
    public StopReason heal(int steps, RunControl control) {
        return healing.heal(network, config, store, healing.briefSteps(steps), control);
    }

    @Override
    public void save(Path folder) {
        healing.save(config, store, folder);
    }

    @Override
    public void close() {
        store.close();
    }
}
