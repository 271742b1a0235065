package dev.shoestring.run;

import dev.shoestring.data.ContentSplit;
import dev.shoestring.data.Conversations;
import dev.shoestring.data.Message;
import dev.shoestring.data.PreferencePair;
import dev.shoestring.data.PreferencePairs;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.text.ChatEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pairs of {@code task: preference}; no prompt is in two splits. */
final class PreferenceData implements LanguageText {
    private final Recipe recipe;
    private final List<PreferencePair> train;
    private final List<PreferencePair> validation;
    private final List<PreferencePair> test;
    private final List<String> notes;

    private PreferenceData(
            Recipe recipe,
            List<PreferencePair> train,
            List<PreferencePair> validation,
            List<PreferencePair> test,
            List<String> notes) {
        this.recipe = recipe;
        this.train = train;
        this.validation = validation;
        this.test = test;
        this.notes = notes;
    }

    /** Reads the pairs that a recipe names. */
    static PreferenceData of(Recipe recipe) {
        DataSpec data = recipe.data();
        if (data.test() instanceof DataSpec.Split.Fraction tested && tested.share() > 0) {
            throw new InputException("data.test: of preference pairs must be a file or 0, but is " + tested.share()
                    + "; data.validation holds out a share of them");
        }
        double share = data.validation() instanceof DataSpec.Split.Fraction fraction ? fraction.share() : 0;
        ContentSplit split = share > 0 ? new ContentSplit.Share(share, recipe.seed()) : new ContentSplit.None();
        PreferencePairs read = PreferencePairs.load(data.source(), split, Conversations.MOST_BROKEN);
        List<PreferencePair> test = file(data.test());
        List<PreferencePair> validation = without(share > 0 ? read.heldOut() : file(data.validation()), test);
        List<PreferencePair> train = without(without(read.train(), test), validation);
        List<String> notes = new ArrayList<>();
        read.report().dropped().forEach(one -> notes.add("data: " + one.rows() + " records left out: " + one.reason()));
        int held = read.train().size() - train.size();
        if (held > 0) {
            notes.add("data: " + held + " pairs left out of training: their prompts are in a held-out file");
        }
        @Nullable Integer most = data.trainExamples();
        return new PreferenceData(
                recipe, most == null || most >= train.size() ? train : train.subList(0, most), validation, test, notes);
    }

    private static List<PreferencePair> file(DataSpec.Split split) {
        return split instanceof DataSpec.Split.File file
                ? PreferencePairs.load(
                                new DataSpec.Source.File(file.path()),
                                new ContentSplit.None(),
                                Conversations.MOST_BROKEN)
                        .train()
                : List.of();
    }

    private static List<PreferencePair> without(List<PreferencePair> pairs, List<PreferencePair> others) {
        Set<String> prompts = others.stream().map(PreferencePair::promptKey).collect(Collectors.toSet());
        return pairs.stream().filter(one -> !prompts.contains(one.promptKey())).toList();
    }

    @Override
    public Stream<String> texts() {
        return train.stream()
                .flatMap(one -> Stream.concat(
                        one.prompt().stream().map(Message::content), Stream.of(one.chosen(), one.rejected())));
    }

    @Override
    public String fingerprint() {
        return ChatData.fingerprint(
                Stream.of(train, validation, test).map(part -> part.stream().map(PreferencePair::key)));
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
                2.0 * train.size(),
                2,
                bytes(train, false),
                bytes(train, true),
                bytes(validation, false),
                bytes(validation, true));
    }

    /** Bytes of both answers and, unless these alone are asked for, of the prompts, which are computed for each. */
    private static double bytes(List<PreferencePair> pairs, boolean answersAlone) {
        return pairs.stream()
                .mapToDouble(pair -> length(pair.chosen())
                        + length(pair.rejected())
                        + (answersAlone
                                ? 0
                                : 2.0
                                        * pair.prompt().stream()
                                                .mapToInt(message -> length(message.content()))
                                                .sum()))
                .sum();
    }

    private static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public List<SampleTexts.Prompt> prompts(LanguageInputs inputs, int most) {
        ChatEncoder encoder = ChatData.encoder(inputs);
        return validation.stream()
                .limit(most)
                .map(pair -> SampleTexts.Prompt.of(
                        pair.prompt().get(pair.prompt().size() - 1).content(),
                        encoder.encodePrompt(ChatData.rendered(pair.prompt(), pair.toolsJson()))))
                .toList();
    }

    @Override
    public PackedText pack(LanguageInputs inputs, RowAssembly assembly) {
        ChatEncoder encoder = ChatData.encoder(inputs);
        int most = recipe.language().sequenceLength();
        List<EncodedPair> learned = encode(train, encoder, most);
        int global = recipe.batch().global();
        if (learned.size() < global) {
            throw new InputException("data: has " + learned.size() + " pairs to train on whose answers differ within "
                    + "data.sequence_length (" + most + "), fewer than batch.global (" + global + "); "
                    + (learned.isEmpty()
                            ? "set a longer data.sequence_length"
                            : "nearest: batch.global: " + learned.size()));
        }
        List<EncodedPair> held = encode(validation, encoder, most);
        if (held.isEmpty() && !validation.isEmpty()) {
            throw new InputException("data.validation: none of the " + validation.size()
                    + " pairs has answers that differ within data.sequence_length (" + most + "); set a longer one");
        }
        int micro = recipe.batch().micro();
        EncodedPairs pairs = new EncodedPairs(learned, micro, assembly);
        String told = String.format(
                Locale.ROOT,
                "data: %,d pairs to train on, %,d held out; %,d cut to %d tokens, %,d left out because nothing"
                        + " that differs was left of an answer",
                learned.size(),
                held.size(),
                Stream.concat(learned.stream(), held.stream())
                        .filter(EncodedPair::cut)
                        .count(),
                most,
                train.size() - learned.size() + validation.size() - held.size());
        return new PackedPairs(
                recipe,
                pairs,
                new EncodedPairs(held, micro, assembly),
                new EncodedPairs(encode(test, encoder, most), micro, assembly),
                List.of(told));
    }

    private static List<EncodedPair> encode(List<PreferencePair> pairs, ChatEncoder encoder, int most) {
        return pairs.stream()
                .map(one -> EncodedPair.of(one, encoder, most))
                .filter(Objects::nonNull)
                .toList();
    }
}
