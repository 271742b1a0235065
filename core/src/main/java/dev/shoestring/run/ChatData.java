package dev.shoestring.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.shoestring.data.ContentSplit;
import dev.shoestring.data.Conversation;
import dev.shoestring.data.ConversationForm;
import dev.shoestring.data.Conversations;
import dev.shoestring.data.Document;
import dev.shoestring.data.GlossaryConversations;
import dev.shoestring.data.Message;
import dev.shoestring.data.PackedRow;
import dev.shoestring.data.Packing;
import dev.shoestring.data.RecordReport;
import dev.shoestring.data.Role;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.LanguageReport.Figure;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.text.ChatEncoder;
import dev.shoestring.text.ChatTemplate;
import dev.shoestring.text.EncodedChat;
import dev.shoestring.train.TokenRows;
import java.nio.charset.StandardCharsets;
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
    static final int GLOSSARY = 4000;

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
        return fingerprint(
                Stream.of(train, validation, test).map(part -> part.stream().map(Conversation::key)));
    }

    /** A hash of the keys of all examples, split by split. */
    static String fingerprint(Stream<Stream<String>> keys) {
        return Document.keyOf(
                keys.map(part -> part.collect(Collectors.joining("\n"))).collect(Collectors.joining("\n\n")));
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
    public TextAmount amount() {
        return new TextAmount(
                train.size(),
                messages(train) / Math.max(1, train.size()),
                bytes(train, false),
                bytes(train, true),
                bytes(validation, false),
                bytes(validation, true));
    }

    private static double messages(List<Conversation> conversations) {
        return conversations.stream().mapToInt(one -> one.messages().size()).sum();
    }

    private static double bytes(List<Conversation> conversations, boolean answersAlone) {
        return conversations.stream()
                .flatMap(one -> one.messages().stream())
                .filter(message -> !answersAlone || message.role() == Role.ASSISTANT)
                .mapToDouble(message -> message.content().getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    @Override
    public List<SampleTexts.Prompt> prompts(LanguageInputs inputs, int most) {
        ChatEncoder encoder = encoder(inputs);
        List<SampleTexts.Prompt> prompts = new ArrayList<>();
        for (Conversation one : validation.subList(0, Math.min(most, validation.size()))) {
            int asked = 0;
            while (one.messages().get(asked).role() != Role.ASSISTANT) {
                asked++;
            }
            prompts.add(SampleTexts.Prompt.of(
                    one.messages().get(asked - 1).content(),
                    encoder.encodePrompt(rendered(one.messages().subList(0, asked), one.toolsJson()))));
        }
        return prompts;
    }

    /** Writes conversations as the chat template of the model that is begun from. */
    static ChatEncoder encoder(LanguageInputs inputs) {
        ChatTemplate template = ChatTemplate.of(
                inputs.folder().tokenizerConfig(),
                inputs.folder().chatTemplate(),
                inputs.folder().source());
        return new ChatEncoder(inputs.tokenizer(), template);
    }

    @Override
    public LanguageData pack(LanguageInputs inputs, RowAssembly assembly) {
        ChatEncoder encoder = encoder(inputs);
        int length = recipe.language().sequenceLength();
        List<EncodedChat> encoded = encode(encoder, train);
        Packing packing = packing(encoded, length, recipe.seed());
        Rows rows = new Rows(encoded, packing);
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
                step -> step(rows, step, perEpoch, assembly),
                perEpoch,
                held(encode(encoder, validation), length, assembly),
                held(encode(encoder, test), length, assembly),
                List.of(told),
                figures(encoded, packing, length));
    }

    private List<TokenRows> step(Rows rows, long step, int perEpoch, RowAssembly assembly) {
        int epoch = Math.toIntExact(step / perEpoch);
        int global = recipe.batch().global();
        int first = (int) (step % perEpoch) * global;
        return assembly.cut(
                global,
                i -> rows.row(epoch, first + i),
                recipe.batch().micro(),
                micro -> RandomState.mix(recipe.seed(), step, micro));
    }

    private List<Figure> figures(List<EncodedChat> encoded, Packing packing, int length) {
        long all = 0;
        long kept = 0;
        long answers = 0;
        for (int i = 0; i < encoded.size(); i++) {
            all += encoded.get(i).ids().length;
            kept += packing.length(i);
            boolean[] answer = encoded.get(i).trained();
            for (int j = 1; j < packing.length(i); j++) {
                answers += answer[j] ? 1 : 0;
            }
        }
        return List.of(
                new Figure("training conversations", String.format(Locale.ROOT, "%,d", encoded.size())),
                new Figure("tokens", String.format(Locale.ROOT, "%,d", kept)),
                new Figure(
                        "of answers, which have a loss",
                        String.format(Locale.ROOT, "%.0f%%", 100.0 * answers / Math.max(1, kept))),
                new Figure(
                        "bytes of messages a token",
                        String.format(Locale.ROOT, "%.2f", bytes(train, false) / Math.max(1, all))),
                new Figure("rows of " + length + " tokens", String.format(Locale.ROOT, "%,d", packing.rows())),
                new Figure("padding in rows", String.format(Locale.ROOT, "%.1f%%", 100 * (1 - packing.efficiency()))),
                new Figure("conversations cut to a row", String.format(Locale.ROOT, "%,d", packing.truncated())),
                new Figure("tokens cut off", String.format(Locale.ROOT, "%,d", all - kept)));
    }

    private static Packing packing(List<EncodedChat> encoded, int length, long seed) {
        int[] lengths = encoded.stream().mapToInt(one -> one.ids().length).toArray();
        return Packing.bestFit(lengths, length, Packing.Longer.TRUNCATED, seed);
    }

    private LanguageSplit held(List<EncodedChat> encoded, int length, RowAssembly assembly) {
        if (encoded.isEmpty()) {
            return LanguageSplit.NONE;
        }
        Packing packing = packing(encoded, length, 0);
        Rows rows = new Rows(encoded, packing);
        List<TokenRows> all =
                assembly.cut(packing.rows(), i -> rows.row(0, i), recipe.batch().micro(), micro -> 0);
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
        private final List<EncodedChat> encoded;
        private final Packing packing;
        private int epochNumber = -1;
        private List<int[]> epoch = List.of();

        Rows(List<EncodedChat> encoded, Packing packing) {
            this.encoded = encoded;
            this.packing = packing;
        }

        PackedRow row(int wanted, int number) {
            if (wanted != epochNumber) {
                epochNumber = wanted;
                epoch = packing.epoch(wanted);
            }
            int[] examples = epoch.get(number);
            int length = Arrays.stream(examples).map(packing::length).sum();
            int[] ids = new int[length];
            int[] targets = new int[length];
            Arrays.fill(targets, TokenRows.NONE);
            int[] starts = new int[examples.length];
            int at = 0;
            for (int i = 0; i < examples.length; i++) {
                int[] tokens = encoded.get(examples[i]).ids();
                boolean[] answer = encoded.get(examples[i]).trained();
                int kept = packing.length(examples[i]);
                starts[i] = at;
                System.arraycopy(tokens, 0, ids, at, kept);
                for (int j = 0; j + 1 < kept; j++) {
                    if (answer[j + 1]) {
                        targets[at + j] = tokens[j + 1];
                    }
                }
                at += kept;
            }
            return new PackedRow(ids, targets, starts);
        }
    }
}
