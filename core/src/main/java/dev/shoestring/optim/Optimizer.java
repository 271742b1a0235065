package dev.shoestring.optim;

import dev.shoestring.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Changes parameters by their gradients. A parameter without a gradient in a step is left alone in it. */
public interface Optimizer extends AutoCloseable {
    /** Updates every parameter from its gradient, at {@code factor} times the groups' peak rates. */
    void step(double factor);

    /** All parameters, in order. */
    List<Tensor> parameters();

    /**
     * For each of {@link #parameters()} the process that keeps its state and changes it; process 0 everything that is not divided. In other
     * processes the parameter must have no gradient when a step is made.
     */
    List<Integer> owners();

    /**
     * The tensors that a checkpoint must hold besides the parameters, by name, as far as
     * this process keeps them; live, so that copying into them restores.
     */
    Map<String, Tensor> state();

    /** Forgets all gradients. */
    default void clearGradients() {
        parameters().forEach(Tensor::clearGrad);
    }

    @Override
    void close();
}
