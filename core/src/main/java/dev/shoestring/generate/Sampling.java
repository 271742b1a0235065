package dev.shoestring.generate;

import dev.shoestring.data.SplitMix;
import dev.shoestring.recipe.InputException;

/** How the next piece is chosen from the scores of all. */
public sealed interface Sampling {
    /**
     * The id of the next piece.
     *
     * @param logits scores of all pieces; not changed
     * @param random the row's generator
     * @throws InputException if the scores are no numbers, for the weights are damaged or overflow
     */
    int next(float[] logits, SplitMix random);

    /** The piece with the highest score; of equal ones, the first. Draws nothing. */
    record Greedy() implements Sampling {
        @Override
        public int next(float[] logits, SplitMix random) {
            return Scores.best(logits);
        }
    }

    /**
     * A piece drawn by its probability. Scores are divided by the temperature; then only the {@code topK} most probable pieces stay, of
     * these the most probable ones whose probabilities reach {@code topP} together (arXiv 1904.09751), of these those with at least
     * {@code minP} times the probability of the best (arXiv 2407.01082). The order, and that equal scores at the border of {@code topK} all
     * stay, are those of Transformers; here they all stay at the border of {@code topP} as well, so that the order of equal numbers decides
     * nothing.
     *
     * @param temperature above 0; at 1 probabilities are the model's own, below it the probable become more so
     * @param topK 0 for all
     * @param topP in (0, 1]; 1 for all
     * @param minP in [0, 1]; 0 for all
     */
    record Drawn(double temperature, int topK, double topP, double minP) implements Sampling {
        private static final double HOTTEST = 100;
        private static final double COLDEST = 1e-3;

        /** Checks the values. */
        public Drawn {
            if (!(temperature >= COLDEST && temperature <= HOTTEST)) {
                throw new InputException("temperature: must be 0, for the most probable piece, or from " + COLDEST
                        + " to " + HOTTEST + ", but is " + temperature);
            }
            if (topK < 0) {
                throw new InputException("top_k: must be 0, for all pieces, or greater, but is " + topK);
            }
            if (!(topP > 0 && topP <= 1)) {
                throw new InputException("top_p: must be above 0 and at most 1, but is " + topP);
            }
            if (!(minP >= 0 && minP <= 1)) {
                throw new InputException("min_p: must be from 0 to 1, but is " + minP);
            }
        }

        /** The model's own probabilities, sharpened or flattened by a temperature. */
        public static Drawn at(double temperature) {
            return new Drawn(temperature, 0, 1, 0);
        }

        @Override
        public int next(float[] logits, SplitMix random) {
            double[] weights = weights(logits);
            double rest = 0;
            for (double weight : weights) {
                rest += weight;
            }
            rest *= random.nextDouble();
            int last = 0;
            // In the order of ids, so that the same random number means the same piece whatever was compared on the
            // way.
            for (int id = 0; id < weights.length; id++) {
                if (weights[id] > 0) {
                    last = id;
                    rest -= weights[id];
                    if (rest < 0) {
                        return id;
                    }
                }
            }
            return last;
        }

        /** Probabilities up to a common factor; 0 for pieces that do not stay. */
        double[] weights(float[] logits) {
            float highest = logits[Scores.best(logits)];
            float lowest = topK > 0 && topK < logits.length ? Scores.largest(logits, topK) : Float.NEGATIVE_INFINITY;
            double[] weights = new double[logits.length];
            double sum = 0;
            int staying = 0;
            for (int id = 0; id < logits.length; id++) {
                if (logits[id] >= lowest) {
                    weights[id] = Math.exp(((double) logits[id] - highest) / temperature);
                    sum += weights[id];
                    staying++;
                }
            }
            double least = Math.max(minP, topP < 1 ? Scores.border(weights, staying, topP * sum) : 0);
            for (int id = 0; id < weights.length; id++) {
                if (weights[id] < least) {
                    weights[id] = 0;
                }
            }
            return weights;
        }
    }
}
