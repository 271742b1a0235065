package dev.shoestring.train;

import dev.shoestring.models.AttentionContext;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.Visibility;
import dev.shoestring.nn.TrainingNoise;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.RandomState;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A decoder's forward and backward pass up to its normalized output. With {@code checkpointing}, only the inputs of the blocks are
 * kept, and each block is computed again when its gradient is due (arXiv 1604.06174, section 4.1): less memory for a third more
 * operations, to the same bits.
 *
 * @param decoder the network
 * @param arithmetic arithmetic of its products
 * @param checkpointing whether blocks are computed again
 * @param neftune scale of uniform noise on the embeddings (arXiv 2310.05914, algorithm 1); 0 adds none
 */
public record DecoderPass(Decoder decoder, Arithmetic arithmetic, boolean checkpointing, double neftune) {
    /** The normalized output at all tokens of some rows, (rows · tokens, D), without gradients. */
    public Tensor output(TokenRows rows) {
        return TensorScope.keep(() -> {
            try (NoGrad guard = NoGrad.on()) {
                return flat(arithmetic.run(() -> decoder.hidden(rows.ids(), context(rows))));
            }
        });
    }

    /**
     * Runs forward, asks for the loss and its gradient at the output, and runs backward.
     *
     * @param loss takes the output, (rows · tokens, D), without gradient history
     * @return the loss
     */
    public double backward(TokenRows rows, Function<Tensor, TokenLoss.Result> loss) {
        try (TensorScope scope = TensorScope.open();
                TrainingNoise noise = TrainingNoise.of(rows.noise())) {
            return checkpointing ? again(rows, loss) : once(rows, loss);
        }
    }

    private double once(TokenRows rows, Function<Tensor, TokenLoss.Result> loss) {
        AttentionContext context = context(rows);
        Tensor output = arithmetic.run(() -> {
            Tensor x_BTD = embedded(rows);
            for (Decoder.Block block : decoder.blocks()) {
                x_BTD = block.forward(x_BTD, context);
            }
            return flat(decoder.finish(x_BTD));
        });
        TokenLoss.Result result = loss.apply(output.detach());
        output.backward(result.gradient().to(output.dtype()));
        return result.loss();
    }

    private double again(TokenRows rows, Function<Tensor, TokenLoss.Result> loss) {
        AttentionContext context = context(rows);
        List<Tensor> inputs = new ArrayList<>();
        try (NoGrad guard = NoGrad.on()) {
            inputs.add(TensorScope.keep(() -> arithmetic.run(() -> embedded(rows))));
            for (Decoder.Block block : decoder.blocks()) {
                Tensor before = inputs.get(inputs.size() - 1);
                inputs.add(TensorScope.keep(() -> arithmetic.run(() -> block.forward(before, context))));
            }
        }
        double[] total = {0};
        Tensor last = inputs.get(inputs.size() - 1);
        Tensor upstream = TensorScope.keep(() -> {
            Tensor leaf = last.detach().requiresGrad(true);
            Tensor output = arithmetic.run(() -> flat(decoder.finish(leaf)));
            TokenLoss.Result result = loss.apply(output.detach());
            total[0] = result.loss();
            output.backward(result.gradient().to(output.dtype()));
            return Objects.requireNonNull(leaf.grad());
        });
        last.close();
        for (int i = decoder.blocks().size() - 1; i >= 0; i--) {
            Decoder.Block block = decoder.blocks().get(i);
            Tensor input = inputs.get(i);
            Tensor above = upstream;
            upstream = TensorScope.keep(() -> {
                Tensor leaf = input.detach().requiresGrad(true);
                arithmetic.run(() -> block.forward(leaf, context)).backward(above);
                return Objects.requireNonNull(leaf.grad());
            });
            input.close();
            above.close();
        }
        if (decoder.embeddings().requiresGrad()) {
            arithmetic.run(() -> embedded(rows)).backward(upstream);
        }
        return total[0];
    }

    private Tensor embedded(TokenRows rows) {
        Tensor x_BTD = decoder.embed(rows.ids());
        if (neftune == 0) {
            return x_BTD;
        }
        RandomState.seed(rows.noise());
        double scale =
                neftune / Math.sqrt((double) rows.length() * decoder.config().hiddenSize());
        return x_BTD.add(Tensor.zeros(DType.FLOAT32, x_BTD.shape()).fillUniform(-scale, scale));
    }

    private AttentionContext context(TokenRows rows) {
        return Visibility.of(decoder, rows.starts(), rows.length());
    }

    private static Tensor flat(Tensor x_BTD) {
        return x_BTD.reshape(-1, x_BTD.size(2));
    }
}
