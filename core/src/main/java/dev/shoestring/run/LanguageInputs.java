package dev.shoestring.run;

import dev.shoestring.data.TokenEncoding;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.RotaryPositions;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import dev.shoestring.report.DataReport;
import dev.shoestring.report.RunSummary;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.text.BpeTrainer;
import dev.shoestring.text.LanguageTokenizer;
import dev.shoestring.text.PreTokenization;
import dev.shoestring.train.Arithmetic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What a language model's run reads before it starts: weights, tokenizer, text. */
final class LanguageInputs implements Inputs {
    private static final String END_OF_TEXT = "<|endoftext|>";
    private static final int BYTES = 256;
    private static final int SMALL = 512;
    private static final double NORM_EPS = 1e-5;
    private static final double THETA = 10_000;

    private final Recipe recipe;
    private final RunListener listener;
    private final @Nullable ModelFiles model;
    private final DecoderFolder folder;
    private final LanguageTokenizer tokenizer;
    private final DecoderConfig config;
    private final LanguageText text;

    private LanguageInputs(
            Recipe recipe,
            RunListener listener,
            @Nullable ModelFiles model,
            DecoderFolder folder,
            LanguageTokenizer tokenizer,
            LanguageText text) {
        this.recipe = recipe;
        this.listener = listener;
        this.model = model;
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.text = text;
        config = config();
    }

    /** Reads model, tokenizer and text. */
    static LanguageInputs of(Recipe recipe, RunListener listener) {
        LibTorch.loadAhead();
        @Nullable
        String reference = recipe.model() instanceof ModelSpec.Pretrained pretrained
                ? pretrained.from()
                : ((ModelSpec.FreshDecoder) recipe.model()).tokenizer();
        @Nullable ModelFiles files = reference == null ? null : Models.open(reference, listener::transferred);
        @Nullable LanguageTokenizer tokenizer = null;
        try {
            LanguageText text = text(recipe, listener);
            DecoderFolder folder = files == null ? trained(recipe, text, listener) : DecoderFolder.of(files);
            tokenizer = folder.open();
            return new LanguageInputs(recipe, listener, files, folder, tokenizer, text);
        } catch (RuntimeException refused) {
            if (tokenizer != null) {
                tokenizer.close();
            }
            if (files != null) {
                files.close();
            }
            throw refused;
        }
    }

    private static LanguageText text(Recipe recipe, RunListener listener) {
        return switch (recipe.task()) {
            case LANGUAGE_MODEL -> CorpusData.of(recipe, listener);
            case CHAT -> ChatData.of(recipe, listener);
            case PREFERENCE -> PreferenceData.of(recipe);
            case TEXT_CLASSIFICATION, IMAGE_CLASSIFICATION ->
                throw new IllegalStateException(recipe.task() + " trains no language model");
        };
    }

    private static DecoderFolder trained(Recipe recipe, LanguageText text, RunListener listener) {
        int pieces = ((ModelSpec.FreshDecoder) recipe.model()).vocabulary();
        BpeTrainer trainer = new BpeTrainer(pieces(pieces), control(pieces), PreTokenization.LLAMA3);
        return DecoderFolder.of(trainer.train(
                text.texts(), (stage, done, all) -> listener.transferred("tokenizer: " + stage, done, all)));
    }

    /** Where there is room, the control tokens of ChatML are there for a chat to come. */
    private static List<String> control(int pieces) {
        return pieces < SMALL ? List.of(END_OF_TEXT) : List.of(END_OF_TEXT, "<|im_start|>", "<|im_end|>");
    }

    /** Pieces of a tokenizer that is trained: bytes alone have no room for the end of a text; it is a piece more. */
    static int pieces(int vocabulary) {
        return Math.max(vocabulary, BYTES + control(vocabulary).size());
    }

    private DecoderConfig config() {
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained) {
            ModelFiles files = Objects.requireNonNull(model);
            DecoderConfig stored = DecoderConfigs.read(files.config(), pretrained.from());
            if (tokenizer.vocabularySize() > stored.vocabSize()) {
                throw new InputException(pretrained.from() + ": the tokenizer has " + tokenizer.vocabularySize()
                        + " pieces, but the model has rows for " + stored.vocabSize()
                        + "; they do not belong together");
            }
            return stored;
        }
        return fresh(
                (ModelSpec.FreshDecoder) recipe.model(),
                tokenizer.vocabularySize(),
                recipe.language().sequenceLength());
    }

    /** Sizes of a new decoder. */
    static DecoderConfig fresh(ModelSpec.FreshDecoder fresh, int vocabulary, int sequenceLength) {
        return new DecoderConfig(
                fresh.family(),
                vocabulary,
                fresh.hiddenSize(),
                fresh.layers(),
                fresh.numHeads(),
                fresh.numKeyValueHeads(),
                fresh.headDim(),
                fresh.intermediateSize(),
                Math.max(sequenceLength, 512),
                NORM_EPS,
                new RotaryPositions.Plain(THETA),
                fresh.tied(),
                DecoderConfig.Biases.NONE,
                fresh.family().equals("qwen3"),
                Collections.nCopies(fresh.layers(), 0),
                0.02);
    }

    /** The files of the pre-trained model; null if weights are random. */
    @Nullable
    ModelFiles model() {
        return recipe.model() instanceof ModelSpec.Pretrained ? model : null;
    }

    DecoderFolder folder() {
        return folder;
    }

    LanguageTokenizer tokenizer() {
        return tokenizer;
    }

    DecoderConfig decoderConfig() {
        return config;
    }

    LanguageText text() {
        return text;
    }

    /** The id that ends a text; −1 if the tokenizer has none. */
    int endOfText() {
        return tokenizer.eosId().orElse(-1);
    }

    /** The ids that end what the model writes: a text, and a turn of a chat. */
    List<Integer> ends() {
        List<Integer> ends = new ArrayList<>();
        if (endOfText() >= 0) {
            ends.add(endOfText());
        }
        OptionalInt turn = tokenizer.idOf("<|im_end|>");
        if (recipe.task() != Task.LANGUAGE_MODEL && turn.isPresent() && !ends.contains(turn.getAsInt())) {
            ends.add(turn.getAsInt());
        }
        return ends;
    }

    /** Tokens of a text that is to be continued. */
    int[] encoded(String text) {
        return tokenizer.encode(text);
    }

    TokenEncoding encoding() {
        return new TokenEncoding(tokenizer::encodeAll, folder.hash(), config.vocabSize());
    }

    @Override
    public String fingerprint() {
        return text.fingerprint();
    }

    @Override
    public void awaitModel() {
        int length = recipe.language().sequenceLength();
        if (length > config.maxPositions()) {
            throw new InputException("data.sequence_length: must be at most " + config.maxPositions()
                    + ", the positions of the model, but is " + length);
        }
        DistillSpec distill = recipe.distill();
        if (distill != null) {
            DecoderConfig teacher = DistilledTokens.teacherConfig(distill, this);
            if (length > teacher.maxPositions()) {
                throw new InputException("data.sequence_length: must be at most " + teacher.maxPositions()
                        + ", the positions of the teacher, but is " + length);
            }
        }
    }

    @Override
    public List<String> notes() {
        return text.notes();
    }

    @Override
    public int validationExamples() {
        return text.validationExamples();
    }

    @Override
    public RunSummary.@Nullable Data sizes() {
        return null;
    }

    @Override
    public @Nullable DataReport dataReport() {
        return null;
    }

    @Override
    public MemorySpec measures(Arithmetic arithmetic, long limit) {
        Recipe within = recipe.withLanguage(
                recipe.language().withMemory(recipe.language().memory().withLimit(limit)));
        return MemoryPlan.of(within, config, arithmetic, LanguageJobs.trained(recipe, config))
                .measures(within);
    }

    @Override
    public Job<?> job(Arithmetic arithmetic, Shards shards, MemorySpec measures) {
        Recipe settled = recipe.withLanguage(recipe.language().withMemory(measures));
        return new LanguageJobs(settled, this, arithmetic, shards, listener).make();
    }

    @Override
    public String modelName() {
        return recipe.model() instanceof ModelSpec.Pretrained pretrained
                ? pretrained.from()
                : config.family() + " (random weights)";
    }

    @Override
    public void close() {
        tokenizer.close();
        if (model != null) {
            model.close();
        }
    }
}
