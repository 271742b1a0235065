package dev.shoestring.spark;

import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.UserException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The main class for {@code spark-submit}. */
@Command(
        name = "shoestring-spark",
        description = "Trains on Spark: a recipe, on a table that Spark reads.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  spark-submit --master spark://HOST:7077 --class dev.shoestring.spark.SparkCommand \\",
            "      --jars $(tr : , < spark/target/classpath) spark/target/shoestring-spark-*.jar \\",
            "      recipe.yaml hdfs:///tickets.parquet --ranks 4 --runs /shared/runs"
        })
public final class SparkCommand implements Callable<Integer> {
    private static final int SUCCESS = 0;
    private static final int FAULT = 1;
    private static final int BAD_INPUT = 2;
    private static final int STOPPED = 3;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RECIPE", description = "A bundled recipe or a YAML file.")
    private String recipe = "";

    @Parameters(index = "1", paramLabel = "DATA", description = "A path that Spark can read.")
    private String data = "";

    @Option(
            names = "--ranks",
            paramLabel = "N",
            required = true,
            description = "Ranks, each a task of spark.task.cpus.")
    private int ranks;

    @Option(
            names = "--format",
            paramLabel = "NAME",
            description = "Spark's name of the data's format: csv, json, parquet, … (default: by its ending).")
    private @Nullable String format;

    @Option(
            names = "--read",
            paramLabel = "KEY=VALUE",
            description =
                    "An option of Spark's reader, such as sep=;; repeatable. Of csv, header is true unless it is given.")
    private Map<String, String> read = new LinkedHashMap<>();

    @Option(
            names = "--runs",
            paramLabel = "FOLDER",
            defaultValue = "runs",
            description = "Where the run's folder is made, best on a file system that driver and executors share"
                    + " (default: ${DEFAULT-VALUE}).")
    private Path runs = Path.of("runs");

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a value of the recipe; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--java-option",
            paramLabel = "OPTION",
            description = "A further option for the Java process of each rank, such as -Xmx4g; repeatable.")
    private List<String> javaOptions = new ArrayList<>();

    @Option(
            names = "--json",
            description = "One JSON document on standard output, the summary, and nothing else there.")
    private boolean json;

    /** Runs the command; ends with its exit status: 0 done, 1 a fault, 2 bad input, 3 stopped by a budget. */
    public static void main(String[] arguments) {
        int status = new CommandLine(new SparkCommand())
                .setExecutionExceptionHandler((failed, command, parsed) -> failed(failed, command.getErr()))
                .execute(arguments);
        // Spark's threads end with the session, which is closed by now; spark-submit passes the status on.
        System.exit(status);
    }

    private static int failed(Exception failed, PrintWriter errors) {
        boolean bad = failed instanceof UserException;
        errors.println("shoestring: " + (bad ? "" : "a fault: ") + failed.getMessage());
        if (!bad) {
            failed.printStackTrace(errors);
        }
        errors.flush();
        return bad ? BAD_INPUT : FAULT;
    }

    @Override
    public Integer call() throws IOException {
        Recipe chosen = SparkTrainer.recipe(recipe, overrides.toArray(String[]::new));
        SparkTrainer trainer = SparkTrainer.withRanks(ranks).runs(runs).javaOptions(javaOptions);
        ShippedRecipe.requireTask(chosen);
        try (SparkSession session =
                SparkSession.builder().appName("Shoestring: " + chosen.name()).getOrCreate()) {
            SparkRun run = trainer.fit(rows(session), chosen);
            PrintWriter out = spec.commandLine().getOut();
            out.println(
                    json
                            ? run.summary().toPrettyString()
                            : run.summary().path("metric").asText() + " "
                                    + run.summary().path("value").asText() + ", run: "
                                    + run.folder().path());
            out.flush();
            String status = run.summary().path("status").asText();
            return status.equals("budget") || status.equals("interrupted") ? STOPPED : SUCCESS;
        }
    }

    private Dataset<Row> rows(SparkSession session) {
        String name = format == null ? formatOf(data) : format;
        Map<String, String> options = new LinkedHashMap<>(read);
        if (name.equals("csv")) {
            options.putIfAbsent("header", "true");
        }
        try {
            return session.read().format(name).options(options).load(data);
        } catch (RuntimeException ours) {
            throw ours;
        } catch (Exception refused) {
            // An AnalysisException, which is checked, though Scala declares none.
            throw new InputException(
                    "DATA: Spark cannot read " + data + " as " + name + " ("
                            + (refused instanceof AnalysisException analysis
                                    ? analysis.getSimpleMessage()
                                    : refused.getMessage())
                            + ")",
                    refused);
        }
    }

    /** A table's format by the ending of its path. */
    static String formatOf(String path) {
        String name = path.replaceFirst("/+$", "").replaceFirst("\\.gz$", "");
        String ending = name.substring(name.lastIndexOf('.') + 1);
        return switch (ending) {
            case "csv" -> "csv";
            case "json", "jsonl", "ndjson" -> "json";
            case "orc" -> "orc";
            case "parquet" -> "parquet";
            default ->
                throw new InputException("--format: the ending of " + data(path)
                        + " says nothing; name the format, for example --format parquet");
        };
    }

    private static String data(String path) {
        return "\"" + path + "\"";
    }
}
