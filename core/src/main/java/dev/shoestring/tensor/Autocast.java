package dev.shoestring.tensor;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * While open, matrix products on this thread run in a narrower type (mixed precision, arXiv 1710.03740). Each parameter is cast
 * at most once while it is open, so open it around one forward pass, and again for the next.
 */
public final class Autocast implements AutoCloseable {
    private final boolean before;

    private Autocast(DType type) {
        LibTorch.load();
        before = torch.is_autocast_enabled(DeviceType.CPU);
        torch.set_autocast_dtype(DeviceType.CPU, type.nativeType());
        torch.set_autocast_enabled(DeviceType.CPU, true);
        torch.increment_nesting();
    }

    /** Runs products in {@code type} until closed. */
    public static Autocast to(DType type) {
        return new Autocast(type);
    }

    @Override
    public void close() {
        if (torch.decrement_nesting() == 0) {
            torch.clear_cache();
        }
        torch.set_autocast_enabled(DeviceType.CPU, before);
    }
}
