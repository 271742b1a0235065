package dev.shoestring.optim;

import dev.shoestring.tensor.Tensor;
import java.util.Map;

/**
 * Parameters that share a rate.
 *
 * @param parameters by name
 * @param lr peak learning rate
 * @param weightDecay weight decay
 */
public record ParameterGroup(Map<String, Tensor> parameters, double lr, double weightDecay) {}
