package dev.shoestring.run;

import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.BackgroundWrite;
import dev.shoestring.train.TensorCopies;
import java.util.Map;
import java.util.function.Consumer;

/** A checkpoint out of copies, which a thread of its own writes. */
final class CopiedCheckpoint implements CheckpointUnderway {
    private final TensorCopies copies;
    private final BackgroundWrite write;

    /** Begins to write; frees the copies when it is closed. */
    CopiedCheckpoint(TensorCopies copies, Consumer<Map<String, Tensor>> writer) {
        this.copies = copies;
        this.write = BackgroundWrite.start("checkpoint", () -> writer.accept(copies.tensors()));
    }

    @Override
    public void advance() {
        // The thread goes on by itself.
    }

    @Override
    public boolean isDone() {
        return write.isDone();
    }

    @Override
    public void finish() {
        write.await();
    }

    @Override
    public void close() {
        write.settle();
        copies.close();
    }
}
