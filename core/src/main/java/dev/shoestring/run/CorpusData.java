package dev.shoestring.run;

import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.data.ContentSplit;
import dev.shoestring.data.DocumentUnit;
import dev.shoestring.data.Documents;
import dev.shoestring.data.GlossaryConversations;
import dev.shoestring.data.PackedRow;
import dev.shoestring.data.PackedSequences;
import dev.shoestring.data.TextSource;
import dev.shoestring.data.TokenEncoding;
import dev.shoestring.data.TokenFile;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.LanguageSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.train.TokenRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The corpus of {@code task: language-model}: its documents, split, tokenized once, packed into rows. */
final class CorpusData implements LanguageText {
    /** Words whose definitions no bundled pre-training sees, so that a glossary can be measured by them. */
    static final int HELD_OUT_WORDS = 500;

    private static final int EVALUATED_AT_ONCE = 8;

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
        TextSource source = source(recipe, listener);
        DataSpec data = recipe.data();
        double validation = share(data.validation());
        double test = share(data.test());
        Documents held = documents(recipe, data.validation());
        Documents tested = documents(recipe, data.test());
        if (source instanceof TextSource.Text one && one.unit() == DocumentUnit.FILE) {
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
        Documents all = new Documents(List.of(source), split);
        return new CorpusData(recipe, listener, all, validation > 0 ? all : held, tested);
    }

    private static double share(DataSpec.Split split) {
        return split instanceof DataSpec.Split.Fraction fraction ? fraction.share() : 0;
    }

    private static @Nullable Documents documents(Recipe recipe, DataSpec.Split split) {
        return split instanceof DataSpec.Split.File file ? whole(at(recipe, file.path())) : null;
    }

    private static Documents whole(TextSource source) {
        return new Documents(List.of(source), new ContentSplit.None());
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
            return at(recipe, file.path());
        }
        return new TextSource.Table(source, recipe.data().input());
    }

    private static TextSource at(Recipe recipe, String path) {
        LanguageSpec language = recipe.language();
        DocumentUnit unit =
                switch (language.unit()) {
                    case FILE -> DocumentUnit.FILE;
                    case LINE -> DocumentUnit.LINE;
                    case BLANK_LINE -> DocumentUnit.BLANK_LINE;
                };
        return TextSource.at(
                path,
                unit,
                language.extensions().isEmpty() ? null : language.extensions(),
                recipe.data().input());
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
    public LanguageData pack(LanguageInputs inputs, DecoderFlops flops, DecoderFlops.Trained trained) {
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
        Rows made = new Rows(recipe, flops, trained);
        List<String> notes = new ArrayList<>();
        notes.add(String.format(
                java.util.Locale.ROOT,
                "data: %,d documents, %,d tokens, %.2f bytes a token",
                file.documents(),
                file.tokens(),
                (double) file.textBytes() / Math.max(1, file.tokens())));
        int perEpoch = rows.rows() / global;
        return new LanguageData(
                step -> made.step(rows, step, perEpoch),
                perEpoch,
                held(validation, train == validation, encoding, endOfDocument, made),
                held(test, false, encoding, endOfDocument, made),
                notes);
    }

    private TokenFile tokens(String what, Documents corpus, Documents.Part part, TokenEncoding encoding) {
        return TokenFile.of(
                corpus, part, encoding, (documents, characters, tokens) -> listener.transferred(what, characters, -1));
    }

    private LanguageSplit held(
            @Nullable Documents corpus, boolean drawn, TokenEncoding encoding, int endOfDocument, Rows made) {
        if (corpus == null) {
            return LanguageSplit.NONE;
        }
        Documents.Part part = drawn ? Documents.Part.HELD_OUT : Documents.Part.ALL;
        TokenFile file = tokens("held-out text", corpus, part, encoding);
        PackedSequences rows = new PackedSequences(
                file, recipe.language().sequenceLength(), endOfDocument, PackedSequences.Order.AS_THEY_COME, 0);
        List<TokenRows> all = new ArrayList<>();
        List<PackedRow> together = new ArrayList<>();
        for (int i = 0; i < rows.rows(); i++) {
            PackedRow row = rows.row(0, i);
            if (!together.isEmpty()
                    && (together.size() == EVALUATED_AT_ONCE || together.get(0).length() != row.length())) {
                all.add(made.of(together, 0));
                together = new ArrayList<>();
            }
            together.add(row);
        }
        if (!together.isEmpty()) {
            all.add(made.of(together, 0));
        }
        return new LanguageSplit(all, file.textBytes());
    }

    /** Cuts an epoch into steps and steps into micro-batches. */
    private record Rows(Recipe recipe, DecoderFlops flops, DecoderFlops.Trained trained) {
        List<TokenRows> step(PackedSequences rows, long step, int perEpoch) {
            int epoch = Math.toIntExact(step / perEpoch);
            int full = recipe.language().sequenceLength();
            int global = recipe.batch().global();
            long from = step % perEpoch * global * full;
            int length = length(step, perEpoch);
            // Shorter rows are more in number, so that a step sees as many tokens.
            int more = full / length;
            List<TokenRows> micros = new ArrayList<>();
            List<PackedRow> together = new ArrayList<>();
            for (int i = 0; i < global * more; i++) {
                together.add(rows.read(epoch, from + (long) i * length, length));
                if (together.size() == recipe.batch().micro() * more || i == global * more - 1) {
                    micros.add(of(together, RandomState.mix(recipe.seed(), step, micros.size())));
                    together = new ArrayList<>();
                }
            }
            return micros;
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

        TokenRows of(List<PackedRow> rows, long noise) {
            int[][] ids = new int[rows.size()][];
            int[][] targets = new int[rows.size()][];
            int[][] starts = new int[rows.size()][];
            int documents = 0;
            double operations = 0;
            for (int i = 0; i < rows.size(); i++) {
                ids[i] = rows.get(i).inputs();
                targets[i] = rows.get(i).targets();
                starts[i] = rows.get(i).starts();
                documents += starts[i].length;
                operations += flops.training(lengths(starts[i], ids[i].length), ids[i].length, trained);
            }
            return new TokenRows(ids, targets, starts, documents, 0, operations, noise);
        }
    }

    /** Lengths of the documents of a row. */
    static int[] lengths(int[] starts, int tokens) {
        int[] lengths = new int[starts.length];
        for (int i = 0; i < starts.length; i++) {
            lengths[i] = (i + 1 < starts.length ? starts[i + 1] : tokens) - starts[i];
        }
        return lengths;
    }
}
