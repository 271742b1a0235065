package dev.shoestring.shrink;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.TokenLoss;
import org.jspecify.annotations.Nullable;

/**
 * Learning a teacher's hidden states (arXiv 1412.6550, at the end of the network): {@code w · mean((P·own − wanted)²)} of each token that has a loss, where
 * own and wanted are the normalized outputs that the output layers read.
 *
 * @param weight w
 * @param projection_ED P, learnt with the student, which maps its states to the teacher's; null where the widths are the same
 */
public record HiddenStates(double weight, @Nullable Tensor projection_ED) {
    // N tokens, M of them with a loss, D student's width, E teacher's width

    /**
     * The sum of the losses of some tokens.
     *
     * @param own_ND the student's states at all tokens
     * @param wanted_NE the teacher's
     * @param places the tokens that have a loss
     */
    Tensor lossSum(Tensor own_ND, Tensor wanted_NE, int[] places) {
        Tensor index_M = Tensor.of(places, places.length);
        Tensor own_MD = own_ND.indexSelect(0, index_M).to(DType.FLOAT32);
        Tensor wanted_ME = wanted_NE.indexSelect(0, index_M).to(DType.FLOAT32);
        Tensor mapped_ME = projection_ED == null ? own_MD : own_MD.linear(projection_ED.to(DType.FLOAT32));
        Tensor difference_ME = mapped_ME.sub(wanted_ME);
        return difference_ME.mul(difference_ME).sum().mul(weight / wanted_ME.size(1));
    }

    /**
     * Adds {@code scale} times the loss to another of the same states, its gradient to that one's, and that of P to P's.
     *
     * @param own_ND the student's states at all tokens, without gradient history
     */
    TokenLoss.Result added(TokenLoss.Result other, Tensor own_ND, Tensor wanted_NE, int[] places, double scale) {
        Tensor leaf_ND = own_ND.detach().requiresGrad(true);
        Tensor loss = lossSum(leaf_ND, wanted_NE, places).mul(scale);
        loss.backward();
        Tensor slope_ND = leaf_ND.grad();
        return new TokenLoss.Result(
                other.loss() + loss.item(),
                slope_ND == null ? other.gradient() : other.gradient().add(slope_ND.to(DType.FLOAT32)));
    }
}
