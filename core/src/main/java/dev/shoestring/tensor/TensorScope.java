package dev.shoestring.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Frees every tensor that is born on its thread between opening and closing, unless it was kept. Scopes nest; a tensor belongs
 * to the innermost scope that is open on the thread. Outside any scope a tensor lives until it is closed.
 */
public final class TensorScope implements AutoCloseable {
    private static final ThreadLocal<@Nullable TensorScope> INNERMOST = new ThreadLocal<>();

    private final @Nullable TensorScope outer;
    private final Thread owner;
    private List<@Nullable Tensor> born = new ArrayList<>();
    private boolean closed;

    private TensorScope(@Nullable TensorScope outer) {
        this.outer = outer;
        this.owner = Thread.currentThread();
    }

    /** Opens a scope inside the one that is open on this thread, if any. */
    public static TensorScope open() {
        TensorScope scope = new TensorScope(INNERMOST.get());
        INNERMOST.set(scope);
        return scope;
    }

    /**
     * Runs {@code body} in a scope of its own; only its result survives, in the scope around. What a backward pass needs of the body it holds
     * by itself, so a layer that runs in such a scope keeps nothing else of its own.
     */
    public static Tensor keep(Supplier<Tensor> body) {
        try (TensorScope scope = open()) {
            return scope.keep(body.get());
        }
    }

    /**
     * Moves a tensor of this scope to the scope around it, or out of all scopes if there is none; one that was not born in this scope stays
     * where it is. Returns the tensor.
     */
    public Tensor keep(Tensor tensor) {
        if (!tensor.isIn(this)) {
            return tensor;
        }
        tensor.leaveScope();
        if (outer != null) {
            outer.adopt(tensor);
        }
        return tensor;
    }

    static void register(Tensor tensor) {
        TensorScope scope = INNERMOST.get();
        if (scope != null) {
            scope.adopt(tensor);
        }
    }

    private void adopt(Tensor tensor) {
        tensor.enterScope(this, born.size());
        born.add(tensor);
    }

    void forget(int slot) {
        born.set(slot, null);
    }

    /**
     * Frees the tensors of this scope.
     *
     * @throws IllegalStateException if another thread closes it, or an inner scope is still open
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (owner != Thread.currentThread()) {
            throw new IllegalStateException("scope opened on " + owner.getName() + " closed on "
                    + Thread.currentThread().getName());
        }
        if (INNERMOST.get() != this) {
            throw new IllegalStateException("a scope opened inside this one is still open");
        }
        closed = true;
        INNERMOST.set(outer);
        List<@Nullable Tensor> dying = born;
        born = List.of();
        for (Tensor tensor : dying) {
            if (tensor != null) {
                tensor.free();
            }
        }
    }
}
