package dev.shoestring.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * What Ctrl-C does instead of ending the process, until closed. Java has no public interface for it; {@code sun.misc.Signal} is in the
 * module {@code jdk.unsupported}, and where that is missing, Ctrl-C ends the process as before.
 */
final class CtrlC implements AutoCloseable {
    private final @Nullable Object before;

    private CtrlC(@Nullable Object before) {
        this.before = before;
    }

    /** Runs this on a thread of the JVM's at each Ctrl-C. */
    static CtrlC doing(Runnable action) {
        try {
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    CtrlC.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return method.getName().equals("hashCode") ? (Object) System.identityHashCode(self) : null;
                    });
            return new CtrlC(handle(proxy));
        } catch (ReflectiveOperationException | IllegalArgumentException notHere) {
            return new CtrlC(null);
        }
    }

    private static @Nullable Object handle(Object handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Object interrupt = signal.getConstructor(String.class).newInstance("INT");
        try {
            return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                    .invoke(null, interrupt, handler);
        } catch (InvocationTargetException taken) {
            throw new IllegalArgumentException("another part of the process handles Ctrl-C", taken);
        }
    }

    @Override
    public void close() {
        if (before != null) {
            try {
                handle(before);
            } catch (ReflectiveOperationException | IllegalArgumentException left) {
                throw new IllegalStateException("Ctrl-C cannot be given back", left);
            }
        }
    }
}
