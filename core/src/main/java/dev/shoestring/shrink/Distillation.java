package dev.shoestring.shrink;

import dev.shoestring.models.Bert;
import dev.shoestring.models.BertInput;
import dev.shoestring.nn.Mode;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.ClassificationMetrics;
import dev.shoestring.train.Objective;
import dev.shoestring.train.TextBatch;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Learning a teacher's answers (arXiv 1503.02531, section 2): of each text
 * {@code (1 − h)·T²·KL(teacher ‖ student) + h·cross-entropy(label) + w·mean((teacher's features − student's)²)}, both distributions at temperature T.
 * {@code h} is 0 for a text without label. Features are the encoders' outputs at the first token, the student's through a learned matrix where the
 * widths differ (arXiv 1412.6550). To that may come the teacher's {@link AttentionRelations}. A class and no record, for its array is compared nowhere.
 *
 * <p>The labels of the batches that it takes are <em>numbers of texts</em>: places in the teacher's answers and in {@code labels}.
 */
public final class Distillation implements Objective<TextBatch> {
    /** Label of a text that has none. */
    public static final int UNLABELLED = -1;

    // B batch, D student's width, E teacher's width, C classes
    private final Bert student;
    private final Supplier<TeacherAnswers> teacher;
    private final int[] labels;
    private final DistillSpec spec;
    private final double labelSmoothing;
    private final @Nullable Tensor projection_ED;
    private final @Nullable AttentionRelations relations;

    /**
     * The objective.
     *
     * @param teacher the answers on the texts as this epoch has them
     * @param labels each text's label, or {@link #UNLABELLED}; taken as it is
     * @param labelSmoothing share of a label's target that is spread over all labels, in [0, 1)
     * @param projection_ED maps the student's features to the teacher's; null where the widths are the same
     */
    public Distillation(
            Bert student,
            Supplier<TeacherAnswers> teacher,
            int[] labels,
            DistillSpec spec,
            double labelSmoothing,
            @Nullable Tensor projection_ED) {
        this(student, teacher, labels, spec, labelSmoothing, projection_ED, null);
    }

    private Distillation(
            Bert student,
            Supplier<TeacherAnswers> teacher,
            int[] labels,
            DistillSpec spec,
            double labelSmoothing,
            @Nullable Tensor projection_ED,
            @Nullable AttentionRelations relations) {
        this.student = student;
        this.teacher = teacher;
        this.labels = labels;
        this.spec = spec;
        this.labelSmoothing = labelSmoothing;
        this.projection_ED = projection_ED;
        this.relations = relations;
    }

    /** The same, learning a teacher's attention relations besides. */
    public Distillation with(AttentionRelations others) {
        return new Distillation(student, teacher, labels, spec, labelSmoothing, projection_ED, others);
    }

    @Override
    public Tensor lossSum(TextBatch batch) {
        TeacherAnswers answers = teacher.get();
        BertInput input = BertInput.of(batch.tokens());
        Tensor last_BTD = student.into(student.config().numLayers() - 1, input.ids_BT(), input.bias_B11T(), Mode.TRAIN);
        Tensor first_BD = student.finishFirst(last_BTD, input.bias_B11T(), Mode.TRAIN);
        Tensor logits_BC = student.classify(first_BD, Mode.TRAIN).to(DType.FLOAT32);
        int[] texts = batch.tokens().labels();
        Tensor loss = answersLoss(logits_BC, texts, answers);
        if (spec.hiddenWeight() > 0) {
            loss = loss.add(featuresLoss(first_BD.to(DType.FLOAT32), texts, answers));
        }
        if (relations != null) {
            loss = loss.add(relations.lossSum(last_BTD, batch.tokens(), input.bias_B11T()));
        }
        return loss;
    }

    private Tensor answersLoss(Tensor logits_BC, int[] texts, TeacherAnswers answers) {
        int classes = Math.toIntExact(logits_BC.size(1));
        double squared = spec.temperature() * spec.temperature();
        float[] soft = new float[texts.length * classes];
        float[] hard = new float[texts.length * classes];
        double entropy = 0;
        for (int row = 0; row < texts.length; row++) {
            int label = labels[texts[row]];
            double share = label == UNLABELLED ? 0 : spec.hardWeight();
            float[] cooled = answers.logits(texts[row]).clone();
            for (int i = 0; i < classes; i++) {
                cooled[i] /= (float) spec.temperature();
            }
            float[] wanted = ClassificationMetrics.probabilities(cooled);
            for (int i = 0; i < classes; i++) {
                double weight = (1 - share) * squared;
                soft[row * classes + i] = (float) (weight * wanted[i]);
                entropy -= wanted[i] > 0 ? weight * wanted[i] * Math.log(wanted[i]) : 0;
            }
            if (share > 0) {
                Arrays.fill(hard, row * classes, (row + 1) * classes, (float) (share * labelSmoothing / classes));
                hard[row * classes + label] += (float) (share * (1 - labelSmoothing));
            }
        }
        // Cross-entropy is linear in the distribution, so that a weight of the row may stand in it.
        Tensor loss = logits_BC
                .mul(1 / spec.temperature())
                .crossEntropySum(Tensor.of(soft, texts.length, classes))
                .add(-entropy);
        return spec.hardWeight() == 0
                ? loss
                : loss.add(logits_BC.crossEntropySum(Tensor.of(hard, texts.length, classes)));
    }

    private Tensor featuresLoss(Tensor first_BD, int[] texts, TeacherAnswers answers) {
        int width = answers.width();
        float[] wanted = new float[texts.length * width];
        for (int row = 0; row < texts.length; row++) {
            System.arraycopy(answers.features(texts[row]), 0, wanted, row * width, width);
        }
        Tensor own_BE = projection_ED == null ? first_BD : first_BD.linear(projection_ED);
        Tensor difference_BE = own_BE.sub(Tensor.of(wanted, texts.length, width));
        return difference_BE.mul(difference_BE).sum().mul(spec.hiddenWeight() / width);
    }
}
