package dev.shoestring.run;

import dev.shoestring.data.ContentSplit;
import dev.shoestring.data.DocumentReport;
import dev.shoestring.data.DocumentUnit;
import dev.shoestring.data.Documents;
import dev.shoestring.data.GlossaryConversations;
import dev.shoestring.data.PackedSequences;
import dev.shoestring.data.SplitMix;
import dev.shoestring.data.TextSource;
import dev.shoestring.data.TokenEncoding;
import dev.shoestring.data.TokenFile;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.LanguageSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.LanguageReport.Figure;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.train.TokenRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The corpus of {@code task: language-model}: its documents, split, tokenized once, packed into rows. */
final class CorpusData implements LanguageText {
    /** Words whose definitions no bundled pre-training sees, so that a glossary can be measured by them. */
    static final int HELD_OUT_WORDS = 500;

    private static final int EVALUATED_AT_ONCE = 8;

    /** Characters of a beginning that is continued. */
    private static final int BEGINNING = 60;

    /** Characters in which the next line must begin to be taken. */
    private static final int FAR = 1000;

    private final Recipe recipe;
    private final RunListener listener;
    private final Documents train;
    private final @Nullable Documents validation;
    private final @Nullable Documents test;

    private CorpusData(
            Recipe recipe,
            RunListener listener,
            Documents train,
            @Nullable Documents validation,
            @Nullable Documents test) {
        this.recipe = recipe;
        this.listener = listener;
        this.train = train;
        this.validation = validation;
        this.test = test;
    }

    /** Finds the documents that a recipe names; nothing is tokenized yet. */
    static CorpusData of(Recipe recipe, RunListener listener) {
        List<TextSource> sources = sources(recipe, listener);
        DataSpec data = recipe.data();
        double validation = share(data.validation());
        double test = share(data.test());
        Documents held = documents(recipe, data.validation(), listener);
        Documents tested = documents(recipe, data.test(), listener);
        if (sources.size() == 1 && sources.get(0) instanceof TextSource.Text one && one.unit() == DocumentUnit.FILE) {
            if (data.trainExamples() != null) {
                throw new InputException(
                        "data.train_examples: " + data.trainExamples() + " has no effect on " + one.name()
                                + ", which is one document; leave it out, or set data.document: line or blank-line");
            }
            // One text cannot be drawn from: its end is held out, and what was cut off is not seen before.
            double end = 1 - test;
            double middle = end - validation;
            return new CorpusData(
                    recipe,
                    listener,
                    whole(new TextSource.Slice(one, 0, middle)),
                    validation > 0 ? whole(new TextSource.Slice(one, middle, end)) : held,
                    test > 0 ? whole(new TextSource.Slice(one, end, 1)) : tested);
        }
        if (test > 0) {
            throw new InputException("data.test: of many documents must be a file or 0, but is " + test
                    + "; data.validation: " + validation + " holds out a share of them");
        }
        ContentSplit split =
                validation > 0 ? new ContentSplit.Share(validation, recipe.seed()) : new ContentSplit.None();
        long most = data.trainExamples() == null ? Long.MAX_VALUE : data.trainExamples();
        Documents all = new Documents(sources, split, most);
        return new CorpusData(recipe, listener, all, validation > 0 ? all : held, tested);
    }

    private static double share(DataSpec.Split split) {
        return split instanceof DataSpec.Split.Fraction fraction ? fraction.share() : 0;
    }

    private static @Nullable Documents documents(Recipe recipe, DataSpec.Split split, RunListener listener) {
        return split instanceof DataSpec.Split.File file ? whole(at(recipe, file.path(), listener)) : null;
    }

    private static Documents whole(TextSource source) {
        return new Documents(List.of(source), new ContentSplit.None());
    }

    private static List<TextSource> sources(Recipe recipe, RunListener listener) {
        List<TextSource> sources = new ArrayList<>();
        sources.add(source(recipe, listener));
        for (String one : recipe.language().more()) {
            sources.add(at(recipe, one, listener));
        }
        return sources;
    }

    private static TextSource source(Recipe recipe, RunListener listener) {
        DataSpec.Source source = recipe.data().source();
        if (source instanceof DataSpec.Source.Bundled bundled) {
            Path jar = TextInputs.artifact(bundled.from(), listener);
            return new TextSource.WordNet(
                    jar,
                    GlossaryConversations.read(jar, 1, HELD_OUT_WORDS, recipe.seed())
                            .heldOutWords());
        }
        if (source instanceof DataSpec.Source.File file) {
            return at(recipe, file.path(), listener);
        }
        return new TextSource.Table(source, recipe.data().input());
    }

    private static TextSource at(Recipe recipe, String place, RunListener listener) {
        String path = TextInputs.isArtifact(place)
                ? TextInputs.artifact(place, listener).toString()
                : place;
        LanguageSpec language = recipe.language();
        DocumentUnit unit =
                switch (language.unit()) {
                    case FILE -> DocumentUnit.FILE;
                    case LINE -> DocumentUnit.LINE;
                    case BLANK_LINE -> DocumentUnit.BLANK_LINE;
                };
        // A recipe writes them with their dot.
        List<String> endings = language.extensions().stream()
                .map(ending -> ending.substring(1))
                .toList();
        return TextSource.at(
                path, unit, endings.isEmpty() ? null : endings, recipe.data().input());
    }

    @Override
    public Stream<String> texts() {
        List<String> texts = new ArrayList<>();
        train.read(Documents.Part.TRAIN, document -> texts.add(document.text()));
        return texts.stream();
    }

    @Override
    public String fingerprint() {
        return train.fingerprint(Documents.Part.TRAIN);
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    @Override
    public int validationExamples() {
        // Not known before it is tokenized: a tenth of an epoch is a fair guess for the time of its measurement.
        return validation == null ? 0 : Math.max(1, recipe.batch().global());
    }

    @Override
    public TextAmount amount() {
        DocumentReport used = train.read(Documents.Part.TRAIN, document -> {});
        double held = 0;
        if (validation != null) {
            Documents.Part part = validation == train ? Documents.Part.HELD_OUT : Documents.Part.ALL;
            held = validation.read(part, document -> {}).bytes();
        }
        double bytes = used.bytes();
        return new TextAmount((double) used.documents(), 1, bytes, bytes, held, held);
    }

    @Override
    public List<SampleTexts.Prompt> prompts(LanguageInputs inputs, int most) {
        if (validation == null) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        validation.read(validation == train ? Documents.Part.HELD_OUT : Documents.Part.ALL, document -> {
            if (texts.size() < most) {
                texts.add(document.text());
            }
        });
        List<SampleTexts.Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            // Of fewer documents, later places are taken too.
            String text = texts.get(i % texts.size());
            String beginning = beginning(from(text, i / texts.size() * (text.length() / most)));
            prompts.add(SampleTexts.Prompt.of(beginning, inputs.encoded(beginning)));
        }
        return prompts;
    }

    /** From a place on: the next line's beginning, or else the next word's, so that no word is cut. */
    private static String from(String text, int place) {
        int line = place == 0 ? 0 : text.indexOf('\n', place);
        int word = place == 0 ? 0 : text.indexOf(' ', place);
        boolean near = line >= 0 && line < place + FAR;
        return text.substring(near ? line : Math.max(0, word)).strip();
    }

    /** The first words. */
    private static String beginning(String text) {
        if (text.length() <= BEGINNING) {
            return text.substring(0, text.length() / 2);
        }
        int space = text.lastIndexOf(' ', BEGINNING);
        return text.substring(0, space < BEGINNING / 2 ? BEGINNING : space);
    }

    @Override
    public LanguageData pack(LanguageInputs inputs, RowAssembly assembly) {
        TokenEncoding encoding = inputs.encoding();
        int endOfDocument = inputs.endOfText();
        TokenFile file = tokens("training text", train, Documents.Part.TRAIN, encoding);
        int length = recipe.language().sequenceLength();
        PackedSequences rows =
                new PackedSequences(file, length, endOfDocument, PackedSequences.Order.SHUFFLED, recipe.seed());
        int global = recipe.batch().global();
        if (rows.rows() < global) {
            throw new InputException("data: the training text has " + rows.rows() + " rows of " + length
                    + " tokens, fewer than batch.global (" + global + "); nearest: batch.global: "
                    + Math.max(1, rows.rows()) + ", or a shorter data.sequence_length");
        }
        List<String> notes = new ArrayList<>();
        notes.add(String.format(
                java.util.Locale.ROOT,
                "data: %,d documents, %,d tokens, %.2f bytes a token",
                file.documents(),
                file.tokens(),
                (double) file.textBytes() / Math.max(1, file.tokens())));
        int perEpoch = rows.rows() / global;
        return new LanguageData(
                step -> step(rows, step, perEpoch, assembly),
                perEpoch,
                held(validation, train == validation, encoding, endOfDocument, assembly),
                held(test, false, encoding, endOfDocument, assembly),
                notes,
                figures(file, rows));
    }

    private List<Figure> figures(TokenFile file, PackedSequences rows) {
        return List.of(
                new Figure("training documents", String.format(Locale.ROOT, "%,d", file.documents())),
                new Figure("their text", String.format(Locale.ROOT, "%,d bytes", file.textBytes())),
                new Figure("tokens", String.format(Locale.ROOT, "%,d", file.tokens())),
                new Figure(
                        "bytes a token",
                        String.format(Locale.ROOT, "%.2f", (double) file.textBytes() / Math.max(1, file.tokens()))),
                new Figure(
                        "rows of " + recipe.language().sequenceLength() + " tokens",
                        String.format(Locale.ROOT, "%,d", rows.rows())),
                new Figure("padding in rows", "0%"),
                new Figure("tokens that no row of an epoch holds", String.format(Locale.ROOT, "%,d", rows.dropped())));
    }

    private TokenFile tokens(String what, Documents corpus, Documents.Part part, TokenEncoding encoding) {
        return TokenFile.of(
                corpus, part, encoding, (documents, characters, tokens) -> listener.transferred(what, characters, -1));
    }

    private LanguageSplit held(
            @Nullable Documents corpus,
            boolean drawn,
            TokenEncoding encoding,
            int endOfDocument,
            RowAssembly assembly) {
        if (corpus == null) {
            return LanguageSplit.NONE;
        }
        Documents.Part part = drawn ? Documents.Part.HELD_OUT : Documents.Part.ALL;
        TokenFile file = tokens("held-out text", corpus, part, encoding);
        PackedSequences rows = new PackedSequences(
                file, recipe.language().sequenceLength(), endOfDocument, PackedSequences.Order.AS_THEY_COME, 0);
        List<TokenRows> all = assembly.cut(rows.rows(), i -> rows.row(0, i), EVALUATED_AT_ONCE, micro -> 0);
        return new LanguageSplit(all, file.textBytes());
    }

    /** Cuts an epoch into steps and steps into micro-batches. */
    private List<TokenRows> step(PackedSequences rows, long step, int perEpoch, RowAssembly assembly) {
        int epoch = Math.toIntExact(step / perEpoch);
        int full = recipe.language().sequenceLength();
        int global = recipe.batch().global();
        long from = step % perEpoch * global * full;
        int length = length(step, perEpoch);
        // Shorter rows are more in number, so that a step sees as many tokens.
        int more = full / length;
        if (recipe.distill() != null && recipe.distill().scores() != null) {
            // Answers are kept of the rows of one epoch: later epochs have them in another order.
            int[] order = order(rows.rows(), epoch);
            int first = Math.toIntExact(step % perEpoch) * global;
            return assembly.cut(
                    global,
                    i -> rows.row(0, order[first + i]),
                    recipe.batch().micro(),
                    micro -> RandomState.mix(recipe.seed(), step, micro));
        }
        return assembly.cut(
                global * more,
                i -> rows.read(epoch, from + (long) i * length, length),
                recipe.batch().micro() * more,
                micro -> RandomState.mix(recipe.seed(), step, micro));
    }

    /** The rows that an epoch of kept rows takes, all of the first epoch. */
    private int[] order(int rows, int epoch) {
        int[] order = java.util.stream.IntStream.range(0, rows).toArray();
        if (epoch > 0) {
            int global = recipe.batch().global();
            int[] some = java.util.Arrays.copyOf(order, rows / global * global);
            SplitMix.of(recipe.seed(), epoch).shuffle(some);
            return some;
        }
        return order;
    }

    private int length(long step, int perEpoch) {
        int full = recipe.language().sequenceLength();
        LanguageSpec.@Nullable LengthWarmup warmup = recipe.language().lengthWarmup();
        if (warmup == null) {
            return full;
        }
        double done = step / (warmup.until() * recipe.schedule().steps(perEpoch));
        double wanted = warmup.from() + done * (full - warmup.from());
        // The full length over a whole number, so that rows divide evenly.
        int parts = Math.max(1, (int) Math.floor(full / Math.max(1, wanted)));
        return full / parts;
    }
}
