package dev.shoestring.benchmarks;

import dev.shoestring.adapt.DecoderAdaptation;
import dev.shoestring.adapt.LoraSettings;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.hub.Progress;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.DecoderWeights;
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
import java.util.Set;

/**
 * Peak memory of a LoRA step (frozen weights in bf16, mapped from their file) or of a full step (weights, gradients and moments in fp32, products
 * in bf16) of a model in a folder, on one row of tokens. Prints one JSON line.
 *
 * <p>Usage: {@code QwenMemoryBenchmark --model FOLDER [--adapt lora|full --context 512 --rank 16 --checkpointing 0 --steps 3]}
 */
public final class QwenMemoryBenchmark {
    private QwenMemoryBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        Options options = new Options(
                arguments, Set.of("model", "adapt", "context", "rank", "checkpointing", "steps", "precision"));
        boolean lora = options.text("adapt", "lora").equals("lora");
        boolean checkpointing = options.number("checkpointing", 0) > 0;
        Arithmetic arithmetic = Line.arithmetic(options.text("precision", "bf16"));
        String folder = options.text("model", "");
        LibTorch.load();
        ModelFiles files = Models.open(folder, Progress.silent());
        DecoderConfig config = DecoderConfigs.read(files.config(), folder);
        DecoderShape shape = new DecoderShape(
                config.numLayers(), config.hiddenSize(), config.vocabSize(), options.number("context", 512), 1);
        ParameterStore.Storage storage =
                lora ? new ParameterStore.Storage(DType.BFLOAT16, false) : ParameterStore.Storage.TRAINED;
        try (DecoderWeights weights = DecoderWeights.of(config, files.weights(), folder);
                ParameterStore store = new ParameterStore(weights, 1, storage)) {
            Decoder decoder = new Decoder(config, store);
            if (lora) {
                int rank = options.number("rank", 16);
                DecoderAdaptation.apply(store, LoraSettings.of(rank, 2.0 * rank));
            }
            NextToken objective = new NextToken(
                    new DecoderPass(decoder, arithmetic, checkpointing, 0), new TokenLoss(decoder, arithmetic, 64, 0));
            TokenRows rows = shape.rows(1);
            double[] loss = new double[1];
            Timing timing;
            try (AdamW optimizer =
                    new AdamW(List.of(new ParameterGroup(store.trainable(), 1e-4, 0.01)), 0.9, 0.999, 1e-8)) {
                timing = Timing.of(1, options.number("steps", 3), step -> {
                    loss[0] = objective.backward(rows, shape.tokens(), arithmetic);
                    optimizer.step(1);
                    optimizer.clearGradients();
                });
            }
            String variant =
                    (lora ? "lora, weights bf16" : "full, weights fp32") + (checkpointing ? ", checkpointing" : "");
            new Line("qwen_memory", variant, arithmetic)
                    .timing(timing)
                    .put("loss", loss[0])
                    .print();
        }
    }
}
