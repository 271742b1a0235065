package dev.shoestring.run;

import dev.shoestring.hub.ElementType;
import dev.shoestring.hub.Safetensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.Weights;
import dev.shoestring.models.BertConfig;
import dev.shoestring.recipe.InputException;
import dev.shoestring.shrink.TeacherAnswers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A teacher's answers on disk, so that they are computed once: safetensors whose tensors are named by teacher and texts. */
final class TeacherFile {
    private final Path file;
    private final Path teacher;
    private final int count;
    private final String key;

    /**
     * The answers of one teacher on some texts.
     *
     * @param file where they are kept
     * @param teacher the teacher's model folder
     * @param texts the texts, in order
     * @param precision arithmetic of the forward pass
     */
    TeacherFile(Path file, Path teacher, List<String> texts, String precision) {
        this.file = file;
        this.teacher = teacher;
        this.count = texts.size();
        this.key = key(teacher, texts, precision);
    }

    /**
     * What was kept of the same teacher and texts, or else what is computed now, which is kept.
     *
     * @throws InputException if there are too many texts, or the file cannot be written
     */
    TeacherAnswers orComputed(Supplier<TeacherAnswers> compute) {
        return read().orElseGet(() -> {
            requireRoom();
            TeacherAnswers answers = compute.get();
            write(answers);
            return answers;
        });
    }

    /** What was kept of the same teacher and texts; empty if nothing was, or something else, or the file is damaged. */
    Optional<TeacherAnswers> read() {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (Weights stored = Safetensors.open(file)) {
            if (!fits(stored.tensors().get("logits." + key), labels())
                    || !fits(stored.tensors().get("features." + key), width())) {
                return Optional.empty();
            }
            return Optional.of(new TeacherAnswers(rows(stored, "logits." + key), rows(stored, "features." + key)));
        } catch (InputException damaged) {
            return Optional.empty();
        }
    }

    private boolean fits(@Nullable TensorInfo info, int width) {
        return info != null
                && info.type() == ElementType.F32
                && info.shape().equals(List.of((long) count, (long) width));
    }

    private int labels() {
        return TextClassifier.labelsOf(TextClassifier.config(teacher)).size();
    }

    private int width() {
        return BertConfig.of(TextClassifier.config(teacher), teacher.toString()).hiddenSize();
    }

    /**
     * Demands, before they are computed, that the answers fit the file.
     *
     * @throws InputException if there are too many texts
     */
    void requireRoom() {
        int most = Integer.MAX_VALUE / Float.BYTES / Math.max(labels(), width());
        if (count > most) {
            throw new InputException(String.format(
                    Locale.ROOT,
                    "distill.unlabelled: the teacher's answers to %,d texts cannot be kept, at most those to %,d; take"
                            + " fewer (--unlabelled) or set data.train_examples",
                    count,
                    most));
        }
    }

    /** Keeps them; what was there before is replaced. */
    void write(TeacherAnswers answers) {
        float[][] logits = new float[answers.size()][];
        float[][] features = new float[answers.size()][];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = answers.logits(i);
            features[i] = answers.features(i);
        }
        Path draft = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Safetensors.write(
                    draft, Map.of(), List.of(data("logits." + key, logits), data("features." + key, features)));
            Files.move(draft, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new InputException(
                    file + ": the teacher's answers cannot be kept (" + RunFolder.reason(failed)
                            + "); free space, or leave distill.scores out",
                    failed);
        }
    }

    private static Safetensors.TensorData data(String name, float[][] rows) {
        int width = rows[0].length;
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(rows.length, width * Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (float[] row : rows) {
            bytes.asFloatBuffer().put(row);
            bytes.position(bytes.position() + width * Float.BYTES);
        }
        return new Safetensors.TensorData(
                new TensorInfo(name, ElementType.F32, List.of((long) rows.length, (long) width)), bytes.flip());
    }

    private static float[][] rows(Weights stored, String name) {
        TensorInfo info = Objects.requireNonNull(stored.tensors().get(name), name);
        int width = Math.toIntExact(info.shape().get(1));
        float[][] rows = new float[Math.toIntExact(info.shape().get(0))][width];
        ByteBuffer bytes = stored.read(name).duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (float[] row : rows) {
            bytes.asFloatBuffer().get(row);
            bytes.position(bytes.position() + width * Float.BYTES);
        }
        return rows;
    }

    private static String key(Path teacher, List<String> texts, String precision) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
                try (InputStream in = Files.newInputStream(teacher.resolve(name))) {
                    byte[] part = new byte[1 << 20];
                    for (int read = in.read(part); read > 0; read = in.read(part)) {
                        digest.update(part, 0, read);
                    }
                }
            }
            digest.update(precision.getBytes(StandardCharsets.UTF_8));
            for (String text : texts) {
                digest.update(text.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 12);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        } catch (IOException unreadable) {
            throw new InputException(
                    teacher + ": the teacher cannot be read (" + RunFolder.reason(unreadable) + ")", unreadable);
        }
    }
}
