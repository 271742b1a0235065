package dev.shoestring.optim;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.HardwareBf16;
import dev.shoestring.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Muon (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"): Nesterov's momentum of a matrix, made nearly
 * orthogonal by five Newton-Schulz iterations, is the update, scaled by √max(1, rows / columns). A convolution's filters are the rows
 * of its matrix. With {@code normalized}, each weight is first scaled to the norm √rows, as airbench does (arXiv 2404.00498, its
 * published code): right where a normalization follows each convolution, for then its scale means nothing but the size of its steps.
 */
public final class Muon implements Optimizer {
    private static final int ITERATIONS = 5;
    // The quintic's coefficients, chosen by its author for the steepest slope at 0.
    private static final double A = 3.4445;
    private static final double B = -4.7750;
    private static final double C = 2.0315;
    private static final double EPS = 1e-7;

    private final List<ParameterGroup> groups;
    private final Momentum momentum;
    private final boolean normalized;
    private final Shards shards;
    private final DType type = HardwareBf16.available() ? DType.BFLOAT16 : DType.FLOAT32;

    /** An optimizer at rest, of parameters with at least two dimensions. */
    public Muon(List<ParameterGroup> groups, double momentum, boolean normalized) {
        this(groups, momentum, normalized, Shards.WHOLE);
    }

    /** As the other, with this process's share of the state. */
    public Muon(List<ParameterGroup> groups, double momentum, boolean normalized, Shards shards) {
        this.groups = List.copyOf(groups);
        this.momentum = new Momentum(groups, momentum, shards);
        this.shards = shards;
        this.normalized = normalized;
    }

    @Override
    public void step(double factor) {
        ParameterGroup.updateEach(
                groups, (group, name, parameter, gradient) -> update(group, name, parameter, gradient, factor));
    }

    private void update(ParameterGroup group, String name, Tensor parameter, Tensor gradient, double factor) {
        long rows = parameter.size(0);
        long columns = parameter.numel() / rows;
        double rate = group.lr() * factor;
        if (normalized) {
            parameter.copyFrom(parameter.mul(Math.sqrt((double) rows)).div(length(parameter)));
        } else {
            parameter.mulInPlace(1 - rate * group.weightDecay());
        }
        Tensor update = orthogonalized(momentum.nesterov(name, gradient).reshape(rows, columns), type);
        double scale = normalized ? 1 : Math.sqrt(Math.max(1.0, (double) rows / columns));
        parameter.addInPlace(update.to(DType.FLOAT32).view(parameter.shape()), -rate * scale);
    }

    /** The nearest orthogonal matrix, roughly: singular values between 0.7 and 1.2; computed in {@code type}. */
    static Tensor orthogonalized(Tensor matrix_RC, DType type) {
        boolean tall = matrix_RC.size(0) > matrix_RC.size(1);
        Tensor x = tall ? matrix_RC.transpose(0, 1) : matrix_RC;
        x = x.div(length(x)).to(type);
        for (int i = 0; i < ITERATIONS; i++) {
            Tensor square = x.matmul(x.transpose(0, 1));
            Tensor polynomial = square.mul(B).add(square.matmul(square).mul(C));
            x = x.mul(A).add(polynomial.matmul(x));
        }
        return tall ? x.transpose(0, 1) : x;
    }

    /** The Frobenius norm, never 0; it stays where it is computed, for reading it would wait for the device. */
    private static Tensor length(Tensor matrix) {
        return matrix.norm().add(Tensor.full(EPS, 1));
    }

    @Override
    public List<Tensor> parameters() {
        return ParameterGroup.parametersOf(groups);
    }

    @Override
    public List<Integer> owners() {
        return shards.owners(parameters());
    }

    @Override
    public Map<String, Tensor> state() {
        return momentum.state();
    }

    @Override
    public void close() {
        momentum.close();
    }
}
