package dev.shoestring.run;

import dev.shoestring.hub.DraftFolder;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.shrink.DecoderCut;
import dev.shoestring.shrink.DecoderImportance;
import dev.shoestring.shrink.DecoderPruning;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.nio.file.Path;
import java.util.Map;

/** A smaller decoder that was cut out of a trained one; the tokenizer stays. */
final class DecoderCandidate implements Shrinkable.Cut {
    private final DecoderHealing healing;
    private final int most;
    private final ParameterStore store;
    private final Decoder decoder;

    /**
     * Cuts it out.
     *
     * @param weights the full network's parameters by name
     * @param full its sizes
     * @param importance what was measured of it: norms are corrected by that
     * @param healing judges it and lets it heal
     * @param most the most steps of a healing in memory
     */
    DecoderCandidate(
            Map<String, Tensor> weights,
            DecoderConfig full,
            DecoderCut cut,
            DecoderImportance importance,
            DecoderHealing healing,
            int most) {
        this.healing = healing;
        this.most = most;
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            store = new ParameterStore(
                    new DecoderPruning(weights, full, cut, norm -> importance.held(norm, cut.width())), 0);
            decoder = new Decoder(cut.config(full), store);
        }
        if (!store.initialized().isEmpty()) {
            throw new IllegalStateException("not cut out of the trained network: " + store.initialized());
        }
    }

    @Override
    public double quickValue() {
        return healing.value(decoder, DecoderHealing.QUICK_BATCHES);
    }

    @Override
    public double value() {
        return healing.value(decoder, Integer.MAX_VALUE);
    }

    @Override
    public StopReason heal(int steps, RunControl control) {
        return healing.heal(decoder, store, Math.min(steps, most), control);
    }

    @Override
    public void save(Path folder) {
        DraftFolder.write(
                folder, "the model", draft -> LanguageJobs.write(draft, decoder.config(), healing.inputs(), store));
    }

    @Override
    public void close() {
        store.close();
    }
}
