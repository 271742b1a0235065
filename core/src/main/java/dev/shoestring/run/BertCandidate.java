package dev.shoestring.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.hub.ModelFolder;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.BertCut;
import dev.shoestring.shrink.BertPruning;
import dev.shoestring.shrink.StreamBasis;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.text.Tokenizer;
import dev.shoestring.text.VocabularyCut;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import dev.shoestring.train.TensorFiles;
import dev.shoestring.train.TextScorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** A smaller network that was cut out of a trained one, with the tokenizer of its vocabulary. */
final class BertCandidate implements Shrinkable.Cut {
    /** Steps of a brief healing: after the refit a candidate needs few until it can be compared. */
    private static final int BRIEF_STEPS = 8;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** File beside the weights: which rows, layers, heads and channels of the original these are, by their indices. */
    private static final String KEPT = "cut.json";

    private final BertFolder source;
    private final BertHealing healing;
    private final BertCut cut;
    private final ParameterStore store;
    private final Bert model;
    private final Dropout dropout;
    private final byte[] tokenizerJson;
    private final Tokenizer tokenizer;

    /**
     * Cuts it out.
     *
     * @param cut what is kept; its words must be those of {@code vocabulary}
     * @param basis directions of the residual stream that become its channels; null keeps those of {@code cut}
     * @param healing how it is judged and trained
     */
    BertCandidate(
            BertFolder source,
            BertCut cut,
            @Nullable StreamBasis basis,
            VocabularyCut vocabulary,
            BertHealing healing) {
        this.source = source;
        this.healing = healing;
        this.cut = cut;
        long seed = healing.recipe().seed();
        BertConfig full = source.model().config();
        this.tokenizerJson = vocabulary.tokenizerJson();
        this.tokenizer = Tokenizer.from(tokenizerJson, source.folder().toString());
        this.dropout = new Dropout(0, seed);
        this.store = new ParameterStore(new BertPruning(source.store().all(), full, cut, basis), seed);
        try {
            this.model = new Bert(cut.config(full), source.labels().size(), store, dropout);
            if (!store.initialized().isEmpty()) {
                throw new IllegalStateException("not cut out of the trained network: " + store.initialized());
            }
        } catch (RuntimeException refused) {
            store.close();
            tokenizer.close();
            dropout.close();
            throw refused;
        }
    }

    Bert model() {
        return model;
    }

    ParameterStore store() {
        return store;
    }

    Dropout dropout() {
        return dropout;
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    TextScorer scorer(Arithmetic arithmetic) {
        return new TextScorer(model, arithmetic, tokenizer.padId());
    }

    @Override
    public double quickValue() {
        return healing.quickValue(this);
    }

    @Override
    public double value() {
        return healing.value(this);
    }

    @Override
    public StopReason heal(int steps, RunControl control) {
        return healing.heal(this, Math.min(steps, BRIEF_STEPS), control);
    }

    @Override
    public void save(Path folder) {
        Recipe recipe = healing.recipe();
        ObjectNode config = model.config().toJson(source.labels(), recipe.dropout());
        config.put("shoestring_max_tokens", recipe.data().maxTokens());
        LinkedHashMap<String, Tensor> saved = new LinkedHashMap<>(store.all());
        saved.keySet().removeIf(name -> name.startsWith(DistilledTexts.ONLY_FOR_TRAINING));
        TensorFiles.lend(saved, tensors -> ModelFolder.write(folder, config, tokenizerJson, tensors));
        Path kept = folder.resolve(KEPT);
        try {
            Files.write(kept, JSON.writeValueAsBytes(cut));
        } catch (IOException failed) {
            throw new InputException(kept + ": cannot be written (" + RunFolder.reason(failed) + ")", failed);
        }
    }

    @Override
    public void close() {
        store.close();
        tokenizer.close();
        dropout.close();
    }
}
