package dev.shoestring.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.generate.Continuation;
import dev.shoestring.generate.GenerationFile;
import dev.shoestring.generate.GenerationSettings;
import dev.shoestring.generate.Generator;
import dev.shoestring.generate.Pace;
import dev.shoestring.generate.TokenListener;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.hub.Progress;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.DecoderWeights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Precision;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.HardwareBf16;
import dev.shoestring.text.ChatEncoder;
import dev.shoestring.text.ChatTemplate;
import dev.shoestring.text.Conversation;
import dev.shoestring.text.LanguageTokenizer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A language model, opened to write text. Not safe for several threads at once. */
public final class LanguageModel implements AutoCloseable {
    /** Below so many parameters, single precision is taken. Assumed, not measured: small products gain little from half the traffic. */
    private static final long FEWEST_FOR_BF16 = 20_000_000;

    private final Decoder decoder;
    private final DecoderWeights weights;
    private final ParameterStore store;
    private final Set<Integer> ends;
    private final LanguageTokenizer tokenizer;
    private final Generator generator;
    private final GenerationSettings defaults;
    private final OptionalInt first;
    private final ChatTemplate template;

    private LanguageModel(ModelFiles files, Precision precision) {
        String source = files.source();
        JsonNode json = files.config();
        DecoderConfig config = DecoderConfigs.read(json, source);
        defaults = GenerationFile.settings(files.generationConfig(), source);
        Set<Integer> named = GenerationFile.ends(files.generationConfig(), json, config.vocabSize(), source);
        JsonNode tokenizerConfig = files.tokenizerConfig().orElse(null);
        tokenizer = LanguageTokenizer.from(files.tokenizerJson(), tokenizerConfig, source);
        template = ChatTemplate.of(tokenizerConfig, files.chatTemplate().orElse(null), source);
        first = tokenizerConfig != null && tokenizerConfig.path("add_bos_token").asBoolean(false)
                ? tokenizer.bosId()
                : OptionalInt.empty();
        try {
            requireRows(config, source);
            DType type = type(precision, config);
            weights = DecoderWeights.of(config, files.weights(), source);
            store = new ParameterStore(weights, 0, new ParameterStore.Storage(type, false));
            decoder = new Decoder(config, store);
            ends = named.isEmpty() ? only(tokenizer.eosId()) : named;
            generator = new Generator(decoder, type, tokenizer.vocabularySize(), ends);
        } catch (RuntimeException refused) {
            tokenizer.close();
            throw refused;
        }
    }

    private static Set<Integer> only(OptionalInt id) {
        return id.isPresent() ? Set.of(id.getAsInt()) : Set.of();
    }

    private void requireRows(DecoderConfig config, String source) {
        if (tokenizer.vocabularySize() > config.vocabSize()) {
            throw new InputException(
                    source + ": tokenizer.json has the ids from 0 to " + (tokenizer.vocabularySize() - 1)
                            + ", but the embedding table has " + config.vocabSize()
                            + " rows (vocab_size); use the tokenizer that belongs to the weights");
        }
    }

    private static DType type(Precision precision, DecoderConfig config) {
        return switch (precision) {
            case FP32 -> DType.FLOAT32;
            case BF16 -> DType.BFLOAT16;
            case AUTO ->
                HardwareBf16.available() && config.parameters() >= FEWEST_FOR_BF16 ? DType.BFLOAT16 : DType.FLOAT32;
        };
    }

    /**
     * Opens a model.
     *
     * @param reference a run folder, {@code runs/latest}, a model folder in Hugging Face layout, {@code hf:ORG/NAME} or {@code maven:G:A:V}
     * @throws InputException if there is no such model, or it is no language model that is computed here
     */
    public static LanguageModel open(String reference, Precision precision, Progress progress) {
        try (ModelFiles files = Models.open(folder(reference), progress)) {
            return new LanguageModel(files, precision);
        }
    }

    /** As the other, from a folder, in the precision that is fastest here. */
    public static LanguageModel open(Path runOrModel) {
        return open(runOrModel.toString(), Precision.AUTO, Progress.silent());
    }

    private static String folder(String reference) {
        if (reference.startsWith("maven:") || reference.startsWith("hf:")) {
            return reference;
        }
        try {
            Path given = Path.of(reference);
            boolean model = Files.isRegularFile(given.resolve("config.json"))
                    || !Files.exists(given)
                    || (Files.isDirectory(given) && !Files.exists(given.resolve("recipe.yaml")));
            return model ? reference : RunFolder.open(given).model().toString();
        } catch (InvalidPathException noPath) {
            throw new InputException(
                    "model: \"" + reference + "\" is neither maven:G:A:V, nor hf:ORG/NAME, nor a folder", noPath);
        }
    }

    /** Sizes. */
    public DecoderConfig config() {
        return decoder.config();
    }

    /** The settings that its authors advise; otherwise greedy. */
    public GenerationSettings defaults() {
        return defaults;
    }

    /** How fast it has been so far. */
    public Pace pace() {
        return generator.pace();
    }

    /** Tokens of a prompt: with the token that begins a text, if the model has one; written control tokens become control tokens. */
    public int[] encode(String prompt) {
        int[] ids = tokenizer.encodeWithSpecialTokens(prompt);
        boolean begun = first.isEmpty() || (ids.length > 0 && ids[0] == first.getAsInt());
        if (!begun || (ids.length == 0 && tokenizer.bosId().isPresent())) {
            int[] whole = new int[ids.length + 1];
            whole[0] = tokenizer.bosId().getAsInt();
            System.arraycopy(ids, 0, whole, 1, ids.length);
            return whole;
        }
        return ids;
    }

    /**
     * Continues prompts.
     *
     * @return the continuations, in the order of the prompts
     * @throws InputException if a prompt leaves no room in the model's context
     */
    public List<Generation> generate(List<String> prompts, GenerationSettings settings, TextListener listener) {
        return generate(prompts, prompts.stream().map(this::encode).toList(), settings, listener);
    }

    /**
     * Answers single questions through the model's own chat template, or ChatML if it has none.
     *
     * @param system what the assistant is told beforehand; null for nothing
     * @return the answers, in the order of the questions
     */
    public List<Generation> chat(
            List<String> questions, @Nullable String system, GenerationSettings settings, TextListener listener) {
        ChatEncoder encoder = new ChatEncoder(tokenizer, template);
        return generate(
                questions,
                questions.stream()
                        .map(question -> encoder.encodePrompt(
                                system == null
                                        ? Conversation.of("user", question)
                                        : Conversation.of("system", system, "user", question)))
                        .toList(),
                settings,
                listener);
    }

    /**
     * Answers the last message of a conversation through the model's own chat template, or ChatML if it has none.
     *
     * @return the answer; its prompt is the last message
     * @throws InputException if the conversation leaves no room in the model's context
     */
    public Generation answer(Conversation conversation, GenerationSettings settings, TextListener listener) {
        List<JsonNode> messages = conversation.messages();
        String asked = messages.get(messages.size() - 1).path("content").asText();
        int[] ids = new ChatEncoder(tokenizer, template).encodePrompt(conversation);
        return generate(List.of(asked), List.of(ids), settings, listener).get(0);
    }

    private List<Generation> generate(
            List<String> prompts, List<int[]> ids, GenerationSettings settings, TextListener listener) {
        List<WrittenText> texts = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            texts.add(new WrittenText(i, ids.get(i), tokenizer, settings.stop(), listener));
        }
        List<Continuation> continuations = generator.generate(ids, settings, new TokenListener() {
            @Override
            public boolean accept(int row, int id) {
                return ends.contains(id) || texts.get(row).accept(id);
            }

            @Override
            public boolean goesOn() {
                return listener.goesOn();
            }
        });
        List<Generation> generations = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            Continuation continuation = continuations.get(i);
            generations.add(new Generation(
                    prompts.get(i),
                    texts.get(i).finish(),
                    Arrays.stream(ids.get(i)).boxed().toList(),
                    continuation.ids(),
                    continuation.reason()));
        }
        return generations;
    }

    /**
     * Natural logarithms of the probabilities of a text's tokens after those before them; the first is left out.
     *
     * @throws InputException if the text is longer than the model's context
     */
    public double[] logProbabilities(String text) {
        return generator.logProbabilities(encode(text));
    }

    @Override
    public void close() {
        store.close();
        weights.close();
        tokenizer.close();
    }
}
