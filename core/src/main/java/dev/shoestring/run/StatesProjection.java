package dev.shoestring.run;

import dev.shoestring.nn.Initializer;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.shrink.FeatureProjection;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.TokenRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The matrix between the hidden states of a language model and those of its teacher: it begins as the least squares' on the first rows of training. */
final class StatesProjection {
    /** Tokens that it is fitted on, for each of the student's channels. */
    private static final int TOKENS_FOR_EACH_CHANNEL = 16;

    private final DecoderPass student;
    private final DecoderPass teacher;
    private final List<TokenRows> rows = new ArrayList<>();

    /**
     * Picks the rows.
     *
     * @param work whose first steps they are; all processes have the same
     */
    StatesProjection(DecoderPass student, DecoderPass teacher, LanguageWork<TokenRows> work) {
        this.student = student;
        this.teacher = teacher;
        int wanted = TOKENS_FOR_EACH_CHANNEL * student.decoder().config().hiddenSize();
        int found = 0;
        for (int step = 0; needed() && step < work.stepsPerEpoch() && found < wanted; step++) {
            for (TokenRows micro : work.batches().step(step)) {
                if (found < wanted) {
                    rows.add(micro);
                    found += micro.places().length;
                }
            }
        }
    }

    private boolean needed() {
        return student.decoder().config().hiddenSize()
                != teacher.decoder().config().hiddenSize();
    }

    /** The matrix, (teacher's width, student's width), a new parameter of the store; null where the widths are the same. */
    @Nullable
    Tensor fitted(ParameterStore store) {
        if (!needed()) {
            return null;
        }
        Tensor projection = store.parameter(
                DistilledTexts.ONLY_FOR_TRAINING + "projection.weight",
                new Initializer.Constant(0),
                teacher.decoder().config().hiddenSize(),
                student.decoder().config().hiddenSize());
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            projection.copyFrom(FeatureProjection.fit(states(student), states(teacher)));
        }
        return projection;
    }

    /** Operations of reading these rows with both. */
    double flops() {
        return rows.stream()
                .mapToDouble(row -> flops(student, row) + flops(teacher, row))
                .sum();
    }

    private static double flops(DecoderPass pass, TokenRows rows) {
        int[] lengths = new int[rows.rows()];
        Arrays.fill(lengths, rows.length());
        return LanguageJobs.flops(pass.decoder().config()).forward(lengths, 0);
    }

    private float[][] states(DecoderPass pass) {
        List<float[]> states = new ArrayList<>();
        for (TokenRows micro : rows) {
            try (TensorScope scope = TensorScope.open()) {
                int[] places = micro.places();
                float[] flat = pass.output(micro)
                        .indexSelect(0, Tensor.of(places, places.length))
                        .to(DType.FLOAT32)
                        .toFloats();
                int width = flat.length / Math.max(1, places.length);
                for (int token = 0; token < places.length; token++) {
                    states.add(Arrays.copyOfRange(flat, token * width, (token + 1) * width));
                }
            }
        }
        return states.toArray(float[][]::new);
    }
}
