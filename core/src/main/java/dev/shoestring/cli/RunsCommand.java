package dev.shoestring.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import dev.shoestring.report.ComparisonPage;
import dev.shoestring.report.RunComparison;
import dev.shoestring.report.TextTableFormat;
import dev.shoestring.report.TextTableFormat.Column;
import dev.shoestring.run.RunIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shoestring runs}. */
@Command(
        name = "runs",
        description = "Lists, shows and compares runs: what they reached and what they cost.",
        mixinStandardHelpOptions = true,
        subcommands = {RunsCommand.ListRuns.class, RunsCommand.Show.class, RunsCommand.Compare.class},
        footer = {"", "Example: shoestring runs compare runs/a runs/b --html compare.html"})
final class RunsCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Option(names = "--runs", paramLabel = "FOLDER", defaultValue = "runs", description = "Where the run folders are.")
    private Path runs = Path.of("runs");

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        print(spec.commandLine().getOut(), readAll(runs), common.json);
        return ExitStatus.SUCCESS;
    }

    /** All runs of a folder. */
    private static RunComparison readAll(Path runs) {
        List<RunComparison.Entry> entries = new ArrayList<>();
        for (Path folder : RunIndex.list(runs)) {
            try {
                entries.add(RunIndex.read(folder));
            } catch (InputException damaged) {
                System.err.println("shoestring: left out: " + damaged.getMessage());
            }
        }
        return new RunComparison(entries);
    }

    private static void print(PrintWriter out, RunComparison runs, boolean json) {
        if (json) {
            CommonOptions.print(out, documents(runs));
        } else if (runs.runs().isEmpty()) {
            out.println("no runs yet: shoestring train makes one");
        } else {
            out.print(new TextTableFormat(RunComparison.columns()).format(runs.rows()));
        }
        out.flush();
    }

    private static ArrayNode documents(RunComparison runs) {
        ObjectMapper mapper = new ObjectMapper();
        ArrayNode documents = mapper.createArrayNode();
        try {
            for (RunComparison.Entry run : runs.runs()) {
                ObjectNode document = mapper.createObjectNode();
                document.put("run", run.name());
                document.put("pareto", runs.onFront(run));
                document.setAll((ObjectNode) mapper.readTree(run.summary().toJson()));
                documents.add(document);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return documents;
    }

    /** {@code shoestring runs list}. */
    @Command(
            name = "list",
            description = "All runs of a folder, oldest first.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example: shoestring runs list --runs runs"})
    static final class ListRuns implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
        private CommandSpec spec;

        @Option(
                names = "--runs",
                paramLabel = "FOLDER",
                defaultValue = "runs",
                description = "Where the run folders are.")
        private Path runs = Path.of("runs");

        @Mixin
        private CommonOptions common = new CommonOptions();

        @Override
        public Integer call() {
            print(spec.commandLine().getOut(), readAll(runs), common.json);
            return ExitStatus.SUCCESS;
        }
    }

    /** {@code shoestring runs show}. */
    @Command(
            name = "show",
            description = "One run: figures and recipe.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example: shoestring runs show runs/latest"})
    static final class Show implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
        private CommandSpec spec;

        @Parameters(index = "0", paramLabel = "RUN", description = "A run folder, or runs/latest.")
        private Path run = Path.of("runs/latest");

        @Mixin
        private CommonOptions common = new CommonOptions();

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            RunComparison.Entry entry = RunIndex.read(run);
            if (common.json) {
                out.print(entry.summary().toJson());
            } else {
                out.println(entry.name());
                out.println();
                out.println(RunDetails.text(entry.summary()));
                out.println(entry.recipe().strip());
            }
            out.flush();
            return ExitStatus.SUCCESS;
        }
    }

    /** {@code shoestring runs compare}. */
    @Command(
            name = "compare",
            description = "Runs beside each other: recipe, cost, Pareto front of cost against the metric.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example: shoestring runs compare runs/a runs/b --html compare.html"})
    static final class Compare implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
        private CommandSpec spec;

        @Parameters(arity = "0..*", paramLabel = "RUN", description = "Run folders; all under --runs if none is given.")
        private List<Path> given = new ArrayList<>();

        @Option(
                names = "--runs",
                paramLabel = "FOLDER",
                defaultValue = "runs",
                description = "Where the run folders are.")
        private Path runs = Path.of("runs");

        @Option(
                names = "--html",
                paramLabel = "FILE",
                description = "Writes the comparison as an HTML page with curves.")
        private @Nullable Path html;

        @Mixin
        private CommonOptions common = new CommonOptions();

        @Override
        public Integer call() {
            RunComparison comparison = given.isEmpty()
                    ? readAll(runs)
                    : new RunComparison(given.stream().map(RunIndex::read).toList());
            if (comparison.runs().size() < 2) {
                throw new InputException("runs compare: needs at least two runs, but got "
                        + comparison.runs().size() + "; name their folders");
            }
            PrintWriter out = spec.commandLine().getOut();
            if (html != null) {
                ComparisonPage.write(html, comparison);
            }
            if (common.json) {
                ObjectMapper mapper = new ObjectMapper();
                ObjectNode document = mapper.createObjectNode();
                document.set("runs", documents(comparison));
                document.set("differences", mapper.valueToTree(comparison.differences()));
                CommonOptions.print(out, document);
                return ExitStatus.SUCCESS;
            }
            print(out, comparison, false);
            out.println();
            List<Column> columns = new ArrayList<>();
            columns.add(Column.words("differs"));
            comparison.runs().forEach(run -> columns.add(Column.words(run.name())));
            List<List<String>> rows = new ArrayList<>();
            comparison.differences().forEach((key, values) -> {
                List<String> row = new ArrayList<>(List.of(key));
                row.addAll(values);
                rows.add(row);
            });
            out.print(new TextTableFormat(columns).format(rows));
            if (html != null) {
                out.println("\npage: " + html);
            }
            out.flush();
            return ExitStatus.SUCCESS;
        }
    }
}
