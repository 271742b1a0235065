package dev.shoestring.shrink;

import dev.shoestring.tensor.Tensor;
import java.util.Arrays;

/**
 * An orthonormal basis of part of a residual stream: how weights of a wider network become those of a narrower one whose channels are these
 * directions, P. A matrix that reads the stream becomes W·P, one that writes to it Pᵀ·W, a row of an embedding r·P. In a network whose only
 * norms are RMSNorm without weights this is exact but for the energy left out (SliceGPT, arXiv 2401.15024). With LayerNorm it is not: its weight is
 * taken as the diagonal of Pᵀ·diag(γ)·P, and the mean it takes off is that of the new channels. What that changes is for healing to mend; on
 * WordNet's definitions it loses half as much as dropping the channels that matter least (docs/experiments.md). A class and no record, for its arrays are compared nowhere.
 */
public final class StreamBasis {
    // D model width, W width of the narrower network
    private final int full;
    private final int width;
    private final float[] basis;
    private final double[] growth;
    private final double energy;

    /**
     * Takes the arrays as they are.
     *
     * @param full model width
     * @param width width of the narrower network
     * @param basis its columns are the directions, (full, width)
     * @param growth by how much a token's normalized stream grows when it is normalized in the narrower network: after the embeddings, and after each layer
     * @param energy share of the stream's second moment in these directions
     */
    StreamBasis(int full, int width, float[] basis, double[] growth, double energy) {
        this.full = full;
        this.width = width;
        this.basis = basis;
        this.growth = growth;
        this.energy = energy;
    }

    /** Width of the narrower network. */
    public int width() {
        return width;
    }

    /** Share of the stream's second moment, all points of the same weight, that these directions carry; in (0, 1]. */
    public double energy() {
        return energy;
    }

    /** The directions, (D, W). */
    public Tensor directions() {
        return Tensor.of(basis, full, width);
    }

    /** Of a matrix whose rows read the stream, (…, D): (…, W). */
    Tensor reading(Tensor rows) {
        return rows.matmul(directions());
    }

    /** Of a matrix whose columns write to the stream, or a vector that is added to it, (D, …): (W, …). */
    Tensor writing(Tensor columns) {
        Tensor turned_WD = directions().transpose(0, 1);
        return columns.dim() == 1 ? turned_WD.matmul(columns.unsqueeze(1)).select(1, 0) : turned_WD.matmul(columns);
    }

    /**
     * The weight of a LayerNorm, (D): (W).
     *
     * @param point the embeddings' is 0, the one after layer i is i + 1
     */
    Tensor norm(Tensor weight_D, int point) {
        return norm(weight_D, growth[point]);
    }

    /** As {@link #norm(Tensor, int)}, between attention and feed-forward block: it grows there as in the mean of all points. */
    Tensor innerNorm(Tensor weight_D) {
        return norm(weight_D, Arrays.stream(growth).average().orElseThrow());
    }

    private Tensor norm(Tensor weight_D, double factor) {
        Tensor directions_DW = directions();
        return directions_DW
                .mul(directions_DW)
                .mul(weight_D.unsqueeze(1))
                .sum(0)
                .mul(factor);
    }
}
