package dev.shoestring.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.data.ContentSplit;
import dev.shoestring.data.Conversation;
import dev.shoestring.data.ConversationForm;
import dev.shoestring.data.Conversations;
import dev.shoestring.data.Document;
import dev.shoestring.data.GlossaryConversations;
import dev.shoestring.data.Message;
import dev.shoestring.data.Packing;
import dev.shoestring.data.RecordReport;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.text.ChatEncoder;
import dev.shoestring.text.ChatTemplate;
import dev.shoestring.text.EncodedChat;
import dev.shoestring.train.TokenRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The conversations of {@code task: chat}: rendered by the model's own template, packed whole into rows, with a loss on what the
 * assistant says alone.
 */
final class ChatData implements LanguageText {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int GLOSSARY = 4000;

    private final Recipe recipe;
    private final List<Conversation> train;
    private final List<Conversation> validation;
    private final List<Conversation> test;
    private final List<String> notes;

    private ChatData(
            Recipe recipe,
            List<Conversation> train,
            List<Conversation> validation,
            List<Conversation> test,
            List<String> notes) {
        this.recipe = recipe;
        this.train = train;
        this.validation = validation;
        this.test = test;
        this.notes = notes;
    }

    /** Reads the conversations that a recipe names. */
    static ChatData of(Recipe recipe, RunListener listener) {
        DataSpec data = recipe.data();
        @Nullable Integer most = data.trainExamples();
        if (data.source() instanceof DataSpec.Source.Bundled bundled) {
            Path jar = TextInputs.artifact(bundled.from(), listener);
            GlossaryConversations glossary = GlossaryConversations.read(
                    jar, most == null ? GLOSSARY : most, CorpusData.HELD_OUT_WORDS, recipe.seed());
            return new ChatData(recipe, glossary.train(), glossary.heldOut(), List.of(), List.of());
        }
        double share = data.validation() instanceof DataSpec.Split.Fraction fraction ? fraction.share() : 0;
        if (data.test() instanceof DataSpec.Split.Fraction tested && tested.share() > 0) {
            throw new InputException("data.test: of conversations must be a file or 0, but is " + tested.share()
                    + "; data.validation holds out a share of them");
        }
        ContentSplit split = share > 0 ? new ContentSplit.Share(share, recipe.seed()) : new ContentSplit.None();
        Conversations read = Conversations.load(data.source(), form(recipe), split, Conversations.MOST_BROKEN);
        List<Conversation> train = most == null || most >= read.train().size()
                ? read.train()
                : read.train().subList(0, most);
        return new ChatData(
                recipe,
                train,
                share > 0 ? read.heldOut() : file(recipe, data.validation()),
                file(recipe, data.test()),
                notes(read.report()));
    }

    private static List<Conversation> file(Recipe recipe, DataSpec.Split split) {
        return split instanceof DataSpec.Split.File file
                ? Conversations.load(
                                new DataSpec.Source.File(file.path()),
                                form(recipe),
                                new ContentSplit.None(),
                                Conversations.MOST_BROKEN)
                        .train()
                : List.of();
    }

    private static @Nullable ConversationForm form(Recipe recipe) {
        @Nullable String form = recipe.language().form();
        if (form == null) {
            return null;
        }
        return form.equals("prompt-completion")
                ? ConversationForm.COMPLETION
                : ConversationForm.valueOf(form.toUpperCase(Locale.ROOT));
    }

    private static List<String> notes(RecordReport report) {
        return report.dropped().stream()
                .map(reason -> "data: " + reason.rows() + " records left out: " + reason.reason())
                .toList();
    }

    @Override
    public Stream<String> texts() {
        return train.stream().flatMap(one -> one.messages().stream()).map(Message::content);
    }

    @Override
    public String fingerprint() {
        return Document.keyOf(Stream.of(train, validation, test)
                .map(part -> part.stream().map(Conversation::key).collect(Collectors.joining("\n")))
                .collect(Collectors.joining("\n\n")));
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public int validationExamples() {
        return validation.size();
    }

    @Override
    public LanguageData pack(LanguageInputs inputs, DecoderFlops flops, DecoderFlops.Trained trained) {
        ChatTemplate template = ChatTemplate.of(
                inputs.folder().tokenizerConfig(),
                inputs.folder().chatTemplate(),
                inputs.folder().source());
        ChatEncoder encoder = new ChatEncoder(inputs.tokenizer(), template);
        int length = recipe.language().sequenceLength();
        List<EncodedChat> encoded = encode(encoder, train);
        Packing packing = packing(encoded, length);
        Rows rows = new Rows(recipe, encoded, packing, flops, trained);
        if (packing.rows() < recipe.batch().global()) {
            throw new InputException("data: the conversations fill " + packing.rows() + " rows of " + length
                    + " tokens, fewer than batch.global (" + recipe.batch().global() + "); nearest: batch.global: "
                    + Math.max(1, packing.rows()));
        }
        int perEpoch = packing.rows() / recipe.batch().global();
        String told = String.format(
                Locale.ROOT,
                "data: %,d conversations in %,d rows of %d tokens, %.1f%% filled; %,d cut to a row; loss on answers alone",
                train.size(),
                packing.rows(),
                length,
                100 * packing.efficiency(),
                packing.truncated());
        return new LanguageData(
                step -> rows.step(step, perEpoch),
                perEpoch,
                held(encode(encoder, validation), length, flops, trained),
                held(encode(encoder, test), length, flops, trained),
                List.of(told));
    }

    private static Packing packing(List<EncodedChat> encoded, int length) {
        int[] lengths = encoded.stream().mapToInt(one -> one.ids().length).toArray();
        return Packing.bestFit(lengths, length, Packing.Longer.TRUNCATED, 0);
    }

    private LanguageSplit held(
            List<EncodedChat> encoded, int length, DecoderFlops flops, DecoderFlops.Trained trained) {
        if (encoded.isEmpty()) {
            return LanguageSplit.NONE;
        }
        Packing packing = packing(encoded, length);
        Rows rows = new Rows(recipe, encoded, packing, flops, trained);
        List<TokenRows> all = new ArrayList<>();
        List<int[]> examples = packing.epoch(0);
        int micro = recipe.batch().micro();
        for (int from = 0; from < examples.size(); from += micro) {
            all.add(rows.of(examples.subList(from, Math.min(examples.size(), from + micro)), 0));
        }
        return new LanguageSplit(all, 0);
    }

    private static List<EncodedChat> encode(ChatEncoder encoder, List<Conversation> conversations) {
        return conversations.stream()
                .map(one -> encoder.encode(rendered(one.messages(), one.toolsJson())))
                .toList();
    }

    /** A conversation as templates take it. */
    static dev.shoestring.text.Conversation rendered(List<Message> turns, @Nullable String toolsJson) {
        List<JsonNode> messages = new ArrayList<>();
        for (Message message : turns) {
            messages.add(JsonNodeFactory.instance
                    .objectNode()
                    .put("role", message.role().name().toLowerCase(Locale.ROOT))
                    .put("content", message.content()));
        }
        return new dev.shoestring.text.Conversation(messages, tools(toolsJson));
    }

    private static @Nullable JsonNode tools(@Nullable String json) {
        if (json == null || json.isBlank()) {
            return null;
        }
        try {
            JsonNode tools = JSON.readTree(json);
            return tools.isArray() && !tools.isEmpty() ? tools : null;
        } catch (JsonProcessingException noJson) {
            return null;
        }
    }

    /** Rows of whole conversations. */
    private static final class Rows {
        private final Recipe recipe;
        private final List<EncodedChat> encoded;
        private final Packing packing;
        private final DecoderFlops flops;
        private final DecoderFlops.Trained trained;
        private int epochNumber = -1;
        private List<int[]> epoch = List.of();

        Rows(
                Recipe recipe,
                List<EncodedChat> encoded,
                Packing packing,
                DecoderFlops flops,
                DecoderFlops.Trained trained) {
            this.recipe = recipe;
            this.encoded = encoded;
            this.packing = packing;
            this.flops = flops;
            this.trained = trained;
        }

        List<TokenRows> step(long step, int perEpoch) {
            int wanted = Math.toIntExact(step / perEpoch);
            if (wanted != epochNumber) {
                epochNumber = wanted;
                epoch = packing.epoch(wanted);
            }
            int global = recipe.batch().global();
            int first = (int) (step % perEpoch) * global;
            List<TokenRows> micros = new ArrayList<>();
            for (int from = first; from < first + global; from += recipe.batch().micro()) {
                micros.add(of(
                        epoch.subList(
                                from,
                                Math.min(first + global, from + recipe.batch().micro())),
                        RandomState.mix(recipe.seed(), step, micros.size())));
            }
            return micros;
        }

        TokenRows of(List<int[]> rows, long noise) {
            int longest = rows.stream()
                    .mapToInt(row -> Arrays.stream(row).map(packing::length).sum())
                    .max()
                    .orElse(1);
            int[][] ids = new int[rows.size()][longest];
            int[][] targets = new int[rows.size()][longest];
            int[][] starts = new int[rows.size()][];
            int documents = 0;
            int padding = 0;
            double operations = 0;
            for (int i = 0; i < rows.size(); i++) {
                Arrays.fill(targets[i], TokenRows.NONE);
                int at = 0;
                int losses = 0;
                List<Integer> begun = new ArrayList<>();
                for (int example : rows.get(i)) {
                    int[] tokens = encoded.get(example).ids();
                    boolean[] answer = encoded.get(example).trained();
                    int kept = packing.length(example);
                    begun.add(at);
                    System.arraycopy(tokens, 0, ids[i], at, kept);
                    for (int j = 0; j + 1 < kept; j++) {
                        if (answer[j + 1]) {
                            targets[i][at + j] = tokens[j + 1];
                            losses++;
                        }
                    }
                    at += kept;
                }
                documents += rows.get(i).length;
                if (at < longest) {
                    begun.add(at);
                    padding += longest - at;
                }
                starts[i] = begun.stream().mapToInt(Integer::intValue).toArray();
                operations += flops.training(CorpusData.lengths(starts[i], longest), losses, trained);
            }
            return new TokenRows(ids, targets, starts, documents, padding, operations, noise);
        }
    }
}
