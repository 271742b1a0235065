package dev.shoestring.cli;

import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes Ctrl-C and SIGTERM end a run in order: the loop finishes its step and saves, and only then does the process exit, with
 * {@link ExitStatus#STOPPED}.
 */
final class Interrupt implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;

    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook;

    private Interrupt(RunControl control, String words) {
        hook = new Thread(
                () -> {
                    control.stop(StopReason.INTERRUPTED);
                    System.err.println(words);
                    boolean inTime = awaitSaved();
                    Runtime.getRuntime().halt(inTime ? ExitStatus.STOPPED : ExitStatus.FAULT);
                },
                "interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static Interrupt stopping(RunControl control) {
        return new Interrupt(control, "\nshoestring: stopping after this step and saving");
    }

    /** For what has nothing to save. */
    static Interrupt ending(RunControl control) {
        return new Interrupt(control, "");
    }

    private boolean awaitSaved() {
        try {
            return saved.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException again) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        saved.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook runs already and is waiting for us.
        }
    }
}
