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
import java.nio.file.Path;
import java.util.Map;

/** A smaller decoder that was cut out of a trained one; the tokenizer stays. */
final class DecoderCandidate implements AutoCloseable {
    private final ParameterStore store;
    private final Decoder decoder;

    /**
     * Cuts it out.
     *
     * @param weights the full network's parameters by name
     * @param full its sizes
     * @param importance what was measured of it: norms are corrected by that
     */
    DecoderCandidate(Map<String, Tensor> weights, DecoderConfig full, DecoderCut cut, DecoderImportance importance) {
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

    Decoder decoder() {
        return decoder;
    }

    ParameterStore store() {
        return store;
    }

    /** Writes it in Hugging Face layout. */
    void save(Path folder, LanguageInputs inputs) {
        DraftFolder.write(
                folder, "the model", draft -> LanguageJobs.write(draft, decoder.config(), inputs, store));
    }

    @Override
    public void close() {
        store.close();
    }
}
