package dev.shoestring.run;

import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.DecoderWeights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.DistilledNextToken;
import dev.shoestring.shrink.HiddenStates;
import dev.shoestring.shrink.KeptAnswers;
import dev.shoestring.shrink.LiveTeacher;
import dev.shoestring.shrink.TokenTeacher;
import dev.shoestring.tensor.DType;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.TokenLoss;
import dev.shoestring.train.TokenRows;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A language model's run that learns from another's answers: the teacher reads along, or what it says is kept in a file first. */
final class DistilledTokens {
    private static final double FORWARD_AND_BACKWARD = 3;

    private final Recipe recipe;
    private final LanguageInputs inputs;
    private final Arithmetic arithmetic;
    private final RunListener listener;
    private final DistillSpec spec;
    private final Path folder;

    DistilledTokens(
            Recipe recipe, LanguageInputs inputs, Arithmetic arithmetic, RunListener listener, DistillSpec spec) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.arithmetic = arithmetic;
        this.listener = listener;
        this.spec = spec;
        this.folder = folder(spec);
    }

    /**
     * The teacher's model folder.
     *
     * @throws InputException if there is none
     */
    static Path folder(DistillSpec spec) {
        try {
            return RunFolder.modelOf(Path.of(spec.teacher())).toRealPath();
        } catch (IOException | InvalidPathException unreadable) {
            throw new InputException(
                    "distill.teacher: " + spec.teacher()
                            + ": there is no such model; give a finished run or a model folder",
                    unreadable);
        }
    }

    /**
     * Sizes of the teacher, whose pieces must be those of the student.
     *
     * @throws InputException if it is no language model, or has another tokenizer
     */
    static DecoderConfig teacherConfig(DistillSpec spec, LanguageInputs inputs) {
        Path folder = folder(spec);
        try (ModelFiles files = Models.open(folder.toString(), (what, done, total) -> {})) {
            DecoderConfig config = DecoderConfigs.read(files.config(), folder.toString());
            DecoderFolder own = DecoderFolder.of(files);
            if (!own.tokenizerJson().equals(inputs.folder().tokenizerJson())) {
                throw new InputException("distill.teacher: " + folder
                        + " has another tokenizer than the model that learns from it; give a teacher with the same"
                        + " tokenizer.json");
            }
            if (config.vocabSize() < inputs.decoderConfig().vocabSize()) {
                throw new InputException("distill.teacher: " + folder + " has " + config.vocabSize()
                        + " rows of pieces, fewer than the model that learns from it ("
                        + inputs.decoderConfig().vocabSize() + ")");
            }
            return config;
        }
    }

    /** Operations of the teacher where it reads along; null where its answers are kept. */
    static @Nullable DecoderFlops alongside(Recipe recipe, LanguageInputs inputs) {
        DistillSpec spec = recipe.distill();
        if (spec == null || spec.scores() != null) {
            return null;
        }
        DecoderConfig config = teacherConfig(spec, inputs);
        DecoderFlops flops = LanguageJobs.flops(config);
        double own = inputs.decoderConfig().hiddenSize();
        boolean mapped = spec.hiddenWeight() > 0 && own != config.hiddenSize();
        // The matrix between the states of both, forward and backward, at each token that has a loss.
        double matrix = mapped ? FORWARD_AND_BACKWARD * own * config.hiddenSize() : 0;
        return new DecoderFlops(flops.blockMatrices(), flops.attentionWidth(), flops.headMatrix() + matrix);
    }

    /**
     * The work, learnt from the teacher; measured by the next token's loss all the same.
     *
     * @param store the student's parameters; where hidden states of another width are learnt, it gets the matrix between them
     */
    LanguageWork<TokenRows> work(LanguageData data, DecoderPass pass, TokenLoss loss, ParameterStore store) {
        LanguageWork<TokenRows> plain = data.work(pass, loss);
        int vocabulary = pass.decoder().config().vocabSize();
        String scores = spec.scores();
        if (scores == null) {
            return along(plain, pass, loss, store, live(vocabulary));
        }
        double flops = 0;
        Path file = Path.of(scores);
        KeptAnswers.Batches batches = batches(plain);
        String key = key(vocabulary);
        Optional<KeptAnswers> known = KeptAnswers.open(file, key, vocabulary, batches);
        if (known.isEmpty()) {
            flops = keep(file, key, vocabulary, batches);
            known = KeptAnswers.open(file, key, vocabulary, batches);
        }
        TokenTeacher teacher = known.orElseThrow(
                () -> new InputException(file + ": what was written there cannot be read back; free space"));
        return taught(plain, pass, loss, teacher, null, flops);
    }

    private LanguageWork<TokenRows> along(
            LanguageWork<TokenRows> plain,
            DecoderPass pass,
            TokenLoss loss,
            ParameterStore store,
            LiveTeacher teacher) {
        if (spec.hiddenWeight() == 0) {
            return taught(plain, pass, loss, teacher, null, 0);
        }
        try {
            StatesProjection projection = new StatesProjection(pass, teacher.pass(), plain);
            return taught(
                    plain,
                    pass,
                    loss,
                    teacher,
                    new HiddenStates(spec.hiddenWeight(), projection.fitted(store)),
                    projection.flops());
        } catch (RuntimeException refused) {
            teacher.close();
            throw refused;
        }
    }

    private LanguageWork<TokenRows> taught(
            LanguageWork<TokenRows> plain,
            DecoderPass pass,
            TokenLoss loss,
            TokenTeacher teacher,
            @Nullable HiddenStates hidden,
            double flops) {
        return new LanguageWork<>(
                plain.batches(),
                plain.stepsPerEpoch(),
                new DistilledNextToken(pass, loss, teacher, spec.temperature(), spec.hardWeight(), hidden),
                plain.validation(),
                plain.test(),
                flops,
                teacher::close);
    }

    private double keep(Path file, String key, int vocabulary, KeptAnswers.Batches batches) {
        long bytes = KeptAnswers.bytes(batches, spec.topK());
        DiskSpace.require(file, bytes, "the teacher's " + spec.topK() + " likeliest pieces after each token");
        listener.message(String.format(
                Locale.ROOT,
                "computing the teacher's answers once: the %d likeliest pieces after each token, %,d MB in %s",
                spec.topK(),
                (bytes >> 20) + 1,
                file));
        DecoderConfig config = teacherConfig(spec, inputs);
        DecoderFlops counter = LanguageJobs.flops(config);
        double flops = 0;
        for (int i = 0; i < batches.count(); i++) {
            TokenRows rows = batches.batch(i);
            for (int[] starts : rows.starts()) {
                flops += counter.forward(lengths(starts, rows.length()), 0);
            }
            flops += counter.forward(new int[0], rows.weight());
        }
        try (LiveTeacher teacher = live(vocabulary)) {
            KeptAnswers.write(
                    file,
                    key,
                    teacher,
                    spec.topK(),
                    batches,
                    done -> listener.transferred("the teacher's answers", bytes * done / batches.count(), bytes));
        }
        return flops;
    }

    private static int[] lengths(int[] starts, int tokens) {
        int[] lengths = new int[starts.length];
        for (int i = 0; i < starts.length; i++) {
            lengths[i] = (i + 1 < starts.length ? starts[i + 1] : tokens) - starts[i];
        }
        return lengths;
    }

    /** All micro-batches of the first epoch, as far as the schedule goes; later epochs have the same rows. */
    private KeptAnswers.Batches batches(LanguageWork<TokenRows> plain) {
        int steps = Math.toIntExact(
                Math.min(plain.stepsPerEpoch(), recipe.schedule().steps(plain.stepsPerEpoch())));
        int each = plain.batches().step(0).size();
        return new KeptAnswers.Batches() {
            private int step = -1;
            private List<TokenRows> micros = List.of();

            @Override
            public int count() {
                return Math.multiplyExact(steps, each);
            }

            @Override
            public TokenRows batch(int number) {
                if (number / each != step) {
                    step = number / each;
                    micros = plain.batches().step(step);
                }
                return micros.get(number % each);
            }
        };
    }

    /** The teacher, reading along with a student of so many pieces. */
    private LiveTeacher live(int vocabulary) {
        DecoderConfig config = teacherConfig(spec, inputs);
        ModelFiles files = Models.open(folder.toString(), listener::transferred);
        try {
            return live(vocabulary, config, files);
        } catch (RuntimeException refused) {
            files.close();
            throw refused;
        }
    }

    private LiveTeacher live(int vocabulary, DecoderConfig config, ModelFiles files) {
        DecoderWeights weights = DecoderWeights.of(config, files.weights(), folder.toString());
        DType type = arithmetic == Arithmetic.BF16 ? DType.BFLOAT16 : DType.FLOAT32;
        ParameterStore store = new ParameterStore(weights, 0, new ParameterStore.Storage(type, false));
        try {
            Decoder decoder = new Decoder(config, store);
            return new LiveTeacher(
                    new DecoderPass(decoder, arithmetic, false, 0), spec.temperature(), spec.topK(), vocabulary, () -> {
                        store.close();
                        weights.close();
                        files.close();
                    });
        } catch (RuntimeException refused) {
            store.close();
            weights.close();
            throw refused;
        }
    }

    /** Tells teachers, temperatures, arithmetics and student's vocabularies apart. */
    private String key(int vocabulary) {
        try (Stream<Path> files = Files.list(folder)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files.filter(one -> {
                        String name = Objects.requireNonNull(one.getFileName()).toString();
                        return name.endsWith(".safetensors") || name.equals("config.json");
                    })
                    .sorted()
                    .toList()) {
                try (InputStream in = Files.newInputStream(file)) {
                    byte[] part = new byte[1 << 20];
                    for (int read = in.read(part); read > 0; read = in.read(part)) {
                        digest.update(part, 0, read);
                    }
                }
            }
            String rest = spec.temperature() + " " + spec.topK() + " " + arithmetic + " " + vocabulary;
            digest.update(rest.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 12);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        } catch (IOException unreadable) {
            throw new InputException(
                    folder + ": the teacher cannot be read (" + RunFolder.reason(unreadable) + ")", unreadable);
        }
    }
}
