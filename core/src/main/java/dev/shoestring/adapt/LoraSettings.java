package dev.shoestring.adapt;

import dev.shoestring.nn.LowRankUpdate;
import java.util.List;

/**
 * Low-rank updates of a decoder's matrices (LoRA, arXiv 2106.09685).
 *
 * @param rank rank of each update, at least 1
 * @param alpha scale of the updates: {@code alpha / rank}
 * @param rankStabilized whether the scale is {@code alpha / √rank} instead (rsLoRA, arXiv 2312.03732)
 * @param dora whether each row's length is trained beside its direction (DoRA, arXiv 2402.09353)
 * @param targets which layers, by the last parts of their names, such as {@code q_proj}; {@link #ALL_LINEAR} means all
 */
public record LoraSettings(int rank, double alpha, boolean rankStabilized, boolean dora, List<String> targets) {
    /** All matrices of all blocks; the embedding table and the output layer are none of them. */
    public static final String ALL_LINEAR = "all-linear";

    /** Copies the list and checks the numbers. */
    public LoraSettings {
        targets = List.copyOf(targets);
        if (rank < 1 || !Double.isFinite(alpha) || targets.isEmpty()) {
            throw new IllegalArgumentException("rank " + rank + ", alpha " + alpha + ", targets " + targets);
        }
    }

    /** Plain LoRA of all matrices. */
    public static LoraSettings of(int rank, double alpha) {
        return new LoraSettings(rank, alpha, false, false, List.of(ALL_LINEAR));
    }

    /** Factor of the product of the two matrices. */
    public double scale() {
        return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
    }

    LowRankUpdate.Settings update() {
        return new LowRankUpdate.Settings(rank, scale(), dora, LowRankUpdate.Start.AS_PEFT);
    }
}
