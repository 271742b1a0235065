package dev.shoestring.shrink;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.ScoreGradient;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.Objective;
import dev.shoestring.train.TokenLoss;
import dev.shoestring.train.TokenRows;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder learns from another's answers (arXiv 1503.02531): for each token {@code (1 − h)·T²·KL(teacher ‖ student)}, both at temperature T, and {@code h}
 * times the cross-entropy of the token that follows. To that may come its {@link HiddenStates}. The gradient of the answers is written out, some tokens at a time, as in {@link TokenLoss}.
 *
 * @param pass forward and backward pass of the student
 * @param loss the student's output layer, without z-loss
 * @param teacher what it learns from
 * @param temperature T, what the scores of both are divided by; must be the teacher's
 * @param hardWeight h, the share of the token that follows, in [0, 1]
 * @param hidden what is learnt of the teacher's hidden states besides; null for nothing
 */
public record DistilledNextToken(
        DecoderPass pass,
        TokenLoss loss,
        TokenTeacher teacher,
        double temperature,
        double hardWeight,
        @Nullable HiddenStates hidden)
        implements Objective<TokenRows> {
    // C tokens, N all tokens, D width, V pieces

    /** Of the answers alone. */
    public DistilledNextToken(
            DecoderPass pass, TokenLoss loss, TokenTeacher teacher, double temperature, double hardWeight) {
        this(pass, loss, teacher, temperature, hardWeight, null);
    }

    @Override
    public double backward(TokenRows rows, double weight, Arithmetic arithmetic) {
        int[] places = rows.places();
        int[] targets = rows.targetsAt(places);
        TokenTeacher.Answers answers = teacher.answers(rows);
        return pass.backward(rows, output_ND -> {
            TokenLoss.Result result = loss.backward(
                    output_ND,
                    places,
                    (scores_CV, from, to) ->
                            replace(scores_CV, Arrays.copyOfRange(targets, from, to), from, answers, 1 / weight));
            return hidden == null ? result : hidden.added(result, output_ND, states(answers), places, 1 / weight);
        });
    }

    private static Tensor states(TokenTeacher.Answers answers) {
        return Objects.requireNonNull(answers.hidden(), "only a teacher that reads along has hidden states");
    }

    private double replace(Tensor scores_CV, int[] targets, int from, TokenTeacher.Answers answers, double scale) {
        double soft = (1 - hardWeight) * temperature * temperature * scale;
        Tensor single_CV = scores_CV.to(DType.FLOAT32);
        Tensor log_CV = (temperature == 1 ? single_CV : single_CV.mul(1 / temperature)).logSoftmax(1);
        TokenTeacher.Comparison comparison = answers.compare(log_CV, from);
        // Of T² · KL the derivative with respect to the scores, which are divided by T.
        Tensor slope_CV = log_CV.softmax(1).sub(comparison.wanted_CV()).mulInPlace(soft / temperature);
        double total = soft * comparison.divergence();
        if (hardWeight > 0) {
            Tensor labels_C = Tensor.of(targets, targets.length);
            Tensor factors_C = Tensor.full(hardWeight * scale, targets.length);
            Tensor hard_CV = single_CV == scores_CV ? single_CV.copy() : single_CV;
            Tensor losses_C = ScoreGradient.replace(hard_CV, labels_C, factors_C, 0);
            total += losses_C.mul(factors_C).sum().item();
            slope_CV.addInPlace(hard_CV, 1);
        }
        scores_CV.copyFrom(slope_CV);
        return total;
    }

    @Override
    public Tensor lossSum(TokenRows rows) {
        int[] places = rows.places();
        int[] targets = rows.targetsAt(places);
        TokenTeacher.Answers answers = teacher.answers(rows);
        Tensor hidden_ND = pass.output(rows);
        double sum = 0;
        for (int start = 0; start < places.length; start += loss.chunk()) {
            int from = start;
            int to = Math.min(places.length, from + loss.chunk());
            try (TensorScope scope = TensorScope.open();
                    NoGrad guard = NoGrad.on()) {
                Tensor index_C = Tensor.of(Arrays.copyOfRange(places, from, to), to - from);
                Tensor scores_CV =
                        pass.arithmetic().run(() -> pass.decoder().scores(hidden_ND.indexSelect(0, index_C)));
                sum += replace(scores_CV, Arrays.copyOfRange(targets, from, to), from, answers, 1);
            }
        }
        if (hidden != null) {
            try (TensorScope scope = TensorScope.open();
                    NoGrad guard = NoGrad.on()) {
                sum += hidden.lossSum(hidden_ND, states(answers), places).item();
            }
        }
        return Tensor.full(sum, 1);
    }
}
