package dev.shoestring.tensor;

import java.nio.DoubleBuffer;
import java.time.Duration;
import java.util.Collection;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.AllreduceOptions;
import org.bytedeco.pytorch.BroadcastOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What processes that train together do in common, over LibTorch's c10d with Gloo (arXiv 2006.15704). Every process calls the same
 * methods in the same order. A call that another process does not answer fails with a {@link LostException}.
 */
public final class Collectives implements AutoCloseable {
    private final int rank;
    private final int size;
    private final ProcessGroupGloo gloo;
    private long bytes;

    private Collectives(int rank, int size, ProcessGroupGloo gloo) {
        this.rank = rank;
        this.size = size;
        this.gloo = gloo;
    }

    /**
     * Connects this process with all others.
     *
     * @param store where they tell each other their addresses
     * @param rank number of this process, from 0
     * @param size number of processes
     * @param address address of this host that the others reach; only there is anything listened to
     * @param timeout how long a call waits for the others
     * @throws LostException if they do not come in time
     */
    public static Collectives connect(SharedStore store, int rank, int size, String address, Duration timeout) {
        try (Milliseconds wait = new Milliseconds(timeout.toMillis());
                ProcessGroupGloo.Options how = ProcessGroupGloo.Options.create(wait)) {
            how.devices().push_back(ProcessGroupGloo.createDeviceForHostname(address, false));
            return new Collectives(rank, size, new ProcessGroupGloo(store.handle(), rank, size, how));
        } catch (RuntimeException failed) {
            throw LostException.of(failed);
        }
    }

    /** Number of this process. */
    public int rank() {
        return rank;
    }

    /** Number of processes. */
    public int size() {
        return size;
    }

    /**
     * Bytes that all processes together have sent each other so far, counted by what was asked for: a sum of n bytes sends each byte to and from all
     * but one, 2 · (processes − 1) · n, a copy (processes − 1) · n. What connections add to it is not in it.
     */
    public long bytes() {
        return bytes;
    }

    /** A call that is under way. */
    public static final class Pending {
        private final Work work;
        private final TensorVector tensors;

        Pending(Work work, TensorVector tensors) {
            this.work = work;
            this.tensors = tensors;
        }

        /** Whether it is done, so that {@link #await} does not wait. */
        public boolean isDone() {
            return work.isCompleted();
        }

        /** Waits until it is done. */
        public void await() {
            LostException.guard(() -> work._wait());
            work.close();
            tensors.close();
        }
    }

    /** Begins to replace a contiguous tensor by the sum over the processes. It must be left alone until the call is done. */
    public Pending start(Tensor tensor) {
        bytes += 2L * (size - 1) * tensor.numel() * tensor.dtype().bytes();
        TensorVector one = new TensorVector(tensor.handle());
        try (AllreduceOptions options = new AllreduceOptions()) {
            return new Pending(LostException.guard(() -> gloo.allreduce(one, options)), one);
        }
    }

    /**
     * Begins to send each process a part of this one's and to receive its own part of theirs, an all-to-all. Parts lie one behind another by the
     * processes' numbers, that of a process for itself having no elements; a part has the same size whoever sends it.
     *
     * @param out what is sent, of one dimension
     * @param outSizes elements for each process
     * @param in where what is received goes; left alone until the call is done, as {@code out}
     * @param inSizes elements from each process
     */
    public Pending exchange(Tensor out, long[] outSizes, Tensor in, long[] inSizes) {
        bytes += ((size - 1) * out.numel() + in.numel()) * out.dtype().bytes();
        try (LongVector to = vector(outSizes);
                LongVector from = vector(inSizes)) {
            return new Pending(
                    LostException.guard(() -> gloo.alltoall_base(in.handle(), out.handle(), from, to)),
                    new TensorVector());
        }
    }

    private static LongVector vector(long[] values) {
        LongVector vector = new LongVector();
        vector.resize(values.length);
        for (int i = 0; i < values.length; i++) {
            vector.put(i, values[i]);
        }
        return vector;
    }

    /** Begins to give every process {@code root}'s values of a contiguous tensor, which must be left alone until the call is done. */
    public Pending give(Tensor tensor, int root) {
        bytes += (size - 1) * tensor.numel() * tensor.dtype().bytes();
        TensorVector one = new TensorVector(tensor.handle());
        try (BroadcastOptions options = new BroadcastOptions()) {
            options.rootRank(root);
            return new Pending(LostException.guard(() -> gloo.broadcast(one, options)), one);
        }
    }

    /** Sends a contiguous tensor to one process, which must {@link #receive} it. */
    public void send(Tensor tensor, int to) {
        bytes += tensor.numel() * tensor.dtype().bytes();
        TensorVector one = new TensorVector(tensor.handle());
        new Pending(LostException.guard(() -> gloo.send(one, to, 0)), one).await();
    }

    /** Receives into a contiguous tensor what one process sends. */
    public void receive(Tensor tensor, int from) {
        TensorVector one = new TensorVector(tensor.handle());
        new Pending(LostException.guard(() -> gloo.recv(one, from, 0)), one).await();
    }

    /** Replaces each contiguous tensor by the mean over the processes. */
    public void mean(Collection<Tensor> tensors) {
        try (NoGrad guard = NoGrad.on()) {
            for (Tensor tensor : tensors) {
                start(tensor).await();
                tensor.mulInPlace(1.0 / size);
            }
        }
    }

    /** Gives every process the values of {@code root}. */
    public void broadcast(Tensor tensor, int root) {
        give(tensor, root).await();
    }

    /** The sums of some numbers over the processes, in double precision. */
    public double[] sum(double... values) {
        bytes += 2L * (size - 1) * values.length * Double.BYTES;
        double[] sums = new double[values.length];
        try (TensorOptions options = new TensorOptions(ScalarType.Double);
                org.bytedeco.pytorch.Tensor tensor = torch.torch_zeros(new long[] {values.length}, options);
                TensorVector one = new TensorVector(tensor)) {
            DoubleBuffer buffer =
                    new DoublePointer(tensor.data_ptr()).capacity(values.length).asBuffer();
            buffer.put(0, values);
            LostException.guard(() -> {
                try (Work work = gloo.allreduce(one)) {
                    return work._wait();
                }
            });
            buffer.get(0, sums);
        }
        return sums;
    }

    @Override
    public void close() {
        gloo.close();
    }
}
