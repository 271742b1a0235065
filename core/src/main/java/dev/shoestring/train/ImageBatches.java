package dev.shoestring.train;

import dev.shoestring.data.ImageData;
import dev.shoestring.data.SplitMix;
import dev.shoestring.recipe.BatchSpec;
import dev.shoestring.recipe.ImageSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Steps over an epoch's images in random order; each step's batch is cut into micro-batches. An epoch's last images go into a smaller
 * batch. With progressive resizing (Howard 2018, fast.ai's entry to DAWNBench) the size grows in steps of 4 pixels, linearly with the
 * number of the step.
 */
public final class ImageBatches implements StepBatches<ImageBatch> {
    private static final int MULTIPLE = 4;

    private final ImageData data;
    private final ImageForm form;
    private final BatchSpec batch;
    private final int size;
    private final int smallest;
    private final ImageSpec.@Nullable Progressive progressive;
    private final long steps;
    private final long seed;
    private final IntToDoubleFunction flops;
    private long planned = -1;
    private int[] order = {};

    /**
     * Batches of the training images.
     *
     * @param size height and width that the network is to see at last, pixels
     * @param smallest smallest height and width that it can see, pixels
     * @param steps steps of the whole run
     * @param flops floating-point operations of training on one image of a size
     */
    public ImageBatches(
            ImageData data,
            ImageForm form,
            BatchSpec batch,
            int size,
            int smallest,
            ImageSpec.@Nullable Progressive progressive,
            long steps,
            long seed,
            IntToDoubleFunction flops) {
        this.data = data;
        this.form = form;
        this.batch = batch;
        this.size = size;
        this.smallest = smallest;
        this.progressive = progressive;
        this.steps = steps;
        this.seed = seed;
        this.flops = flops;
    }

    /** Steps in an epoch of that many images. */
    public static int stepsPerEpoch(int images, int global) {
        return (images + global - 1) / global;
    }

    @Override
    public List<ImageBatch> step(long step) {
        int perEpoch = stepsPerEpoch(data.train().length, batch.global());
        long epoch = step / perEpoch;
        if (epoch != planned) {
            planned = epoch;
            order = data.train().clone();
            SplitMix.of(seed, epoch).shuffle(order);
        }
        int from = (int) (step % perEpoch) * batch.global();
        int to = Math.min(order.length, from + batch.global());
        int sizeNow = size(step);
        double each = flops.applyAsDouble(sizeNow);
        List<ImageBatch> micros = new ArrayList<>();
        for (int start = from; start < to; start += batch.micro()) {
            int[] images = Arrays.copyOfRange(order, start, Math.min(to, start + batch.micro()));
            int[] labels = Arrays.stream(images).map(data::labelOf).toArray();
            micros.add(new ImageBatch(form.gather(images), images, labels, epoch, step, sizeNow, each * images.length));
        }
        return micros;
    }

    /** Height and width at a step. */
    int size(long step) {
        if (progressive == null) {
            return size;
        }
        double done = Math.min(1, step / Math.max(1, progressive.until() * steps));
        double share = progressive.from() + (1 - progressive.from()) * done;
        int rounded = (int) Math.round(share * size / MULTIPLE) * MULTIPLE;
        return done >= 1 ? size : Math.min(size, Math.max(smallest, rounded));
    }
}
