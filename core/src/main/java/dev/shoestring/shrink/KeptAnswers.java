package dev.shoestring.shrink;

import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.TensorOutput;
import dev.shoestring.hub.Weights;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.train.TokenRows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A teacher's likeliest pieces after each token, computed once and kept in a file: safetensors with, for each batch of rows, {@code pieces} (tokens that have a loss, k) as
 * 32-bit integers and {@code shares}, their probabilities, in half precision. The rest's probability is what the shares lack to 1, so rounding
 * them moves mass and loses none. A row is read when it is learnt from; none of the file stays in memory.
 */
public final class KeptAnswers implements TokenTeacher {
    // N tokens of all rows, K likeliest pieces

    /** Bytes of a piece and its share. */
    public static final int BYTES = Integer.BYTES + Short.BYTES;

    private static final int CHUNK = 256;

    /** Where the answers to a row's tokens lie in the file. */
    private record Place(long pieces, long shares, int tokens) {}

    private final Path file;
    private final int vocabulary;
    private final int count;
    private final Map<Long, Place> places;
    private final FileChannel channel;

    private KeptAnswers(Path file, int vocabulary, int count, Map<Long, Place> places) {
        this.file = file;
        this.vocabulary = vocabulary;
        this.count = count;
        this.places = places;
        try {
            this.channel = FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException failed) {
            throw unreadable(failed);
        }
    }

    /** Batches of rows, numbered from 0: the same whenever they are asked for. */
    public interface Batches {
        /** How many there are. */
        int count();

        /** One of them. */
        TokenRows batch(int number);
    }

    /** Bytes of the answers to some batches. */
    public static long bytes(Batches batches, int count) {
        long tokens = 0;
        for (int i = 0; i < batches.count(); i++) {
            tokens += batches.batch(i).weight();
        }
        return tokens * count * BYTES;
    }

    /**
     * What was kept of the same teacher; empty if nothing was, or something else, or not of all rows, or the file is damaged.
     *
     * @param key tells teachers, temperatures and numbers of pieces apart
     * @param vocabulary pieces of the student
     */
    public static Optional<KeptAnswers> open(Path file, String key, int vocabulary, Batches wanted) {
        if (!java.nio.file.Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (Weights stored = Safetensors.open(file)) {
            @Nullable Map<Long, Place> places = places(stored, key);
            if (places == null || places.isEmpty()) {
                return Optional.empty();
            }
            // The first batch that is named: all have as many pieces for each token.
            int number = bytes(stored, "batches." + key).getInt();
            TensorInfo first = Objects.requireNonNull(stored.tensors().get("pieces." + number));
            for (int i = 0; i < wanted.count(); i++) {
                TokenRows rows = wanted.batch(i);
                for (int row = 0; row < rows.rows(); row++) {
                    if (!places.containsKey(rows.key(row))) {
                        return Optional.empty();
                    }
                }
            }
            return Optional.of(new KeptAnswers(
                    file, vocabulary, Math.toIntExact(first.shape().get(1)), places));
        } catch (InputException damaged) {
            return Optional.empty();
        }
    }

    private static @Nullable Map<Long, Place> places(Weights stored, String key) {
        @Nullable TensorInfo rows = stored.tensors().get("rows." + key);
        @Nullable TensorInfo losses = stored.tensors().get("losses." + key);
        @Nullable TensorInfo batches = stored.tensors().get("batches." + key);
        if (rows == null || losses == null || batches == null) {
            return null;
        }
        boolean sound = rows.type() == ElementType.I64
                && losses.type() == ElementType.I32
                && batches.type() == ElementType.I32
                && losses.shape().equals(rows.shape())
                && batches.shape().equals(rows.shape())
                && rows.shape().size() == 1;
        if (!sound) {
            return null;
        }
        ByteBuffer keys = bytes(stored, rows.name());
        ByteBuffer lengths = bytes(stored, losses.name());
        ByteBuffer numbers = bytes(stored, batches.name());
        Map<Long, Place> places = new HashMap<>();
        int batch = -1;
        long before = 0;
        long count = -1;
        while (keys.hasRemaining()) {
            int number = numbers.getInt();
            int tokens = lengths.getInt();
            before = number == batch ? before : 0;
            batch = number;
            @Nullable TensorInfo pieces = stored.tensors().get("pieces." + batch);
            @Nullable TensorInfo shares = stored.tensors().get("shares." + batch);
            if (pieces == null
                    || shares == null
                    || pieces.type() != ElementType.I32
                    || shares.type() != ElementType.F16
                    || pieces.shape().size() != 2
                    || !pieces.shape().equals(shares.shape())
                    || tokens < 0
                    || before + tokens > pieces.shape().get(0)) {
                return null;
            }
            long each = pieces.shape().get(1);
            count = count < 0 ? each : count;
            if (each != count || each < 1 || each > DistillSpec.MOST_PIECES) {
                return null;
            }
            places.putIfAbsent(
                    keys.getLong(),
                    new Place(
                            offset(stored, pieces) + before * each * Integer.BYTES,
                            offset(stored, shares) + before * each * Short.BYTES,
                            tokens));
            before += tokens;
        }
        return places;
    }

    private static ByteBuffer bytes(Weights stored, String name) {
        return stored.read(name).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long offset(Weights stored, TensorInfo info) {
        return stored.place(info.name()).orElseThrow().offset();
    }

    /**
     * Asks a teacher about all rows and keeps what it says; what was there before is replaced.
     *
     * @param teacher the teacher
     * @param count how many of the likeliest pieces are kept
     * @param done told how many batches are done
     * @throws InputException if the file cannot be written
     */
    public static void write(
            Path file, String key, LiveTeacher teacher, int count, Batches batches, LongConsumer done) {
        List<Long> keys = new ArrayList<>();
        List<Integer> losses = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        int kept = Math.min(count, teacher.vocabulary());
        List<TensorOutput> outputs = new ArrayList<>();
        Writing writing = new Writing(teacher, kept, batches, done);
        for (int i = 0; i < batches.count(); i++) {
            TokenRows rows = batches.batch(i);
            for (int row = 0; row < rows.rows(); row++) {
                keys.add(rows.key(row));
                losses.add(rows.losses(row));
                numbers.add(i);
            }
            int batch = i;
            List<Long> shape = List.of(rows.weight(), (long) kept);
            outputs.add(new TensorOutput(
                    new TensorInfo("pieces." + batch, ElementType.I32, shape), () -> writing.pieces(batch)));
            outputs.add(new TensorOutput(
                    new TensorInfo("shares." + batch, ElementType.F16, shape), () -> writing.shares(batch)));
        }
        List<TensorOutput> all = new ArrayList<>();
        all.add(output(
                "rows." + key,
                ElementType.I64,
                keys.stream().mapToLong(Long::longValue).toArray()));
        all.add(output("losses." + key, ElementType.I32, wide(losses)));
        all.add(output("batches." + key, ElementType.I32, wide(numbers)));
        all.addAll(outputs);
        try {
            java.nio.file.Files.createDirectories(
                    Objects.requireNonNull(file.toAbsolutePath().getParent()));
        } catch (IOException failed) {
            throw new InputException(
                    file + ": its folder cannot be made (" + failed + "); name another place as distill.scores",
                    failed);
        }
        Safetensors.stream(file, Map.of(), all, written -> {});
    }

    private static long[] wide(List<Integer> values) {
        return values.stream().mapToLong(Integer::longValue).toArray();
    }

    private static TensorOutput output(String name, ElementType type, long[] values) {
        return new TensorOutput(
                new TensorInfo(name, type, List.of((long) values.length)), () -> Tensor.of(values, values.length));
    }

    /** Answers of one batch at a time: the shares are asked for right after the pieces. */
    private static final class Writing {
        private final LiveTeacher teacher;
        private final int count;
        private final Batches batches;
        private final LongConsumer done;
        private int answered = -1;
        private float[] shares = {};

        Writing(LiveTeacher teacher, int count, Batches batches, LongConsumer done) {
            this.teacher = teacher;
            this.count = count;
            this.batches = batches;
            this.done = done;
        }

        Tensor pieces(int batch) {
            return TensorScope.keep(() -> {
                TopPieces top = teacher.top(batches.batch(batch), count, CHUNK);
                shares = top.shares_CK().toFloats();
                answered = batch;
                done.accept(batch + 1);
                return top.pieces_CK();
            });
        }

        Tensor shares(int batch) {
            if (batch != answered) {
                throw new IllegalStateException(
                        "the shares of batch " + batch + " are asked for after the pieces of batch " + answered);
            }
            return Tensor.of(shares, shares.length / count, count);
        }
    }

    @Override
    public Answers answers(TokenRows rows) {
        int tokens = Math.toIntExact(rows.weight());
        ByteBuffer pieces = buffer(tokens * Integer.BYTES);
        ByteBuffer shares = buffer(tokens * Short.BYTES);
        for (int row = 0; row < rows.rows(); row++) {
            Place place = places.get(rows.key(row));
            if (place == null || place.tokens() != rows.losses(row)) {
                throw new IllegalStateException(file + " has no answers to row " + row + " of a batch");
            }
            read(pieces, place.pieces(), place.tokens() * Integer.BYTES);
            read(shares, place.shares(), place.tokens() * Short.BYTES);
        }
        int[] ids = new int[tokens * count];
        pieces.flip().asIntBuffer().get(ids);
        for (int id : ids) {
            if (id < 0 || id >= vocabulary) {
                throw new InputException(file + ": has piece " + id + " of a vocabulary of " + vocabulary
                        + "; the file is damaged: delete it, and the teacher is asked again");
            }
        }
        Tensor pieces_NK = Tensor.of(ids, tokens, count);
        Tensor shares_NK =
                Tensor.ofBytes(shares.flip(), DType.FLOAT16, tokens, count).to(DType.FLOAT32);
        for (float share : shares_NK.toFloats()) {
            // Not a number fails both.
            if (!(share >= 0 && share <= 1)) {
                throw new InputException(file + ": has a probability of " + share
                        + "; the file is damaged: delete it, and the teacher is asked again");
            }
        }
        return (log_CV, from) -> {
            long some = log_CV.size(0);
            return new TopPieces(pieces_NK.narrow(0, from, some), shares_NK.narrow(0, from, some)).compare(log_CV);
        };
    }

    private ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(bytes, count)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void read(ByteBuffer into, long from, int bytes) {
        int end = into.position() + bytes * count;
        into.limit(end);
        try {
            long at = from;
            while (into.hasRemaining()) {
                int read = channel.read(into, at);
                if (read < 0) {
                    throw new IOException("it became shorter");
                }
                at += read;
            }
        } catch (IOException failed) {
            throw unreadable(failed);
        }
        into.limit(into.capacity());
    }

    private InputException unreadable(IOException failed) {
        return new InputException(
                file + ": the teacher's answers cannot be read (" + failed
                        + "); delete the file, and the teacher is asked again",
                failed);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failed) {
            throw unreadable(failed);
        }
    }
}
