package dev.shoestring.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code memory}: what a language model's training does to need less of it. */
final class MemoryParser {
    private static final int LONGEST = 1 << 20;

    private MemoryParser() {}

    static MemorySpec read(Section recipe, AdaptSpec adapt, OptimizerSpec optimizer) {
        JsonNode value = recipe.value("memory");
        if (value == null) {
            return MemorySpec.AUTO;
        }
        if (value.isTextual()) {
            recipe.choice("memory", value, "auto", List.of("auto"), List.of());
            return MemorySpec.AUTO;
        }
        Section memory =
                recipe.section("memory", "checkpointing", "loss_chunk", "base", "optimizer", "weights", "limit");
        MemorySpec spec = new MemorySpec(
                memory.has("checkpointing") ? memory.flag("checkpointing", false) : null,
                memory.integer("loss_chunk", 16, LONGEST),
                memory.has("base") ? memory.choice("base", MemorySpec.Base.BF16, List.of()) : null,
                memory.has("optimizer") ? memory.choice("optimizer", MemorySpec.Moments.BF16, List.of()) : null,
                memory.has("weights") ? memory.choice("weights", MemorySpec.Weights.BF16, List.of()) : null,
                limit(memory));
        check(memory, spec, adapt, optimizer);
        return spec;
    }

    private static void check(Section memory, MemorySpec spec, AdaptSpec adapt, OptimizerSpec optimizer) {
        if (adapt instanceof AdaptSpec.Lora) {
            if (spec.weights() != null) {
                memory.problem("weights", "has no effect with adapt: lora, which trains few of them; nearest: base");
            }
        } else if (spec.base() != null) {
            memory.problem("base", "has no effect where nothing is frozen; nearest: weights, or adapt: lora");
        }
        boolean adamW = optimizer.kind() == OptimizerSpec.Kind.ADAMW;
        if (!adamW && spec.moments() != null && spec.moments() != MemorySpec.Moments.FP32) {
            memory.problem("optimizer", "is for AdamW's moments only; nearest: optimizer.kind: adamw");
        }
        if (!adamW && spec.weights() == MemorySpec.Weights.BF16) {
            memory.problem("weights", "needs AdamW, which rounds them stochastically; nearest: optimizer.kind: adamw");
        }
        if (spec.base() != null && spec.base().quantized() && Boolean.FALSE.equals(spec.checkpointing())) {
            memory.problem(
                    "checkpointing",
                    "cannot be false with base: " + Section.kebab(spec.base())
                            + ", for each block's matrices would be held whole until the backward pass; nearest: true");
        }
    }

    private static @Nullable Long limit(Section memory) {
        @Nullable String text = memory.text("limit");
        if (text == null) {
            return null;
        }
        @Nullable Long bytes = Quantities.bytes(text);
        if (bytes == null) {
            memory.problem("limit", "must be an amount such as 8GiB or 500MB, but is " + Section.quoted(text));
        }
        return bytes;
    }
}
