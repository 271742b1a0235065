package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;

/**
 * Rotary position embedding (arXiv 2104.09864) in Hugging Face's convention: of a head's {@code K} numbers, the one at {@code i} and
 * the one at {@code i + K/2} are turned together by {@code position · frequency[i]}.
 */
public final class RotaryEmbedding {
    // B batch, H heads, T tokens, K head width
    private final double[] frequencies;

    /** Turns by these angles a position; one for each pair, K/2 in all. */
    public RotaryEmbedding(double[] frequencies) {
        this.frequencies = frequencies.clone();
    }

    /**
     * Cosines and sines of the angles at some positions.
     *
     * @param cos (B, 1, T, K/2)
     * @param sin (B, 1, T, K/2)
     */
    public record Angles(Tensor cos, Tensor sin) {}

    /** The angles at the positions of each row; all rows are of one length. */
    public Angles angles(int[][] positions) {
        int rows = positions.length;
        int tokens = positions[0].length;
        int pairs = frequencies.length;
        float[] cos = new float[rows * tokens * pairs];
        float[] sin = new float[cos.length];
        int at = 0;
        for (int[] row : positions) {
            for (int position : row) {
                for (double frequency : frequencies) {
                    double angle = position * frequency;
                    cos[at] = (float) Math.cos(angle);
                    sin[at++] = (float) Math.sin(angle);
                }
            }
        }
        return new Angles(Tensor.of(cos, rows, 1, tokens, pairs), Tensor.of(sin, rows, 1, tokens, pairs));
    }

    /** Turns queries or keys, (B, H, T, K), in their element type. */
    public static Tensor turn(Tensor x_BHTK, Angles angles) {
        long half = x_BHTK.size(3) / 2;
        Tensor cos = angles.cos().to(x_BHTK.dtype());
        Tensor sin = angles.sin().to(x_BHTK.dtype());
        Tensor first = x_BHTK.narrow(3, 0, half);
        Tensor second = x_BHTK.narrow(3, half, half);
        return Tensor.cat(
                java.util.List.of(
                        first.mul(cos).sub(second.mul(sin)), second.mul(cos).add(first.mul(sin))),
                3);
    }
}
