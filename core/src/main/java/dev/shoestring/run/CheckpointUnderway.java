package dev.shoestring.run;

import dev.shoestring.distributed.Team;
import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.TensorOutput;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.BackgroundWrite;
import dev.shoestring.train.TensorCopies;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that comes to disk in the course of some steps: copies, which a thread of rank 0 writes. What other processes keep they hand to
 * rank 0 some after each step, and it is written as it comes, so that rank 0 never holds the whole.
 */
final class CheckpointUnderway implements AutoCloseable {
    /** Tensors that have come and are not written: where the disk is slower than the network the training waits for it. */
    private static final int WAITING = 32;

    private static final long LOOK_MILLIS = 50;

    private final Team team;
    private final TensorCopies copies;
    private final List<Handed> handed;
    private final double share;
    private final LinkedBlockingQueue<Tensor> arrivals = new LinkedBlockingQueue<>(WAITING);
    private final @Nullable BackgroundWrite write;
    private volatile boolean givenUp;
    private int next;

    /** A tensor and who hands it to rank 0. */
    record Handed(TensorInfo info, int from) {
        /** Takes it, in rank 0; belongs to the scope that is open. */
        Tensor receive(Team team) {
            Tensor room = Tensor.uninitialized(StoredTensors.dtype(info.type()), StoredTensors.shape(info));
            team.collectives().receive(room, from);
            return room;
        }
    }

    /**
     * Begins it.
     *
     * @param copies this process's part; freed when this is closed
     * @param handed what comes behind rank 0's part, in that order
     * @param share part of the bytes that are handed on after a step, from 0 to 1; as many more as the last of the tensors takes
     * @param writer writes tensors, in rank 0
     */
    CheckpointUnderway(
            Team team, TensorCopies copies, List<Handed> handed, double share, Consumer<List<TensorOutput>> writer) {
        this.team = team;
        this.copies = copies;
        this.handed = List.copyOf(handed);
        this.share = share;
        write = team.first()
                ? BackgroundWrite.start("checkpoint", () -> writer.accept(outputs(copies.tensors())))
                : null;
    }

    private List<TensorOutput> outputs(Map<String, Tensor> own) {
        List<TensorOutput> outputs = new ArrayList<>();
        own.forEach((name, tensor) -> outputs.add(new TensorOutput(StoredTensors.info(name, tensor), () -> {
            requireWanted();
            return tensor;
        })));
        handed.forEach(one -> outputs.add(new TensorOutput(one.info(), this::arrived)));
        return outputs;
    }

    private void requireWanted() {
        if (givenUp) {
            throw new IllegalStateException("the checkpoint was given up");
        }
    }

    /** In the thread that writes: the next that comes, in the scope that is open there. */
    private Tensor arrived() {
        try {
            while (true) {
                requireWanted();
                Tensor came = arrivals.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (came != null) {
                    try (came) {
                        return came.detach();
                    }
                }
            }
        } catch (InterruptedException given) {
            throw new IllegalStateException("the checkpoint was given up", given);
        }
    }

    /** Does this process's next share of it, after a step; all processes that began it do so after the same steps. */
    void advance() {
        double all = handed.stream().mapToDouble(one -> one.info().byteSize()).sum();
        hand(share * all);
    }

    private void hand(double bytes) {
        double done = 0;
        while (next < handed.size() && done < bytes) {
            Handed one = handed.get(next);
            if (team.first()) {
                keep(received(one));
            } else if (team.rank() == one.from()) {
                team.collectives()
                        .send(
                                Objects.requireNonNull(
                                        copies.tensors().get(one.info().name())),
                                0);
            }
            done += one.info().byteSize();
            next++;
        }
    }

    private Tensor received(Handed one) {
        try (TensorScope scope = TensorScope.open()) {
            return one.receive(team).unscoped().named("part of a checkpoint");
        }
    }

    /** Puts what has come before the thread that writes, unless that has failed: the others hand over all the same. */
    private void keep(Tensor came) {
        try {
            while (write != null && !write.isDone()) {
                if (arrivals.offer(came, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException stop) {
            // What comes behind this one must not be taken for it.
            givenUp = true;
            Thread.currentThread().interrupt();
        }
        came.close();
    }

    /** Whether this process has done its part, or could not. */
    boolean isDone() {
        return next == handed.size() && (write == null || write.isDone());
    }

    /**
     * Does what is left of it, together with the other processes.
     *
     * @throws dev.shoestring.recipe.InputException if it could not be written
     */
    void finish() {
        hand(Double.POSITIVE_INFINITY);
        if (write != null) {
            write.await();
        }
    }

    /** Gives it up, for a later one. */
    void giveUp() {
        givenUp = true;
        close();
    }

    /** Waits until it is on disk if all of it is here, gives it up if other processes still have parts, and frees what it holds. */
    @Override
    public void close() {
        givenUp |= next < handed.size();
        if (write != null) {
            write.settle();
        }
        for (Tensor left = arrivals.poll(); left != null; left = arrivals.poll()) {
            left.close();
        }
        copies.close();
    }
}
