package dev.shoestring.benchmarks;

import dev.shoestring.generate.GenerationSettings;
import dev.shoestring.generate.Generator;
import dev.shoestring.generate.Pace;
import dev.shoestring.generate.TokenListener;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.hub.Progress;
import dev.shoestring.models.Decoder;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.models.DecoderConfigs;
import dev.shoestring.models.DecoderWeights;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.LibTorch;
import dev.shoestring.train.Arithmetic;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Tokens a second of reading prompts and of writing after them, greedily, without an end. The median of some rounds. Prints one JSON line.
 *
 * <p>Usage: {@code GenerationBenchmark [--model FOLDER, default random weights] [--precision bf16 --layers 8 --width 512 --vocab 8192
 * --context 128 (tokens of each prompt) --batch 1 --new-tokens 64 --steps 5]}
 */
public final class GenerationBenchmark {
    private GenerationBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        Set<String> known = new java.util.HashSet<>(DecoderShape.OPTIONS);
        known.add("model");
        Options options = new Options(arguments, known);
        DecoderShape shape = new DecoderShape(
                options.number("layers", 8),
                options.number("width", 512),
                options.number("vocab", 8192),
                options.number("context", 128),
                options.number("batch", 1));
        Arithmetic arithmetic = Line.arithmetic(options.text("precision", "bf16"));
        DType type = arithmetic == Arithmetic.BF16 ? DType.BFLOAT16 : DType.FLOAT32;
        String folder = options.text("model", "");
        LibTorch.load();
        if (folder.isEmpty()) {
            DecoderConfig config =
                    new DecoderShape(shape.layers(), shape.width(), shape.vocabulary(), 2048, shape.batch()).config();
            run(config, name -> null, type, shape, options, arithmetic);
        } else {
            ModelFiles files = Models.open(folder, Progress.silent());
            DecoderConfig config = DecoderConfigs.read(files.config(), folder);
            DecoderShape read = new DecoderShape(
                    config.numLayers(), config.hiddenSize(), config.vocabSize(), shape.context(), shape.batch());
            try (DecoderWeights weights = DecoderWeights.of(config, files.weights(), folder)) {
                run(config, weights, type, read, options, arithmetic);
            }
        }
    }

    private static void run(
            DecoderConfig config,
            ParameterStore.Source source,
            DType type,
            DecoderShape shape,
            Options options,
            Arithmetic arithmetic) {
        List<Pace> paces = new ArrayList<>();
        try (ParameterStore store = new ParameterStore(source, 1, new ParameterStore.Storage(type, false))) {
            Decoder decoder = new Decoder(config, store);
            int rounds = options.number("steps", 5);
            GenerationSettings settings = GenerationSettings.greedy(options.number("new-tokens", 64));
            for (int round = -1; round < rounds; round++) {
                Generator generator = new Generator(decoder, type, config.vocabSize(), Set.of());
                generator.generate(shape.prompts(round), settings, TokenListener.none());
                if (round >= 0) {
                    paces.add(generator.pace());
                }
            }
            Line line = new Line("generation", options.text("model", "").isEmpty() ? "random" : "trained", arithmetic);
            line.put("params", store.count()).put("batch", (long) shape.batch());
            line.put(
                    "prompt_tokens_per_s",
                    Timing.median(
                            paces.stream().map(Pace::promptTokensPerSecond).toList()));
            line.put(
                    "tokens_per_s",
                    Timing.median(paces.stream().map(Pace::newTokensPerSecond).toList()));
            line.print();
        }
    }
}
