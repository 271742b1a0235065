package dev.shoestring.train;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Lets observers, and a signal's thread, ask the loop to end after the current step. The first reason given stands. */
public final class RunControl {
    private final AtomicReference<@Nullable StopReason> reason = new AtomicReference<>();
    private final @Nullable RunControl above;

    /** A control of its own. */
    public RunControl() {
        this(null);
    }

    /** One of several runs: it ends by its own reasons, and by those of the control above it. */
    public RunControl(@Nullable RunControl above) {
        this.above = above;
    }

    /** Asks for an end. */
    public void stop(StopReason why) {
        reason.compareAndSet(null, why);
    }

    /** Why the loop is to end, or null if it is to go on. */
    public @Nullable StopReason reason() {
        StopReason own = reason.get();
        return own != null || above == null ? own : above.reason();
    }
}
