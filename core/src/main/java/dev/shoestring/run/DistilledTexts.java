package dev.shoestring.run;

import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.Example;
import dev.shoestring.models.Bert;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Initializer;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.Distillation;
import dev.shoestring.shrink.FeatureProjection;
import dev.shoestring.shrink.TeacherAnswers;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.text.Tokenizer;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.TextScorer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the job of a text classifier that learns from another's answers. */
final class DistilledTexts {
    /** What stands before the names of parameters that belong to training and not to the model. */
    static final String ONLY_FOR_TRAINING = "distill.";

    /** Texts that the matrix between student's and teacher's features is fitted on at the start, for each of the student's channels. */
    static final int FITTED_FOR_EACH_CHANNEL = 4;

    /** Numbers of parameters that belong to training and not to the model. */
    static long onlyForTraining(ParameterStore store) {
        return store.all().entrySet().stream()
                .filter(parameter -> parameter.getKey().startsWith(ONLY_FOR_TRAINING))
                .mapToLong(parameter -> parameter.getValue().numel())
                .sum();
    }

    private final Recipe recipe;
    private final TextInputs inputs;
    private final Arithmetic arithmetic;
    private final RunListener listener;
    private final DistillSpec spec;

    DistilledTexts(Recipe recipe, TextInputs inputs, Arithmetic arithmetic, RunListener listener, DistillSpec spec) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.arithmetic = arithmetic;
        this.listener = listener;
        this.spec = spec;
    }

    /**
     * The recipe with its teacher's folder itself: {@code runs/latest} points elsewhere as soon as the run folder is made.
     *
     * @throws InputException if there is no such teacher
     */
    static Recipe settled(Recipe recipe) {
        DistillSpec spec = recipe.distill();
        if (spec == null) {
            return recipe;
        }
        return recipe.withDistill(spec.withTeacher(DistilledTokens.folder(spec).toString()));
    }

    /** What the teacher said, and the work that this was. */
    private record Answered(TeacherAnswers answers, double flops) {}

    ClassifierJob<?> make(TextJobs jobs, Bert model, ParameterStore store, Dropout dropout, TextJobs.Splits splits) {
        List<String> texts = texts();
        List<Encoded> numbered =
                numbered(inputs.tokenizer(), texts, recipe.data().maxTokens());
        @Nullable
        RelationsBeside beside =
                spec.relations().weight() > 0 ? RelationsBeside.open(recipe, spec, model, texts, numbered) : null;
        try {
            return jobs.onTexts(
                    model,
                    store,
                    dropout,
                    splits,
                    epoch -> numbered,
                    numbered.size(),
                    learning(model, store, texts, numbered, beside));
        } catch (RuntimeException refused) {
            if (beside != null) {
                beside.close();
            }
            throw refused;
        }
    }

    private TextJobs.Learning learning(
            Bert model,
            ParameterStore store,
            List<String> texts,
            List<Encoded> numbered,
            @Nullable RelationsBeside beside) {
        Answered answered = answers(texts);
        Distillation objective = objective(
                recipe,
                spec,
                new TextScorer(model, arithmetic, inputs.tokenizer().padId()),
                store,
                answered.answers(),
                inputs.data().train(),
                numbered);
        double before = answered.flops()
                + fittingFlops(spec, model, inputs.data().labels().size(), answered.answers(), numbered);
        if (beside == null) {
            return new TextJobs.Learning(objective, before);
        }
        listener.message(beside.words());
        return new TextJobs.Learning(objective.with(beside.relations()), before, beside::flops, beside::close);
    }

    /** The labelled texts, and then those without a label. */
    private List<String> texts() {
        List<String> texts = new ArrayList<>(
                inputs.data().train().stream().map(Example::text).toList());
        List<String> more = inputs.unused(spec.unlabelled());
        if (more.size() < spec.unlabelled()) {
            listener.message("distill.unlabelled: there are only " + more.size()
                    + " rows beyond data.train_examples, not " + spec.unlabelled());
        }
        texts.addAll(more);
        return texts;
    }

    /**
     * Learning from a teacher's answers; where its encoder has another width, the store gets the matrix between them.
     *
     * @param student scores texts with the network that learns
     * @param store its parameters
     * @param labelled the examples whose texts are the first of those that are learnt from
     * @param numbered the texts, each with its place in the teacher's answers
     */
    static Distillation objective(
            Recipe recipe,
            DistillSpec spec,
            TextScorer student,
            ParameterStore store,
            TeacherAnswers answers,
            List<Example> labelled,
            List<Encoded> numbered) {
        @Nullable
        Tensor projection = spec.hiddenWeight() > 0
                        && answers.width() != student.model().config().hiddenSize()
                ? projection(student, store, answers, numbered)
                : null;
        int[] labels = new int[numbered.size()];
        Arrays.fill(labels, Distillation.UNLABELLED);
        for (int i = 0; i < labelled.size(); i++) {
            labels[i] = labelled.get(i).label();
        }
        return new Distillation(student.model(), () -> answers, labels, spec, recipe.labelSmoothing(), projection);
    }

    /** Operations of fitting the matrix between two widths, which needs the student's features of some texts. */
    static double fittingFlops(
            DistillSpec spec, Bert model, int labels, TeacherAnswers answers, List<Encoded> numbered) {
        int width = model.config().hiddenSize();
        if (spec.hiddenWeight() == 0 || answers.width() == width) {
            return 0;
        }
        EncoderFlops counter = new EncoderFlops(TextJobs.shape(model.config(), labels));
        return numbered.subList(0, fitted(numbered, width)).stream()
                .mapToDouble(text -> counter.forward(new int[] {text.ids().length}))
                .sum();
    }

    private static int fitted(List<Encoded> numbered, int width) {
        return Math.min(numbered.size(), FITTED_FOR_EACH_CHANNEL * width);
    }

    private static Tensor projection(
            TextScorer student, ParameterStore store, TeacherAnswers answers, List<Encoded> numbered) {
        int width = student.model().config().hiddenSize();
        int fitted = fitted(numbered, width);
        float[][] wanted = new float[fitted][];
        for (int text = 0; text < fitted; text++) {
            wanted[text] = answers.features(text);
        }
        Tensor projection = store.parameter(
                ONLY_FOR_TRAINING + "projection.weight", new Initializer.Constant(0), answers.width(), width);
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            projection.copyFrom(FeatureProjection.fit(student.features(numbered.subList(0, fitted)), wanted));
        }
        return projection;
    }

    /** Each text's tokens, its number in place of a label. */
    static List<Encoded> numbered(Tokenizer tokenizer, List<String> texts, int maxTokens) {
        List<Encoded> numbered = new ArrayList<>(texts.size());
        for (int[] ids : tokenizer.encodeAll(texts, maxTokens)) {
            numbered.add(new Encoded(ids, numbered.size()));
        }
        return numbered;
    }

    private Answered answers(List<String> texts) {
        Path folder = RunFolder.modelOf(Path.of(spec.teacher()));
        double[] flops = new double[1];
        Supplier<TeacherAnswers> compute = () -> {
            listener.message("computing the teacher's answers once");
            try (BertFolder teacher = BertFolder.open(folder)) {
                teacher.requireLabels(inputs.data().labels());
                List<Encoded> encoded = teacher.encode(texts);
                flops[0] = teacher.flops(encoded);
                return teacher.answers(encoded, arithmetic);
            }
        };
        @Nullable String kept = spec.scores();
        TeacherAnswers answers = kept == null
                ? compute.get()
                : new TeacherFile(Path.of(kept), folder, texts, arithmetic.name()).orComputed(compute);
        return new Answered(answers, flops[0]);
    }
}
