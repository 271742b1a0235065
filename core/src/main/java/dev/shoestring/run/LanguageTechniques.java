package dev.shoestring.run;

import dev.shoestring.models.DecoderConfig;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.LanguageSpec;
import dev.shoestring.recipe.MemorySpec;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.OptimizerSpec;
import dev.shoestring.recipe.Precision;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.ScheduleSpec;
import dev.shoestring.recipe.Task;
import dev.shoestring.train.Arithmetic;
import java.util.ArrayList;
import java.util.List;

/**
 * The techniques of a recipe of a language model, in the order in which the ladder adds them to the plain baseline: random weights, fp32,
 * AdamW, a cosine, rows of one length, every weight trained; of a chat, the weights that it begins from. Rows are packed on every rung: there is no other way here.
 */
final class LanguageTechniques {
    /** Low-rank updates learn best at about ten times the rate of all weights (Schulman et al. 2025, "LoRA Without Regret"). */
    private static final double RATE_OF_UPDATES = 10;

    private static final double WARMUP = 0.05;

    private LanguageTechniques() {}

    static List<Technique> of(Recipe recipe) {
        List<Technique> techniques = new ArrayList<>();
        // What has not learned to speak learns no chat.
        if (recipe.model() instanceof ModelSpec.Pretrained pretrained && recipe.task() == Task.LANGUAGE_MODEL) {
            DecoderConfig config = DecoderSizes.of(recipe);
            techniques.add(new Technique(
                    Technique.PRETRAINED, "pre-trained weights", whole -> fresh(whole, pretrained, config)));
        }
        if (Trainer.arithmetic(recipe.precision()) == Arithmetic.BF16) {
            techniques.add(new Technique("bf16", "bf16 mixed precision", whole -> whole.withPrecision(Precision.FP32)));
        }
        if (recipe.optimizer().kind() == OptimizerSpec.Kind.MUON) {
            techniques.add(new Technique("muon", "Muon for the blocks' matrices", LanguageTechniques::withAdamW));
        }
        if (recipe.schedule().kind() == ScheduleSpec.Kind.TRAPEZOID) {
            techniques.add(new Technique(
                    "trapezoid",
                    "constant rate, then a cooldown",
                    whole -> whole.withSchedule(new ScheduleSpec(
                            ScheduleSpec.Kind.WARMUP_COSINE,
                            whole.schedule().epochs(),
                            Math.max(WARMUP, whole.schedule().warmup()),
                            ScheduleSpec.COOLDOWN,
                            whole.schedule().minSteps()))));
        }
        LanguageSpec language = recipe.language();
        if (language.lengthWarmup() != null) {
            techniques.add(new Technique(
                    "lengths",
                    "shorter rows at the beginning",
                    whole -> whole.withLanguage(whole.language().withoutLengthWarmup())));
        }
        if (recipe.adapt() instanceof AdaptSpec.Lora lora) {
            if (language.memory().base() == MemorySpec.Base.BF16) {
                techniques.add(new Technique(
                        "base16",
                        "frozen weights in bf16",
                        whole -> whole.withLanguage(whole.language().withBase(MemorySpec.Base.FP32))));
            }
            techniques.add(new Technique(
                    lora.dora() ? "dora" : "lora", "low-rank updates alone", LanguageTechniques::withAllTrained));
        }
        if (language.neftune() > 0) {
            techniques.add(new Technique(
                    "neftune",
                    "noise on the embeddings",
                    whole -> whole.withLanguage(whole.language().withNeftune(0))));
        }
        return techniques;
    }

    private static Recipe fresh(Recipe whole, ModelSpec.Pretrained pretrained, DecoderConfig config) {
        ModelSpec.FreshDecoder model = new ModelSpec.FreshDecoder(
                config.headNorm() ? "qwen3" : "llama",
                pretrained.from(),
                config.vocabSize(),
                config.numLayers(),
                config.hiddenSize(),
                config.numHeads(),
                config.numKeyValueHeads(),
                config.headDim(),
                config.intermediateSize(),
                config.tied());
        return withAllTrained(whole).withModel(model);
    }

    /** Updates of random weights train nothing worth having, and their rate is too high for whole matrices. */
    static Recipe withAllTrained(Recipe whole) {
        if (!(whole.adapt() instanceof AdaptSpec.Lora)) {
            return whole;
        }
        OptimizerSpec rates = whole.optimizer();
        return whole.withAdapt(new AdaptSpec.Full(false))
                .withLanguage(whole.language().withBase(null))
                .withOptimizer(rates.at(rates.lr() / RATE_OF_UPDATES, rates.headLr() / RATE_OF_UPDATES));
    }

    /** AdamW for everything, at the rate that the recipe has for the rest. */
    private static Recipe withAdamW(Recipe whole) {
        OptimizerSpec muon = whole.optimizer();
        return whole.withOptimizer(new OptimizerSpec(
                muon.headLr(),
                muon.headLr(),
                muon.weightDecay(),
                muon.beta1(),
                muon.beta2(),
                muon.eps(),
                muon.clipNorm()));
    }
}
