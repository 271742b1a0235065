package dev.shoestring.cli;

import dev.shoestring.data.Example;
import dev.shoestring.data.ImageFiles;
import dev.shoestring.data.TextData;
import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.report.ConfusionMatrix;
import dev.shoestring.report.TextTableFormat;
import dev.shoestring.report.TextTableFormat.Align;
import dev.shoestring.report.TextTableFormat.Column;
import dev.shoestring.run.ImageClassifier;
import dev.shoestring.run.TextClassifier;
import dev.shoestring.train.ClassificationMetrics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shoestring eval}. */
@Command(
        name = "eval",
        description = "Measures a trained model on labelled data: accuracy, macro-F1, confusion matrix.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: shoestring eval runs/latest --data other.csv --text body --label topic"})
final class EvalCommand implements Callable<Integer> {
    private static final int WIDEST_MATRIX = 12;
    private static final int CONFUSIONS = 15;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run folder, runs/latest, or a model folder.")
    private Path run = Path.of("runs/latest");

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Labelled table: CSV, TSV, JSONL or Parquet; or a folder of images.")
    private @Nullable String data;

    @Option(names = "--query", paramLabel = "SQL", description = "Labelled table, as SQL over files (DuckDB).")
    private @Nullable String query;

    @Option(names = "--text", paramLabel = "COLUMN", description = "Column with the texts.")
    private @Nullable String text;

    @Option(names = "--label", paramLabel = "COLUMN", description = "Column with the labels.")
    private @Nullable String label;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        if ((data == null) == (query == null)) {
            throw new InputException("eval: give the labelled data by --data FILE or --query SQL, one of the two");
        }
        DataSpec.Source source =
                data != null ? new DataSpec.Source.File(data) : new DataSpec.Source.Query(String.valueOf(query));
        PrintWriter out = spec.commandLine().getOut();
        if (ImageClassifier.in(run)) {
            try (ImageClassifier model = ImageClassifier.open(run)) {
                ImageFiles.Labelled images =
                        ImageFiles.labelled(source, text, label, model.labels(), model.size(), model.channels());
                show(out, model.labels(), model.logits(images.store()), images.truth());
            }
            return ExitStatus.SUCCESS;
        }
        try (TextClassifier model = TextClassifier.open(run)) {
            List<Example> examples = TextData.loadExamples(source, text, label, model.labels());
            show(
                    out,
                    model.labels(),
                    model.logits(examples),
                    examples.stream().mapToInt(Example::label).toArray());
        }
        return ExitStatus.SUCCESS;
    }

    private void show(PrintWriter out, List<String> labels, float[][] logits, int[] truth) {
        ClassificationMetrics metrics = ClassificationMetrics.of(logits, truth);
        int[] predicted =
                Arrays.stream(logits).mapToInt(ClassificationMetrics::argmax).toArray();
        ConfusionMatrix confusion = ConfusionMatrix.of(labels, truth, predicted);
        if (common.json) {
            CommonOptions.print(out, document(metrics, confusion));
        } else {
            print(out, metrics, confusion);
        }
        out.flush();
    }

    private static Map<String, Object> document(ClassificationMetrics metrics, ConfusionMatrix confusion) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("examples", metrics.examples());
        document.put("accuracy", metrics.accuracy());
        document.put("macro_f1", metrics.macroF1());
        document.put("loss", metrics.loss());
        document.put("labels", confusion.labels());
        List<List<Integer>> rows = new ArrayList<>();
        for (int truth = 0; truth < confusion.labels().size(); truth++) {
            List<Integer> row = new ArrayList<>();
            for (int predicted = 0; predicted < confusion.labels().size(); predicted++) {
                row.add(confusion.count(truth, predicted));
            }
            rows.add(row);
        }
        document.put("confusion", rows);
        return document;
    }

    private static void print(PrintWriter out, ClassificationMetrics metrics, ConfusionMatrix confusion) {
        out.printf(
                Locale.ROOT,
                "%,d examples: accuracy %.2f%%, macro-F1 %.2f%%, cross-entropy %.4f nats%n%n",
                metrics.examples(),
                100 * metrics.accuracy(),
                100 * metrics.macroF1(),
                metrics.loss());
        List<List<String>> scores = new ArrayList<>();
        for (ConfusionMatrix.LabelScore score : confusion.perLabel()) {
            scores.add(List.of(
                    score.label(),
                    share(score.precision()),
                    share(score.recall()),
                    share(score.f1()),
                    Integer.toString(score.support())));
        }
        out.println(TextTableFormat.of(
                        new Column("label", Align.LEFT),
                        new Column("precision", Align.RIGHT),
                        new Column("recall", Align.RIGHT),
                        new Column("F1", Align.RIGHT),
                        new Column("examples", Align.RIGHT))
                .format(scores));
        if (confusion.labels().size() <= WIDEST_MATRIX) {
            out.println(matrix(confusion));
        } else {
            out.println(pairs(confusion));
        }
    }

    private static String matrix(ConfusionMatrix confusion) {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("true \\ predicted", Align.LEFT));
        confusion.labels().forEach(label -> columns.add(new Column(label, Align.RIGHT)));
        List<List<String>> rows = new ArrayList<>();
        for (int truth = 0; truth < confusion.labels().size(); truth++) {
            List<String> row = new ArrayList<>();
            row.add(confusion.labels().get(truth));
            for (int predicted = 0; predicted < confusion.labels().size(); predicted++) {
                row.add(Integer.toString(confusion.count(truth, predicted)));
            }
            rows.add(row);
        }
        return TextTableFormat.of(columns.toArray(Column[]::new)).format(rows);
    }

    /** A matrix of many labels does not fit a terminal: the most frequent confusions do. */
    private static String pairs(ConfusionMatrix confusion) {
        List<List<String>> rows = new ArrayList<>();
        for (ConfusionMatrix.Confusion pair : confusion.topConfusions(CONFUSIONS)) {
            rows.add(List.of(pair.truth(), pair.predicted(), Integer.toString(pair.count())));
        }
        return "most frequent confusions (--json has the whole matrix)\n"
                + TextTableFormat.of(
                                new Column("true", Align.LEFT),
                                new Column("predicted", Align.LEFT),
                                new Column("examples", Align.RIGHT))
                        .format(rows);
    }

    private static String share(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1f%%", 100 * value);
    }
}
