package dev.shoestring.train;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Something that is written in a thread of its own while the training goes on. What it reads must not be changed meanwhile. */
public final class BackgroundWrite {
    private final CompletableFuture<Void> written;

    private BackgroundWrite(CompletableFuture<Void> written) {
        this.written = written;
    }

    /** Begins to write; a virtual machine that ends does not wait for it. */
    public static BackgroundWrite start(String name, Runnable writing) {
        return new BackgroundWrite(CompletableFuture.runAsync(writing, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            thread.start();
        }));
    }

    /** Whether it is written or has failed, so that {@link #await} does not wait. */
    public boolean isDone() {
        return written.isDone();
    }

    /** Waits until it is written or has failed. */
    public void settle() {
        try {
            written.join();
        } catch (CompletionException failed) {
            // await() says so.
        }
    }

    /** Waits until it is written, and throws what the writing threw. */
    public void await() {
        try {
            written.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            if (failed.getCause() instanceof Error thrown) {
                throw thrown;
            }
            throw failed;
        }
    }
}
