package dev.shoestring.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;

/**
 * Recipes as YAML with every value resolved. {@link Recipes#parse} reads it back to an equal recipe; keys that have no
 * effect on the recipe's model are left out, and are read back as their defaults.
 */
public final class RecipeYaml {
    private static final YAMLMapper WRITER = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    private RecipeYaml() {}

    /** The recipe's YAML. */
    public static String write(Recipe recipe) {
        try {
            return WRITER.writeValueAsString(tree(recipe));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode tree(Recipe recipe) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("name", recipe.name()).put("task", recipe.task().key());
        tree.set("model", model(recipe.model()));
        ObjectNode data = data(recipe.data(), recipe.task());
        tree.set("data", data);
        boolean images = recipe.task() == Task.IMAGE_CLASSIFICATION;
        if (recipe.task().language()) {
            LanguageYaml.putData(data, recipe);
            putTraining(tree, recipe);
            LanguageYaml.putTraining(tree, recipe);
            if (recipe.distill() != null) {
                putDistill(tree.putObject("distill"), recipe.distill(), recipe.task());
            }
            tree.set("stop", stop(recipe));
            return tree.put("seed", recipe.seed());
        }
        if (!(recipe.model() instanceof ModelSpec.FreshBagOfWords)) {
            if (images) {
                putImageData(data, recipe.images());
            } else {
                data.put("max_tokens", recipe.data().maxTokens());
            }
            putTraining(tree, recipe);
        }
        if (images && !(recipe.adapt() instanceof AdaptSpec.Head)) {
            putImageTraining(tree, recipe.images());
        }
        if (recipe.distill() != null) {
            putDistill(tree.putObject("distill"), recipe.distill(), recipe.task());
        }
        tree.set("stop", stop(recipe));
        if (!(recipe.model() instanceof ModelSpec.FreshBagOfWords)) {
            tree.put("dropout", recipe.dropout())
                    .put("label_smoothing", recipe.labelSmoothing())
                    .put("baseline", recipe.baseline());
        }
        return tree.put("seed", recipe.seed());
    }

    private static ObjectNode model(ModelSpec model) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        if (model instanceof ModelSpec.Pretrained pretrained) {
            node.put("from", pretrained.from());
        } else if (model instanceof ModelSpec.FreshBert bert) {
            node.put("fresh", "bert")
                    .put("tokenizer", bert.tokenizer())
                    .put("layers", bert.layers())
                    .put("hidden_size", bert.hiddenSize())
                    .put("num_heads", bert.numHeads())
                    .put("intermediate_size", bert.intermediateSize());
        } else if (model instanceof ModelSpec.FreshBagOfWords words) {
            node.put("fresh", "bag-of-words").put("buckets", words.buckets());
        } else if (model instanceof ModelSpec.FreshImageNetwork network) {
            node.put("fresh", network.architecture());
            if (network.width() > 0) {
                node.put("width", network.width());
            }
            if (!network.blocks().isEmpty()) {
                network.blocks().forEach(node.putArray("blocks")::add);
            }
            if (!network.channels().isEmpty()) {
                new TreeMap<>(network.channels()).forEach(node.putObject("channels")::put);
            }
        }
        if (model instanceof ModelSpec.FreshDecoder decoder) {
            LanguageYaml.putModel(node, decoder);
        } else if (model instanceof ModelSpec.Budgeted budgeted) {
            return budgeted(budgeted);
        }
        return node;
    }

    private static ObjectNode budgeted(ModelSpec.Budgeted budgeted) {
        ObjectNode node = model(budgeted.kind());
        node.remove(
                List.of("layers", "hidden_size", "num_heads", "num_key_value_heads", "head_dim", "intermediate_size"));
        SizeBudget budget = budgeted.budget();
        ObjectNode limits = node.putObject("budget");
        if (budget.parameters() != null) {
            limits.put(
                    "parameters", BigDecimal.valueOf(budget.parameters() / 1e6).toPlainString() + " M");
        }
        if (budget.flops() != null) {
            limits.put("flops", BigDecimal.valueOf(budget.flops() / 1e6).toPlainString() + " MFLOP");
        }
        if (budget.latency() != null) {
            limits.put("latency", BigDecimal.valueOf(1e3 * budget.latency()).toPlainString() + " ms");
        }
        return node;
    }

    private static void putImageData(ObjectNode node, ImageSpec images) {
        if (images.size() != null) {
            node.put("size", images.size());
        }
        node.put("most_broken", images.mostBroken());
    }

    private static void putImageTraining(ObjectNode tree, ImageSpec images) {
        tree.put("ema", images.ema()).put("test_time_augmentation", images.testTimeAugmentation());
        if (images.progressive() != null) {
            tree.putObject("progressive_resizing")
                    .put("from", images.progressive().from())
                    .put("until", images.progressive().until());
        }
        tree.put("selective_backprop", images.selectiveBackprop());
    }

    private static ObjectNode data(DataSpec data, Task task) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        DataSpec.Source source = data.source();
        if (source instanceof DataSpec.Source.Bundled bundled) {
            node.put("from", bundled.from()).put("reader", bundled.reader());
            if (task == Task.IMAGE_CLASSIFICATION || task == Task.LANGUAGE_MODEL) {
                putSplit(node, "validation", data.validation());
            }
            if (task == Task.LANGUAGE_MODEL) {
                putSplit(node, "test", data.test());
            }
        } else {
            if (source instanceof DataSpec.Source.File file) {
                node.put("train", file.path());
            } else if (source instanceof DataSpec.Source.Query query) {
                node.put("query", query.sql());
            }
            if (data.input() != null) {
                node.put(task == Task.IMAGE_CLASSIFICATION ? "image" : "text", data.input());
            }
            if (data.label() != null) {
                node.put("label", data.label());
            }
            putSplit(node, "validation", data.validation());
            putSplit(node, "test", data.test());
        }
        if (data.trainExamples() != null) {
            node.put("train_examples", data.trainExamples());
        }
        return node;
    }

    private static void putSplit(ObjectNode node, String key, DataSpec.Split split) {
        if (split instanceof DataSpec.Split.Fraction fraction) {
            node.put(key, fraction.share());
        } else if (split instanceof DataSpec.Split.File file) {
            node.put(key, file.path());
        }
    }

    private static void putTraining(ObjectNode tree, Recipe recipe) {
        boolean head = recipe.adapt() instanceof AdaptSpec.Head;
        boolean images = recipe.task() == Task.IMAGE_CLASSIFICATION;
        boolean language = recipe.task().language();
        putAdapt(tree.putObject("adapt"), recipe.adapt(), images || language);
        if (!head && !language) {
            ArrayNode augment = tree.putArray("augment");
            recipe.augment().forEach(spec -> putAugment(augment.addObject(), spec));
        }
        tree.put("precision", Section.kebab(recipe.precision())).put("device", Section.kebab(recipe.device()));
        ObjectNode batch = tree.putObject("batch").put("global", recipe.batch().global());
        if (!head) {
            batch.put("micro", recipe.batch().micro());
            if (!images && !language) {
                batch.put("by_length", recipe.batch().byLength());
            }
        }
        OptimizerSpec optimizer = recipe.optimizer();
        ObjectNode rates = tree.putObject("optimizer").put("kind", Section.kebab(optimizer.kind()));
        if (!head) {
            rates.put("lr", optimizer.lr());
        }
        rates.put("head_lr", optimizer.headLr())
                .put("weight_decay", optimizer.weightDecay())
                .put("clip_norm", optimizer.clipNorm());
        if (optimizer.kind() != OptimizerSpec.Kind.SGD) {
            rates.put("beta1", optimizer.beta1())
                    .put("beta2", optimizer.beta2())
                    .put("eps", optimizer.eps());
        }
        if (optimizer.kind() != OptimizerSpec.Kind.ADAMW) {
            rates.put("momentum", optimizer.momentum());
        }
        ObjectNode schedule = tree.putObject("schedule");
        schedule.put("kind", Section.kebab(recipe.schedule().kind()))
                .put("epochs", recipe.schedule().epochs())
                .put("warmup", recipe.schedule().warmup());
        if (recipe.schedule().minSteps() > 0) {
            schedule.put("min_steps", recipe.schedule().minSteps());
        }
        if (recipe.schedule().kind() == ScheduleSpec.Kind.TRAPEZOID) {
            schedule.put("cooldown", recipe.schedule().cooldown());
        }
        putDistributed(tree, recipe.distributed());
    }

    private static void putDistributed(ObjectNode tree, DistributedSpec spec) {
        if (spec.equals(DistributedSpec.GRADIENTS)) {
            return;
        }
        ObjectNode node = tree.putObject("distributed")
                .put("compress", spec.compressed() ? "bf16" : "none")
                .put("shard", Section.kebab(spec.shard()))
                .put("local_steps", spec.localSteps());
        if (spec.local()) {
            node.put("outer_lr", spec.outerRate())
                    .put("outer_momentum", spec.outerMomentum())
                    .put("fragments", spec.fragments());
        }
    }

    private static void putDistill(ObjectNode node, DistillSpec spec, Task task) {
        node.put("teacher", spec.teacher())
                .put("temperature", spec.temperature())
                .put("hard_weight", spec.hardWeight());
        if (task == Task.IMAGE_CLASSIFICATION) {
            return;
        }
        if (task.language()) {
            node.put("hidden_weight", spec.hiddenWeight()).put("top_k", spec.topK());
        } else {
            node.put("hidden_weight", spec.hiddenWeight()).put("unlabelled", spec.unlabelled());
            DistillSpec.Relations relations = spec.relations();
            node.put("relations_weight", relations.weight());
            if (relations.weight() > 0) {
                node.put("relation_heads", relations.heads()).put("relation_layer", relations.layer());
            }
        }
        if (spec.scores() != null) {
            node.put("scores", spec.scores());
        }
    }

    private static void putAdapt(ObjectNode node, AdaptSpec adapt, boolean images) {
        if (adapt instanceof AdaptSpec.Full full) {
            node.put("kind", "full");
            if (!images) {
                ArrayNode freeze = node.putArray("freeze");
                if (full.freezeWordEmbeddings()) {
                    freeze.add("word-embeddings");
                }
            }
        } else if (adapt instanceof AdaptSpec.Head) {
            node.put("kind", "head");
        } else if (adapt instanceof AdaptSpec.Gradual gradual) {
            node.put("kind", "gradual").put("lr_decay", gradual.lrDecay()).put("until", gradual.until());
        } else if (adapt instanceof AdaptSpec.Lora lora) {
            node.put("kind", lora.dora() ? "dora" : "lora")
                    .put("rank", lora.rank())
                    .put("alpha", lora.alpha());
            if (!lora.targets().isEmpty()) {
                lora.targets().forEach(node.putArray("targets")::add);
            }
            if (lora.rootScaled()) {
                node.put("scaling", "root");
            }
            if (lora.dropout() > 0) {
                node.put("dropout", lora.dropout());
            }
        }
    }

    private static void putAugment(ObjectNode node, AugmentSpec spec) {
        if (spec instanceof AugmentSpec.TokenDropout dropout) {
            node.put("kind", "token-dropout").put("rate", dropout.rate());
        } else if (spec instanceof AugmentSpec.Synonyms synonyms) {
            node.put("kind", "synonyms").put("rate", synonyms.rate());
        } else if (spec instanceof AugmentSpec.JoinSameLabel join) {
            node.put("kind", "join-same-label").put("rate", join.rate());
        } else if (spec instanceof AugmentSpec.Image image) {
            node.put("kind", image.kind().key()).put("rate", image.rate()).put("strength", image.strength());
        }
    }

    private static ObjectNode stop(Recipe recipe) {
        StopSpec stop = recipe.stop();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        boolean words = recipe.model() instanceof ModelSpec.FreshBagOfWords;
        if (!recipe.data().validation().equals(new DataSpec.Split.Fraction(0))) {
            putEvaluation(node, stop, words);
        }
        if (!words) {
            putBudget(node, stop.budget());
        }
        return node;
    }

    private static void putEvaluation(ObjectNode node, StopSpec stop, boolean words) {
        node.put("metric", Section.kebab(stop.metric()));
        if (stop.target() != null) {
            node.put("target", stop.target());
        }
        if (stop.patience() != null) {
            node.put("patience", stop.patience());
        }
        if (!words) {
            node.put("evaluations_per_epoch", stop.evaluationsPerEpoch());
        }
    }

    private static void putBudget(ObjectNode node, StopSpec.Budget budget) {
        if (budget.limits()) {
            ObjectNode limits = node.putObject("budget");
            if (budget.time() != null) {
                limits.put("time", time(budget.time()));
            }
            if (budget.money() != null) {
                limits.put("money", BigDecimal.valueOf(budget.money()).toPlainString() + " " + budget.currency());
            }
            if (budget.joules() != null) {
                limits.put("energy", BigDecimal.valueOf(budget.joules()).toPlainString() + " J");
            }
            if (budget.flops() != null) {
                limits.put("flops", BigDecimal.valueOf(budget.flops()).toPlainString() + " FLOP");
            }
        }
    }

    private static String time(Duration time) {
        StringBuilder text = new StringBuilder();
        append(text, time.toDaysPart(), "d");
        append(text, time.toHoursPart(), "h");
        append(text, time.toMinutesPart(), "m");
        append(text, time.toSecondsPart(), "s");
        append(text, time.toMillisPart(), "ms");
        return text.toString();
    }

    private static void append(StringBuilder text, long value, String unit) {
        if (value > 0) {
            text.append(value).append(unit);
        }
    }
}
