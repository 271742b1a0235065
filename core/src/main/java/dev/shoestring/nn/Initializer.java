package dev.shoestring.nn;

import dev.shoestring.tensor.Tensor;

/** How a parameter without pre-trained values starts. */
public sealed interface Initializer {
    /** Fills the parameter. */
    void fill(Tensor parameter);

    /** Draws from a normal distribution with mean 0; BERT's paper takes 0.02 (arXiv 1810.04805). */
    record Normal(double standardDeviation) implements Initializer {
        @Override
        public void fill(Tensor parameter) {
            parameter.fillNormal(0, standardDeviation);
        }
    }

    /** The same value everywhere. */
    record Constant(double value) implements Initializer {
        @Override
        public void fill(Tensor parameter) {
            parameter.fill(value);
        }
    }
}
