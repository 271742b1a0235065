package dev.shoestring.tensor;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * While open, matrix products on this thread run in a narrower type (mixed precision, arXiv 1710.03740). Each parameter is cast
 * at most once while it is open, so open it around one forward pass, and again for the next.
 */
public final class Autocast implements AutoCloseable {
    private final DeviceType device;
    private final boolean before;

    private Autocast(boolean on) {
        device = device();
        before = torch.is_autocast_enabled(device);
        torch.set_autocast_enabled(device, on);
        torch.increment_nesting();
    }

    /** Runs products in {@code type} until closed. */
    public static Autocast to(DType type) {
        LibTorch.load();
        torch.set_autocast_dtype(device(), type.nativeType());
        return new Autocast(true);
    }

    /** Runs products in the types of their operands until closed. */
    public static Autocast off() {
        LibTorch.load();
        return new Autocast(false);
    }

    /** The tensor in the type that products run in, or itself if no autocast is open on this thread. */
    public static Tensor cast(Tensor tensor) {
        if (!torch.is_autocast_enabled(device())) {
            return tensor;
        }
        return tensor.to(DType.of(torch.get_autocast_dtype(device())));
    }

    private static DeviceType device() {
        return Device.current() == Device.CUDA ? DeviceType.CUDA : DeviceType.CPU;
    }

    @Override
    public void close() {
        if (torch.decrement_nesting() == 0) {
            torch.clear_cache();
        }
        torch.set_autocast_enabled(device, before);
    }
}
