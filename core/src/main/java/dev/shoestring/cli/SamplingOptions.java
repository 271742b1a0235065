package dev.shoestring.cli;

import dev.shoestring.generate.GenerationSettings;
import dev.shoestring.generate.Sampling;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How text is made, on the command line; what is not given is as the model's authors advise. */
final class SamplingOptions {
    @Option(names = "--max-tokens", paramLabel = "N", description = "Most new tokens of an answer (default: 256).")
    private @Nullable Integer maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0: always the most probable piece; 1: the model's own probabilities; below 1: sharper ones.")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draws from the K most probable pieces only.")
    private @Nullable Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draws from the most probable pieces that reach P together.")
    private @Nullable Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Draws from pieces with at least P times the best one's probability.")
    private @Nullable Double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "F",
            description = "Above 1: what was there becomes less probable.")
    private @Nullable Double repetitionPenalty;

    @Option(names = "--stop", paramLabel = "TEXT", description = "Ends an answer before this text; repeatable.")
    private List<String> stop = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", description = "Seed of what is drawn (default: 0).")
    private @Nullable Long seed;

    GenerationSettings over(GenerationSettings advised) {
        return new GenerationSettings(
                maxTokens == null ? advised.maxNewTokens() : maxTokens,
                sampling(advised.sampling()),
                repetitionPenalty == null ? advised.repetitionPenalty() : repetitionPenalty,
                stop.isEmpty() ? advised.stop() : stop,
                seed == null ? advised.seed() : seed);
    }

    private Sampling sampling(Sampling advised) {
        boolean narrowed = topK != null || topP != null || minP != null;
        boolean greedy = temperature == null ? advised instanceof Sampling.Greedy : temperature == 0;
        if (greedy) {
            if (narrowed || seed != null) {
                throw new InputException(
                        (topK != null ? "--top-k" : topP != null ? "--top-p" : minP != null ? "--min-p" : "--seed")
                                + ": has no effect where the most probable piece is always taken; give --temperature above 0 too");
            }
            return new Sampling.Greedy();
        }
        Sampling.Drawn drawn = advised instanceof Sampling.Drawn own ? own : Sampling.Drawn.at(1);
        return new Sampling.Drawn(
                temperature == null ? drawn.temperature() : temperature,
                topK == null ? drawn.topK() : topK,
                topP == null ? drawn.topP() : topP,
                minP == null ? drawn.minP() : minP);
    }
}
