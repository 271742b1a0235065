package dev.shoestring.shrink;

import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertInput;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Learning a teacher's attention relations (MiniLMv2, arXiv 2012.15828, section 3.1): queries, keys and values of all heads of a layer are joined and split
 * into as many relation heads for both; the relation of a kind is {@code softmax(A·Aᵀ/√width of a head)}, a distribution over tokens for each token. The
 * loss of a text is the weight times the sum over the three kinds of {@code KL(teacher ‖ student)}, its mean over heads and tokens. Student's is the last layer.
 *
 * @param student the network that learns
 * @param teacher the one that reads along
 * @param heads relation heads; they divide the widths of both
 * @param weight what the loss is multiplied by
 */
public record AttentionRelations(Bert student, RelationTeacher teacher, int heads, double weight) {
    private static final int KINDS = 3;

    // B batch, T tokens, D student's width, E teacher's width, R relation heads, K width of one

    /**
     * The sum of the losses of the texts of a batch, whose labels are numbers of texts.
     *
     * @param x_BTD what goes into the student's last layer
     */
    Tensor lossSum(Tensor x_BTD, TokenBatch batch, @Nullable Tensor bias_B11T) {
        Tensor own_BTM = student.queriesKeysValues(student.config().numLayers() - 1, x_BTD);
        Tensor wanted_BTM = teacher.queriesKeysValues(batch.labels());
        return divergence(own_BTM, wanted_BTM, heads, batch, bias_B11T).mul(weight);
    }

    /**
     * The sum over texts and kinds of the mean divergence of relations.
     *
     * @param own_BTM the student's queries, keys and values, (B, T, 3 · D)
     * @param wanted_BTM the teacher's, (B, T, 3 · E)
     * @param batch says which tokens are real
     * @param bias_B11T of {@link BertInput}, of the batch
     */
    static Tensor divergence(
            Tensor own_BTM, Tensor wanted_BTM, int heads, TokenBatch batch, @Nullable Tensor bias_B11T) {
        Tensor shares_B1T1 = shares(batch, heads);
        Tensor loss = Tensor.full(0, 1);
        for (int kind = 0; kind < KINDS; kind++) {
            Tensor own_BRTT = logarithms(own_BTM, kind, heads, bias_B11T);
            Tensor wanted_BRTT;
            Tensor negentropy;
            try (NoGrad guard = NoGrad.on()) {
                Tensor log_BRTT = logarithms(wanted_BTM, kind, heads, bias_B11T);
                // A fill's probability is exactly 0, its logarithm finite.
                wanted_BRTT = log_BRTT.softmax(-1).mul(shares_B1T1);
                negentropy = wanted_BRTT.mul(log_BRTT).sum();
            }
            loss = loss.add(negentropy).sub(wanted_BRTT.mul(own_BRTT).sum());
        }
        return loss;
    }

    /** What a row of a relation counts: its part of the mean over heads and a text's tokens; fills nothing. */
    private static Tensor shares(TokenBatch batch, int heads) {
        int length = batch.maxLength();
        float[] shares = new float[batch.size() * length];
        for (int row = 0; row < batch.size(); row++) {
            int real = batch.lengths()[row];
            Arrays.fill(shares, row * length, row * length + real, 1f / (heads * real));
        }
        return Tensor.of(shares, batch.size(), 1, length, 1);
    }

    /** Logarithms of the relation of a kind, (B, R, T, T). */
    private static Tensor logarithms(Tensor all_BTM, int kind, int heads, @Nullable Tensor bias_B11T) {
        long batch = all_BTM.size(0);
        long tokens = all_BTM.size(1);
        long width = all_BTM.size(2) / KINDS;
        long headDim = width / heads;
        Tensor some_BRTK = all_BTM.narrow(2, kind * width, width)
                .reshape(batch, tokens, heads, headDim)
                .transpose(1, 2);
        Tensor scores_BRTT = some_BRTK
                .mul(1 / Math.sqrt((double) headDim))
                .matmul(some_BRTK.transpose(2, 3))
                .to(DType.FLOAT32);
        return (bias_B11T == null ? scores_BRTT : scores_BRTT.add(bias_B11T)).logSoftmax(-1);
    }
}
