package dev.shoestring.models;

import dev.shoestring.cost.LayerCounter;
import dev.shoestring.nn.Conv2d;
import dev.shoestring.nn.Initializer;
import dev.shoestring.nn.LayerNorm;
import dev.shoestring.nn.Linear;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The vision transformer (arXiv 2010.11929), tiny and small (arXiv 2012.12877), under timm's parameter names. For images of another
 * size than it was made for, the position embeddings are resized bilinearly.
 */
public final class VisionTransformer implements ImageNetwork {
    // B batch, C channels, H height, W width, T tokens, D model width, N heads, K head width
    /** Height and width of a patch, pixels. */
    static final int PATCH = 16;

    private static final double EPS = 1e-6;
    private static final int FEED_FORWARD = 4;

    private final Plan plan;
    private final int grid;
    private final Conv2d patches;
    private final Tensor classToken_11D;
    private final Tensor positions_1TD;
    private final List<Block> blocks = new ArrayList<>();
    private final LayerNorm norm;
    private final Linear head;

    /**
     * What a vision transformer is made of.
     *
     * @param width model width
     * @param depth blocks
     * @param heads attention heads
     */
    public record Plan(int width, int depth, int heads) {
        /** The plan of an architecture; null if it is no vision transformer. */
        public static @Nullable Plan of(String architecture) {
            return switch (architecture.replaceFirst("_\\d+$", "")) {
                case "vit_tiny_patch16" -> new Plan(192, 12, 3);
                case "vit_small_patch16" -> new Plan(384, 12, 6);
                default -> null;
            };
        }
    }

    /** Takes its parameters from the store. */
    public VisionTransformer(ImageConfig config, Plan plan, int numLabels, ParameterStore store) {
        this.plan = plan;
        this.grid = Math.max(1, config.size() / PATCH);
        int width = plan.width();
        classToken_11D = store.parameter("cls_token", new Initializer.Normal(1e-6), 1, 1, width);
        positions_1TD = store.parameter("pos_embed", new Initializer.Normal(0.02), 1, (long) grid * grid + 1, width);
        patches = new Conv2d(
                store,
                "patch_embed.proj",
                new Conv2d.Settings(config.channels(), width, PATCH, PATCH, 1, Conv2d.Padding.NONE, true));
        for (int i = 0; i < plan.depth(); i++) {
            blocks.add(new Block(plan, store, "blocks." + i));
        }
        norm = new LayerNorm(store, "norm", width, EPS);
        head = new Linear(store, "head", width, numLabels);
    }

    static LayerCounter count(Plan plan, LayerCounter counter, int numLabels) {
        int width = plan.width();
        int grid = Math.max(1, counter.size() / PATCH);
        counter.valid(width, PATCH, PATCH, 1, 0).norm(1);
        int tokens = grid * grid + 1;
        counter.parameters((long) (tokens + 1) * width).endStage();
        for (int i = 0; i < plan.depth(); i++) {
            counter.norm(4).linear(tokens, width, 3 * width, true).linear(tokens, width, width, true);
            counter.products(2.0 * tokens * tokens * width);
            counter.linear(tokens, width, FEED_FORWARD * width, true).linear(tokens, FEED_FORWARD * width, width, true);
            counter.endStage();
        }
        return counter.norm(2).linear(1, width, numLabels, true).endStage();
    }

    @Override
    public Tensor features(Tensor x_BCHW, Mode mode) {
        long images = x_BCHW.size(0);
        Tensor patches_BDHW = patches.forward(x_BCHW);
        long high = patches_BDHW.size(2);
        long wide = patches_BDHW.size(3);
        Tensor tokens_BTD =
                patches_BDHW.reshape(images, plan.width(), high * wide).transpose(1, 2);
        Tensor first_B1D = classToken_11D.expand(images, -1, -1).to(tokens_BTD.dtype());
        Tensor x_BTD = Tensor.cat(List.of(first_B1D, tokens_BTD), 1).add(positions(high, wide));
        for (Block block : blocks) {
            Tensor in_BTD = x_BTD;
            x_BTD = TensorScope.keep(() -> block.forward(in_BTD));
        }
        return norm.forward(x_BTD.narrow(1, 0, 1)).select(1, 0);
    }

    private Tensor positions(long high, long wide) {
        if (high == grid && wide == grid) {
            return positions_1TD;
        }
        Tensor first = positions_1TD.narrow(1, 0, 1);
        Tensor image =
                positions_1TD.narrow(1, 1, (long) grid * grid).transpose(1, 2).reshape(1, plan.width(), grid, grid);
        Tensor resized = ImageOperators.bilinearResize(image, high, wide)
                .reshape(1, plan.width(), high * wide)
                .transpose(1, 2);
        return Tensor.cat(List.of(first, resized), 1);
    }

    @Override
    public Tensor classify(Tensor x_BF) {
        return head.forward(x_BF);
    }

    @Override
    public List<List<String>> stages() {
        List<List<String>> stages = new ArrayList<>();
        stages.add(List.of("cls_token", "pos_embed", "patch_embed."));
        for (int i = 0; i < blocks.size(); i++) {
            stages.add(List.of("blocks." + i + "."));
        }
        stages.add(List.of("norm.", "head."));
        return stages;
    }

    private static final class Block {
        private final int heads;
        private final LayerNorm norm1;
        private final Linear qkv;
        private final Linear projection;
        private final LayerNorm norm2;
        private final Linear fc1;
        private final Linear fc2;

        Block(Plan plan, ParameterStore store, String name) {
            int width = plan.width();
            heads = plan.heads();
            norm1 = new LayerNorm(store, name + ".norm1", width, EPS);
            qkv = new Linear(store, name + ".attn.qkv", width, 3 * width);
            projection = new Linear(store, name + ".attn.proj", width, width);
            norm2 = new LayerNorm(store, name + ".norm2", width, EPS);
            fc1 = new Linear(store, name + ".mlp.fc1", width, FEED_FORWARD * width);
            fc2 = new Linear(store, name + ".mlp.fc2", FEED_FORWARD * width, width);
        }

        Tensor forward(Tensor x_BTD) {
            Tensor h_BTD = x_BTD.add(projection.forward(attention(norm1.forward(x_BTD))));
            return h_BTD.add(fc2.forward(fc1.forward(norm2.forward(h_BTD)).gelu()));
        }

        private Tensor attention(Tensor x_BTD) {
            long images = x_BTD.size(0);
            long tokens = x_BTD.size(1);
            long width = x_BTD.size(2);
            Tensor all_3BNTK = qkv.forward(x_BTD)
                    .reshape(images, tokens, 3, heads, width / heads)
                    .permute(2, 0, 3, 1, 4);
            Tensor q_BNTK = all_3BNTK.select(0, 0);
            Tensor k_BNTK = all_3BNTK.select(0, 1);
            Tensor scores_BNTT = q_BNTK.matmul(k_BNTK.transpose(2, 3)).mul(1 / Math.sqrt((double) width / heads));
            Tensor mixed_BNTK = scores_BNTT.softmax(-1).matmul(all_3BNTK.select(0, 2));
            return mixed_BNTK.transpose(1, 2).reshape(images, tokens, width);
        }
    }
}
