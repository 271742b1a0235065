package dev.shoestring.run;

import dev.shoestring.cost.DepthRule;
import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.cost.EncoderShape;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.models.BertConfig;
import dev.shoestring.models.DecoderConfig;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.SizeBudget;
import dev.shoestring.report.Figures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Depth and width of a network with random weights, proposed from limits of its size.
 *
 * @param model the network
 * @param why what is proposed and by which rule, in a sentence
 */
record SizeProposal(ModelSpec model, String why) {
    private static final int SMALL_HEAD = 32;
    private static final int HEAD = 64;
    private static final int WIDE = 256;
    private static final int WIDEST = 4096;

    /** Predictions that are timed. */
    private static final int TIMED = 15;

    /** The recipe with the sizes that its limits come to, which is told; itself if it has no limits. */
    static Recipe settled(Recipe recipe, RunListener listener) {
        if (!(recipe.model() instanceof ModelSpec.Budgeted budgeted)) {
            return recipe;
        }
        SizeProposal proposal = of(recipe, budgeted);
        listener.message(proposal.why());
        return recipe.withModel(proposal.model());
    }

    /** Depth and width of a settled model, to be sent to other processes. */
    static String sizes(ModelSpec settled) {
        return settled instanceof ModelSpec.FreshBert bert
                ? bert.layers() + " " + bert.hiddenSize()
                : ((ModelSpec.FreshDecoder) settled).layers() + " " + ((ModelSpec.FreshDecoder) settled).hiddenSize();
    }

    /** The model of {@link #sizes}. */
    static ModelSpec sized(ModelSpec kind, String sizes) {
        int[] size = Arrays.stream(sizes.split(" ")).mapToInt(Integer::parseInt).toArray();
        return kind instanceof ModelSpec.FreshBert bert
                ? sized(bert, size[0], size[1])
                : sized((ModelSpec.FreshDecoder) kind, size[0], size[1]);
    }

    /**
     * What a recipe's limits come to.
     *
     * @throws InputException if no network is so small
     */
    static SizeProposal of(Recipe recipe, ModelSpec.Budgeted budgeted) {
        return budgeted.kind() instanceof ModelSpec.FreshBert bert
                ? encoder(recipe, bert, budgeted.budget())
                : decoder(recipe, (ModelSpec.FreshDecoder) budgeted.kind(), budgeted.budget());
    }

    private static SizeProposal encoder(Recipe recipe, ModelSpec.FreshBert kind, SizeBudget budget) {
        BertConfig tokenizers;
        try (ModelFiles files = Models.open(kind.tokenizer(), (what, done, total) -> {})) {
            tokenizers = BertConfig.of(files.config(), files.source());
        }
        int tokens = Math.min(recipe.data().maxTokens(), tokenizers.maxPositions());
        @Nullable Double most = budget.latency();
        BertLatency latency = new BertLatency(
                Collections.nCopies(TIMED, IntStream.range(0, tokens).toArray()));
        BiPredicate<Integer, Integer> fits = (layers, width) -> {
            EncoderShape shape = shape(tokenizers, layers, width, 0);
            return within(budget.parameters(), (double) shape.parameters())
                    && within(budget.flops(), new EncoderFlops(shape).forward(new int[] {tokens}))
                    && (most == null || latency.milliseconds(shape(tokenizers, layers, width, 2)) <= 1000 * most);
        };
        DepthRule.Size size = chosen(widths(), fits, () -> {
            EncoderShape least = shape(tokenizers, 2, SMALL_HEAD, 0);
            return parameters(least.parameters(), (long) tokenizers.vocabSize() * SMALL_HEAD)
                    + ", " + Figures.quantity(new EncoderFlops(least).forward(new int[] {tokens}), "FLOP")
                    + " a text of " + tokens + " tokens";
        });
        EncoderShape shape = shape(tokenizers, size.layers(), size.width(), 0);
        ModelSpec.FreshBert model = sized(kind, size.layers(), size.width());
        String counted = Figures.quantity(shape.parameters(), "") + " parameters, the labels' aside, "
                + Figures.quantity(new EncoderFlops(shape).forward(new int[] {tokens}), "FLOP") + " a text of " + tokens
                + " tokens"
                + (most == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", %.2f ms measured on this machine with random weights",
                                latency.milliseconds(shape(tokenizers, size.layers(), size.width(), 2))));
        return new SizeProposal(model, why(size, shape.numHeads(), shape.intermediateSize(), counted));
    }

    private static ModelSpec.FreshBert sized(ModelSpec.FreshBert kind, int layers, int width) {
        return new ModelSpec.FreshBert(kind.tokenizer(), layers, width, width / SMALL_HEAD, 4 * width);
    }

    private static EncoderShape shape(BertConfig like, int layers, int width, int labels) {
        return new EncoderShape(
                like.vocabSize(),
                layers,
                width,
                width / SMALL_HEAD,
                4 * width,
                like.maxPositions(),
                like.typeVocabSize(),
                labels);
    }

    private static SizeProposal decoder(Recipe recipe, ModelSpec.FreshDecoder kind, SizeBudget budget) {
        int tokens = recipe.language().sequenceLength();
        int vocabulary = DecoderSizes.vocabulary(kind);
        BiPredicate<Integer, Integer> fits = (layers, width) -> {
            DecoderConfig config = LanguageInputs.fresh(sized(kind, layers, width), vocabulary, tokens);
            return within(budget.parameters(), (double) config.parameters())
                    && within(budget.flops(), flops(config, tokens));
        };
        DepthRule.Size size = chosen(widths(), fits, () -> {
            DecoderConfig least = LanguageInputs.fresh(sized(kind, 2, SMALL_HEAD), vocabulary, tokens);
            return parameters(least.parameters(), (long) vocabulary * SMALL_HEAD) + ", "
                    + Figures.quantity(flops(least, tokens), "FLOP") + " a token";
        });
        ModelSpec.FreshDecoder model = sized(kind, size.layers(), size.width());
        DecoderConfig config = LanguageInputs.fresh(model, vocabulary, tokens);
        String counted = Figures.quantity(config.parameters(), "") + " parameters, "
                + Figures.quantity(flops(config, tokens), "FLOP") + " a token of rows of " + tokens;
        return new SizeProposal(model, why(size, model.numHeads(), model.intermediateSize(), counted));
    }

    /** Operations of a token, the mean over a full row. */
    private static double flops(DecoderConfig config, int tokens) {
        return LanguageJobs.flops(config).forward(new int[] {tokens}, tokens) / tokens;
    }

    private static ModelSpec.FreshDecoder sized(ModelSpec.FreshDecoder kind, int layers, int width) {
        int heads = width / (width < WIDE ? SMALL_HEAD : HEAD);
        return new ModelSpec.FreshDecoder(
                kind.family(),
                kind.tokenizer(),
                kind.vocabulary(),
                layers,
                width,
                heads,
                heads,
                width / heads,
                ModelSpec.FreshDecoder.intermediateSize(width),
                kind.tied());
    }

    /** Multiples of a head's width, of which wide networks have wider ones. */
    private static int[] widths() {
        return IntStream.concat(
                        IntStream.iterate(SMALL_HEAD, width -> width < WIDE, width -> width + SMALL_HEAD),
                        IntStream.iterate(WIDE, width -> width <= WIDEST, width -> width + HEAD))
                .toArray();
    }

    private static boolean within(@Nullable Double most, double value) {
        return most == null || value <= most;
    }

    private static String parameters(long all, long rows) {
        return Figures.quantity(all, "") + " parameters (" + Figures.quantity(rows, "")
                + " of them rows of the vocabulary)";
    }

    private interface Smallest {
        String words();
    }

    private static DepthRule.Size chosen(int[] widths, BiPredicate<Integer, Integer> fits, Smallest smallest) {
        DepthRule.Size size = DepthRule.choose(widths, fits);
        if (size == null) {
            throw new InputException("model.budget: even 2 layers " + SMALL_HEAD + " wide are larger: "
                    + smallest.words() + "; raise the limit, or take a smaller vocabulary");
        }
        return size;
    }

    private static String why(DepthRule.Size size, int heads, int intermediate, String counted) {
        List<String> parts = new ArrayList<>();
        parts.add(String.format(
                Locale.ROOT,
                "model.budget: %d layers, %d wide, %d heads, feed-forward %d: %s",
                size.layers(),
                size.width(),
                heads,
                intermediate,
                counted));
        parts.add(String.format(
                Locale.ROOT,
                "of each depth the widest that fits; of these the nearest to the width at which %d layers are best, %.0f"
                        + " (arXiv 2006.12467%s)",
                size.layers(),
                DepthRule.width(size.layers()),
                DepthRule.narrowest(size.layers()) ? "; at least this wide by what was measured here" : ""));
        return String.join("; ", parts);
    }
}
