package dev.shoestring.run;

import dev.shoestring.distributed.Team;
import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.TensorOutput;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.BackgroundWrite;
import dev.shoestring.train.TensorCopies;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint of which each process has a part: copies, which the others hand to rank 0 a share after each step, and which a thread of rank
 * 0 writes as they come. Rank 0 never holds the whole, unless its disk is slower than the network.
 */
final class GatheredCheckpoint implements CheckpointUnderway {
    private final Team team;
    private final TensorCopies copies;
    private final List<Handed> handed;
    private final long share;
    private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final @Nullable BackgroundWrite write;
    private int next;

    /**
     * Begins it.
     *
     * @param copies this process's part; freed when this is closed
     * @param byRank what each process writes; rank 0's part comes first
     * @param share bytes that are handed on after a step, and as many more as the last tensor takes
     * @param writer writes the tensors in that order, in rank 0
     */
    GatheredCheckpoint(
            Team team,
            TensorCopies copies,
            List<List<TensorInfo>> byRank,
            long share,
            Consumer<List<TensorOutput>> writer) {
        this.team = team;
        this.copies = copies;
        this.share = share;
        handed = new ArrayList<>();
        for (int rank = 1; rank < byRank.size(); rank++) {
            for (TensorInfo info : byRank.get(rank)) {
                handed.add(new Handed(info, rank));
            }
        }
        write = team.first()
                ? BackgroundWrite.start("checkpoint", () -> writer.accept(outputs(copies.tensors())))
                : null;
    }

    /** A tensor and who hands it to rank 0. */
    private record Handed(TensorInfo info, int from) {}

    /** A tensor that has come, or none if none will come any more. */
    private record Arrival(@Nullable Tensor tensor) {}

    private List<TensorOutput> outputs(Map<String, Tensor> own) {
        List<TensorOutput> outputs = new ArrayList<>();
        own.forEach((name, tensor) -> outputs.add(new TensorOutput(StoredTensors.info(name, tensor), () -> tensor)));
        handed.forEach(one -> outputs.add(new TensorOutput(one.info(), this::arrived)));
        return outputs;
    }

    /** In the thread that writes: the next that comes, in the scope that is open there. */
    private Tensor arrived() {
        try (@Nullable Tensor tensor = arrivals.take().tensor()) {
            if (tensor == null) {
                throw new IllegalStateException("the checkpoint was given up");
            }
            return tensor.detach();
        } catch (InterruptedException given) {
            throw new IllegalStateException("the checkpoint was given up", given);
        }
    }

    @Override
    public void advance() {
        hand(share);
    }

    private void hand(long bytes) {
        long done = 0;
        while (next < handed.size() && done < bytes) {
            Handed one = handed.get(next);
            if (team.first()) {
                arrivals.add(new Arrival(received(one)));
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
        Tensor room = Tensor.uninitialized(StoredTensors.dtype(one.info().type()), StoredTensors.shape(one.info()))
                .unscoped()
                .named("part of a checkpoint");
        try {
            team.collectives().receive(room, one.from());
            return room;
        } catch (RuntimeException lost) {
            room.close();
            throw lost;
        }
    }

    @Override
    public boolean isDone() {
        return next == handed.size() && (write == null || write.isDone());
    }

    @Override
    public void finish() {
        hand(Long.MAX_VALUE);
        if (write != null) {
            write.await();
        }
    }

    @Override
    public void close() {
        if (write != null) {
            if (next < handed.size()) {
                arrivals.add(new Arrival(null));
            }
            write.settle();
        }
        for (Arrival left = arrivals.poll(); left != null; left = arrivals.poll()) {
            if (left.tensor() != null) {
                left.tensor().close();
            }
        }
        copies.close();
    }
}
