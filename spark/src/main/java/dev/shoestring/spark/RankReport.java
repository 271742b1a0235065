package dev.shoestring.spark;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import scala.Tuple2;

/**
 * What the ranks tell the driver, as named bytes, which any of Spark's serializers can carry, in any order: why one was refused, or where rank
 * 0's run is and, if the driver cannot look there, its files.
 */
final class RankReport {
    private static final String REFUSED = "refused:";
    private static final String RUN = "run:";
    private static final String FILE = "file:";

    private RankReport() {}

    static Tuple2<String, byte[]> refused(int rank, String message) {
        return new Tuple2<>(String.format("%s%06d", REFUSED, rank), message.getBytes(StandardCharsets.UTF_8));
    }

    /** A run in a folder that the driver sees. */
    static List<Tuple2<String, byte[]>> shared(Path run) {
        return List.of(new Tuple2<>(RUN, run.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** A run that is brought to the driver. */
    static List<Tuple2<String, byte[]>> brought(Path run) {
        List<Tuple2<String, byte[]>> parts = new ArrayList<>();
        parts.add(new Tuple2<>(RUN, run.getFileName().toString().getBytes(StandardCharsets.UTF_8)));
        ReturnedFiles.read(run).forEach(file -> parts.add(new Tuple2<>(FILE + file._1(), file._2())));
        return parts;
    }

    /** Why a rank was refused, if one was: in the words of the first of them. */
    static Optional<String> refusal(List<Tuple2<String, byte[]>> parts) {
        return text(parts, REFUSED);
    }

    /** The run's folder, once its files are there. */
    static Path run(List<Tuple2<String, byte[]>> parts, Path runs) {
        Path named = runs.resolve(text(parts, RUN).orElseThrow(() -> new IllegalStateException("rank 0 named no run")));
        List<Tuple2<String, byte[]>> files = parts.stream()
                .filter(part -> part._1().startsWith(FILE))
                .map(part -> new Tuple2<>(part._1().substring(FILE.length()), part._2()))
                .sorted(Comparator.comparing(Tuple2::_1))
                .toList();
        if (files.isEmpty()) {
            return named;
        }
        Path run = ReturnedFiles.folder(named);
        ReturnedFiles.write(run, files);
        return run;
    }

    private static Optional<String> text(List<Tuple2<String, byte[]>> parts, String prefix) {
        return parts.stream()
                .filter(part -> part._1().startsWith(prefix))
                .min(Comparator.comparing(Tuple2::_1))
                .map(part -> new String(part._2(), StandardCharsets.UTF_8));
    }
}
