package dev.shoestring.benchmarks;

import dev.shoestring.adapt.DecoderAdaptation;
import dev.shoestring.adapt.LoraSettings;
import dev.shoestring.cost.DecoderFlops;
import dev.shoestring.models.Decoder;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.optim.AdamW;
import dev.shoestring.optim.ParameterGroup;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.train.Arithmetic;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.NextToken;
import dev.shoestring.train.TokenLoss;
import dev.shoestring.train.TokenRows;
import java.util.List;

/**
 * One training step of a small decoder: forward, backward, AdamW. With {@code --rank} of 1 or more, a LoRA step of the same decoder,
 * all matrices, the frozen ones in the products' precision. Prints one JSON line with the share of the ceiling, which is
 * measured before and after.
 *
 * <p>Usage: {@code GptStepBenchmark [--precision bf16 --layers 4 --width 256 --vocab 4096 --context 256 --batch 8 --steps 15 --rank 0
 * --checkpointing 0 --chunk TOKENS (whose scores are held at a time)]}
 */
public final class GptStepBenchmark {
    /** As {@code precision: auto} of recipes: so many scores fit the caches. */
    private static final int SCORES = 1 << 20;

    private static final int WARMUP = 3;

    private GptStepBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        Options options = new Options(arguments, DecoderShape.OPTIONS);
        DecoderShape shape = DecoderShape.of(options);
        Arithmetic arithmetic = Line.arithmetic(options.text("precision", "bf16"));
        int rank = options.number("rank", 0);
        LibTorch.load();
        double ceiling = Ceiling.product(arithmetic);
        DType frozen = arithmetic == Arithmetic.BF16 ? DType.BFLOAT16 : DType.FLOAT32;
        ParameterStore.Storage storage =
                rank > 0 ? new ParameterStore.Storage(frozen, false) : ParameterStore.Storage.TRAINED;
        try (ParameterStore store = new ParameterStore(name -> null, 1, storage)) {
            Decoder decoder = new Decoder(shape.config(), store);
            if (rank > 0) {
                DecoderAdaptation.apply(store, LoraSettings.of(rank, 2.0 * rank));
            }
            int chunk = options.number("chunk", Math.max(64, Math.min(shape.tokens(), SCORES / shape.vocabulary())));
            boolean checkpointing = options.number("checkpointing", 0) > 0;
            NextToken objective = new NextToken(
                    new DecoderPass(decoder, arithmetic, checkpointing, 0),
                    new TokenLoss(decoder, arithmetic, chunk, 0));
            TokenRows rows = shape.rows(1);
            double[] loss = new double[1];
            Timing timing;
            try (AdamW optimizer =
                    new AdamW(List.of(new ParameterGroup(store.trainable(), 3e-4, 0.01)), 0.9, 0.999, 1e-8)) {
                timing = Timing.of(WARMUP, options.number("steps", 15), step -> {
                    loss[0] = objective.backward(rows, shape.tokens(), arithmetic);
                    optimizer.step(1);
                    optimizer.clearGradients();
                });
            }
            ceiling = Math.max(ceiling, Ceiling.product(arithmetic));
            double rate = shape.flops(rank > 0 ? DecoderFlops.Trained.UPDATES : DecoderFlops.Trained.ALL)
                    / timing.median()
                    * 1e3;
            new Line(rank > 0 ? "lora_step" : "gpt_step", "llama", arithmetic)
                    .put("params", store.count())
                    .timing(timing)
                    .put("tokens_per_s", shape.tokens() / timing.median() * 1e3)
                    .put("gflops", rate * 1e-9)
                    .put("ceiling_gflops", ceiling * 1e-9)
                    .put("share_of_ceiling", rate / ceiling)
                    .put("loss", loss[0])
                    .print();
        }
    }
}
