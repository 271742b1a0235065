package dev.shoestring.tensor;

import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;

/**
 * Tells that a parameter's gradient is there. Called in each backward pass that reaches the parameter, once, <em>before</em> the gradient is
 * added to the one it has: what was told of earlier is complete. On the CPU that is in the thread that runs the backward pass.
 */
public final class GradientHook implements AutoCloseable {
    private final Tensor parameter;
    private final Callback callback;
    private final int number;

    private GradientHook(Tensor parameter, Callback callback) {
        this.parameter = parameter;
        this.callback = callback;
        this.number = parameter.handle().register_hook(callback);
    }

    /** Calls {@code arriving} when a gradient of a parameter that is not frozen is there; it must throw nothing. */
    public static GradientHook on(Tensor parameter, Runnable arriving) {
        return new GradientHook(parameter, new Callback(arriving));
    }

    private static final class Callback extends VoidTensorHook {
        private final Runnable arriving;

        Callback(Runnable arriving) {
            this.arriving = arriving;
        }

        @Override
        public void call(TensorBase gradient) {
            // A copy of the native handle, which nobody else closes: it would hold the gradient's memory for ever.
            gradient.close();
            arriving.run();
        }
    }

    @Override
    public void close() {
        parameter.handle().remove_hook(number);
        callback.close();
    }
}
