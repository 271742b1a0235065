package dev.shoestring.run;

import dev.shoestring.recipe.DeviceSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.Device;

/** The device of a recipe, in use until it is closed. */
final class RunDevice implements AutoCloseable {
    private final Device before;

    private RunDevice(Device before) {
        this.before = before;
    }

    /**
     * Checks that a device is there for so many processes; loads no native library to find the processors.
     *
     * @throws InputException if it is not
     */
    static void require(DeviceSpec device, int processes) {
        if (device == DeviceSpec.CUDA && processes > 1) {
            throw new InputException("device: cuda: is for one process, but there are " + processes
                    + ", which would share the first GPU; start one, or leave out device");
        }
        if (device == DeviceSpec.CUDA && !Device.CUDA.available()) {
            throw new InputException("device: cuda: LibTorch finds no NVIDIA GPU here; its natives for GPUs come with "
                    + "SHOESTRING_CUDA=1 (or Maven's profile cuda) and need CUDA 13 and a driver; "
                    + "without a GPU, leave out device");
        }
    }

    /** Makes the device the one in use; it has been {@link #require required}. */
    static RunDevice use(DeviceSpec device) {
        return new RunDevice(
                switch (device) {
                    case CPU -> Device.CPU.use();
                    case CUDA -> Device.CUDA.use();
                });
    }

    @Override
    public void close() {
        before.use();
    }
}
