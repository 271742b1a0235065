package dev.shoestring.train;

import dev.shoestring.tensor.Collectives;
import dev.shoestring.tensor.GradientHook;
import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends parts of the gradients while the backward pass goes on, each as soon as all in it are there (arXiv 2006.15704, section 3.2.3). The
 * first pass only shows in which order they come, rank 0's counting for all; a gradient that comes more or less than once in a pass goes
 * with the last part. Parts leave in the same order in all processes, whatever a process has gradients of: what has not left
 * by the end of the pass leaves then.
 */
final class ReadyGradients implements AutoCloseable {
    /** Numbers that travel together at most: 25 MB of single precision, c10d's default. */
    private static final long LARGEST = 25L * (1 << 20) / Float.BYTES;

    /** A network is sent in as many parts at least, so that the first can leave early, unless they were smaller than this. */
    private static final int PARTS = 8;

    private static final long SMALLEST = (1L << 18) / Float.BYTES;

    private final Collectives together;
    private final List<Tensor> parameters;
    private final List<GradientHook> hooks = new ArrayList<>();
    private final int[] times;
    private final boolean[] announced;
    private final List<Integer> order = new ArrayList<>();
    private int[] partOf = new int[0];
    private int[] sizes = new int[0];
    private int[] missing = new int[0];
    private @Nullable IntConsumer departure;
    private int next;
    private int latest = -1;
    private boolean armed;
    private @Nullable RuntimeException failed;

    /** Listens for gradients of these parameters; those that are frozen now will go with the last part. */
    ReadyGradients(Collectives together, List<Tensor> parameters) {
        this.together = together;
        this.parameters = List.copyOf(parameters);
        this.times = new int[parameters.size()];
        this.announced = new boolean[parameters.size()];
        for (int i = 0; i < times.length; i++) {
            int which = i;
            if (parameters.get(i).requiresGrad()) {
                hooks.add(GradientHook.on(parameters.get(i), () -> arriving(which)));
            }
        }
    }

    /** The backward pass that follows is the last of its step. */
    void arm() {
        Arrays.fill(times, 0);
        missing = sizes.clone();
        order.clear();
        next = 0;
        latest = -1;
        armed = true;
    }

    private void arriving(int which) {
        if (!armed) {
            return;
        }
        try {
            complete();
            latest = which;
            order.add(which);
            times[which]++;
        } catch (RuntimeException problem) {
            // Thrown from here, it would come out of the backward pass as another exception.
            failed = problem;
            armed = false;
        }
    }

    /** The gradient that came before is now part of the parameter's. */
    private void complete() {
        if (departure == null || latest < 0 || !announced[latest]) {
            return;
        }
        int part = partOf[latest];
        if (times[latest] > 1) {
            if (part < next) {
                throw new IllegalStateException("the gradient of parameter " + latest
                        + " came twice in a backward pass, the second time after it had been sent");
            }
            return;
        }
        missing[part]--;
        while (next < missing.length && missing[next] == 0) {
            departure.accept(next++);
        }
    }

    /** About how many numbers are to travel together. */
    long partSize() {
        long all = parameters.stream().mapToLong(Tensor::numel).sum();
        return Math.max(SMALLEST, Math.min(LARGEST, all / PARTS));
    }

    /** Whether the order is known and parts have been set. */
    boolean knows() {
        return departure != null;
    }

    /** The parameters in the order in which their gradients came in the pass that is over; every process calls it. */
    List<Integer> learn() {
        armed = false;
        double[] places = new double[parameters.size()];
        if (together.rank() == 0) {
            for (int i = 0; i < order.size(); i++) {
                if (times[order.get(i)] == 1) {
                    places[order.get(i)] = i + 1.0;
                }
            }
        }
        double[] agreed = together.sum(places);
        List<Integer> learned = new ArrayList<>();
        for (int i = 0; i < agreed.length; i++) {
            announced[i] = agreed[i] > 0;
            learned.add(i);
        }
        learned.sort(Comparator.comparing((Integer i) -> !announced[i]).thenComparingDouble(i -> agreed[i]));
        return learned;
    }

    /**
     * Sets what travels together, in the order in which it leaves.
     *
     * @param parts the parameters of each part
     * @param depart called with a part's number when it is ready
     */
    void divide(List<List<Integer>> parts, IntConsumer depart) {
        partOf = new int[parameters.size()];
        sizes = new int[parts.size()];
        for (int part = 0; part < parts.size(); part++) {
            for (int i : parts.get(part)) {
                partOf[i] = part;
            }
            sizes[part] = parts.get(part).size();
        }
        departure = depart;
        missing = sizes.clone();
        next = 0;
    }

    /** Sends what has not left yet: the backward pass is over. */
    void finish() {
        armed = false;
        if (failed != null) {
            throw failed;
        }
        complete();
        latest = -1;
        IntConsumer depart = departure;
        while (depart != null && next < sizes.length) {
            depart.accept(next++);
        }
        next = 0;
        missing = sizes.clone();
    }

    @Override
    public void close() {
        hooks.forEach(GradientHook::close);
    }
}
