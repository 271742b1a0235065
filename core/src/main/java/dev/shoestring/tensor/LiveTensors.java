package dev.shoestring.tensor;

import java.util.concurrent.atomic.AtomicLong;

/** Counts of the tensor handles that have been made and not yet freed, on all threads. */
public final class LiveTensors {
    private static final AtomicLong HANDLES = new AtomicLong();
    private static final AtomicLong BYTES = new AtomicLong();

    private LiveTensors() {}

    /** Handles alive. */
    public static long count() {
        return HANDLES.get();
    }

    /** Bytes that live handles refer to; a view counts its own bytes again. */
    public static long bytes() {
        return BYTES.get();
    }

    static void born(long bytes) {
        HANDLES.incrementAndGet();
        BYTES.addAndGet(bytes);
    }

    static void died(long bytes) {
        HANDLES.decrementAndGet();
        BYTES.addAndGet(-bytes);
    }
}
