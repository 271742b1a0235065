package dev.shoestring.models;

/** How positions become angles (RoPE, arXiv 2104.09864, section 3.2.2), with the extensions to longer contexts that models were trained with. */
public sealed interface RotaryPositions {
    /** Base of the frequencies. */
    double theta();

    /** The angle of each pair of a head's numbers for one position more; headDim / 2 in all. */
    double[] frequencies(int headDim);

    /** {@code theta^(−2i/headDim)}. */
    record Plain(double theta) implements RotaryPositions {
        @Override
        public double[] frequencies(int headDim) {
            double[] frequencies = new double[headDim / 2];
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = Math.pow(theta, -2.0 * i / headDim);
            }
            return frequencies;
        }
    }

    /**
     * All positions divided by a factor (position interpolation, arXiv 2306.15595).
     *
     * @param factor how many times longer the context is
     */
    record Linear(double theta, double factor) implements RotaryPositions {
        @Override
        public double[] frequencies(int headDim) {
            double[] frequencies = new Plain(theta).frequencies(headDim);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factor;
            }
            return frequencies;
        }
    }

    /**
     * Slow frequencies divided, fast ones kept, those between blended, as Llama 3.1 has it (Transformers' {@code llama3} scaling).
     *
     * @param factor what slow frequencies are divided by
     * @param lowFactor turns within the original context below which a frequency is slow
     * @param highFactor turns above which it is fast
     * @param originalPositions the original context, tokens
     */
    record Llama3(double theta, double factor, double lowFactor, double highFactor, int originalPositions)
            implements RotaryPositions {
        @Override
        public double[] frequencies(int headDim) {
            double[] frequencies = new Plain(theta).frequencies(headDim);
            for (int i = 0; i < frequencies.length; i++) {
                double turns = originalPositions * frequencies[i] / (2 * Math.PI);
                double kept = Math.min(1, Math.max(0, (turns - lowFactor) / (highFactor - lowFactor)));
                frequencies[i] = kept * frequencies[i] + (1 - kept) * frequencies[i] / factor;
            }
            return frequencies;
        }
    }
}
