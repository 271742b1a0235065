package dev.shoestring.optim;

import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.HardwareBf16;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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

    /** Matrices of one shape are made orthogonal together, so many numbers at once: one product for all of a small network, little memory for a large one. */
    private static final long TOGETHER = 1 << 22;

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
        for (ParameterGroup group : groups) {
            try (TensorScope scope = TensorScope.open();
                    NoGrad guard = NoGrad.on()) {
                alike(group).forEach((shape, names) -> updateAll(group, shape, names, factor));
            }
        }
    }

    /** Names of the parameters with a gradient, by the rows and columns of their matrices. */
    private static Map<List<Long>, List<String>> alike(ParameterGroup group) {
        Map<List<Long>, List<String>> alike = new LinkedHashMap<>();
        group.parameters().forEach((name, parameter) -> {
            if (parameter.grad() != null) {
                long rows = parameter.size(0);
                alike.computeIfAbsent(List.of(rows, parameter.numel() / rows), shape -> new ArrayList<>())
                        .add(name);
            }
        });
        return alike;
    }

    private void updateAll(ParameterGroup group, List<Long> shape, List<String> names, double factor) {
        int together = (int) Math.max(1, TOGETHER / (shape.get(0) * shape.get(1)));
        for (int from = 0; from < names.size(); from += together) {
            try (TensorScope scope = TensorScope.open()) {
                update(group, shape, names.subList(from, Math.min(names.size(), from + together)), factor);
            }
        }
    }

    private void update(ParameterGroup group, List<Long> shape, List<String> names, double factor) {
        long rows = shape.get(0);
        long columns = shape.get(1);
        double rate = group.lr() * factor;
        List<Tensor> wanted = new ArrayList<>();
        for (String name : names) {
            Tensor gradient = Objects.requireNonNull(parameter(group, name).grad(), name);
            wanted.add(momentum.nesterov(name, gradient).reshape(1, rows, columns));
        }
        Tensor updates_NRC = orthogonalized(Tensor.cat(wanted, 0), type).to(DType.FLOAT32);
        double scale = normalized ? 1 : Math.sqrt(Math.max(1.0, (double) rows / columns));
        for (int i = 0; i < names.size(); i++) {
            Tensor parameter = parameter(group, names.get(i));
            if (normalized) {
                parameter.copyFrom(parameter.mul(Math.sqrt((double) rows)).div(length(parameter)));
            } else {
                parameter.mulInPlace(1 - rate * group.weightDecay());
            }
            parameter.addInPlace(updates_NRC.select(0, i).reshape(parameter.shape()), -rate * scale);
        }
    }

    private static Tensor parameter(ParameterGroup group, String name) {
        return Objects.requireNonNull(group.parameters().get(name), name);
    }

    /** The nearest orthogonal matrices, roughly: singular values between 0.7 and 1.2; (N, R, C), computed in {@code type}. */
    static Tensor orthogonalized(Tensor matrices_NRC, DType type) {
        boolean tall = matrices_NRC.size(1) > matrices_NRC.size(2);
        long count = matrices_NRC.size(0);
        Tensor length_N = matrices_NRC
                .reshape(count, matrices_NRC.numel() / count)
                .rowNorms()
                .add(EPS);
        Tensor x = matrices_NRC.div(length_N.unsqueeze(1).unsqueeze(1)).to(type);
        for (int i = 0; i < ITERATIONS; i++) {
            // Of the shorter side, for a tall matrix is the transpose of a wide one.
            Tensor turned = x.transpose(1, 2);
            Tensor square = tall ? turned.matmul(x) : x.matmul(turned);
            Tensor polynomial = square.addProducts(B, square, square, C);
            x = tall ? x.addProducts(A, x, polynomial, 1) : x.addProducts(A, polynomial, x, 1);
        }
        return x;
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
