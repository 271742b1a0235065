package dev.shoestring.tensor;

import org.bytedeco.pytorch.GradMode;

/** While open, operators on this thread record nothing for the backward pass. */
public final class NoGrad implements AutoCloseable {
    private final boolean before;

    private NoGrad() {
        LibTorch.load();
        before = GradMode.is_enabled();
        GradMode.set_enabled(false);
    }

    /** Switches recording off until closed. */
    public static NoGrad on() {
        return new NoGrad();
    }

    @Override
    public void close() {
        GradMode.set_enabled(before);
    }
}
