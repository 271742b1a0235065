package dev.shoestring.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Where tensors are made and operators run: one device for the whole process. Only this package knows of it. What Java gives is moved
 * there when a tensor is made, and what Java reads is fetched when it is read.
 */
public enum Device {
    /** The processors, with the host's memory. */
    CPU(DeviceType.CPU),
    /** The first NVIDIA GPU that the process sees; needs the natives of Maven's profile {@code cuda}. */
    CUDA(DeviceType.CUDA),
    /**
     * Shapes without values. An operator refuses tensors of different devices, so a training step that runs here makes none beside the
     * device in use.
     */
    META(DeviceType.Meta);

    private static volatile Device current = CPU;

    private final DeviceType nativeType;

    Device(DeviceType nativeType) {
        this.nativeType = nativeType;
    }

    /** The device in use. */
    public static Device current() {
        return current;
    }

    /**
     * Makes this the device in use, for the tensors that are made from now on.
     *
     * @return the device that was in use
     * @throws IllegalStateException if it is not {@link #available}
     */
    public Device use() {
        if (!available()) {
            throw new IllegalStateException(this + " is not available to LibTorch");
        }
        Device before = current;
        current = this;
        return before;
    }

    /** Whether LibTorch can run operators there. */
    public boolean available() {
        LibTorch.load();
        return this != CUDA || torch.cuda_is_available();
    }

    /** As recipes and summaries write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether another device than the host's processors is in use. */
    static boolean isElsewhere() {
        return current != CPU;
    }

    DeviceType nativeType() {
        return nativeType;
    }
}
