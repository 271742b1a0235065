package dev.shoestring.spark;

import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.recipe.Recipes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Trains what a recipe says on the rows of a Dataset, with the executors of its Spark session: a barrier job with one task for each rank.
 *
 * <pre>{@code
 * SparkRun run = SparkTrainer.withRanks(4).runs(Path.of("/shared/runs")).fit(tickets, SparkTrainer.recipe("recipe.yaml"));
 * }</pre>
 *
 * <p>With as many ranks and threads it computes what {@code shoestring launch} does on a file of the same rows.
 */
public final class SparkTrainer {
    private static final int MOST_RANKS = 4096;
    private static final String DESCRIPTION = "spark.job.description";

    private final int ranks;
    private final Path runs;
    private final List<String> options;

    private SparkTrainer(int ranks, Path runs, List<String> options) {
        this.ranks = ranks;
        this.runs = runs;
        this.options = options;
    }

    /**
     * With so many ranks, each a task of {@code spark.task.cpus} cores.
     *
     * @throws InputException if it is no number of ranks
     */
    public static SparkTrainer withRanks(int ranks) {
        if (ranks < 1 || ranks > MOST_RANKS) {
            throw new InputException("ranks: must be from 1 to " + MOST_RANKS + ", but is " + ranks);
        }
        return new SparkTrainer(ranks, Path.of("runs"), List.of());
    }

    /**
     * The same with another folder for runs. If driver and executors share it, a job whose executor is lost goes on from the last checkpoint;
     * if not, it begins anew, and the run comes back through Spark when it is done.
     */
    public SparkTrainer runs(Path other) {
        return new SparkTrainer(ranks, other, options);
    }

    /** The same with further options for the Java process of each rank, such as {@code -Xmx4g}. */
    public SparkTrainer javaOptions(List<String> other) {
        return new SparkTrainer(ranks, runs, List.copyOf(other));
    }

    /**
     * A recipe whose training data is a Dataset: what it says of {@code data.train}, {@code data.query} or {@code data.from} is left out.
     *
     * @param nameOrPath a bundled recipe or a YAML file
     * @param overrides {@code key.path=value}
     */
    public static Recipe recipe(String nameOrPath, String... overrides) {
        List<String> all = new ArrayList<>(
                List.of("data.query=", "data.from=", "data.reader=", "data.train=" + ShippedRecipe.ROWS));
        all.addAll(List.of(overrides));
        return Recipes.load(nameOrPath, all);
    }

    /**
     * Trains. The Dataset takes the place of the recipe's training data; the recipe's {@code data.text} and {@code data.label} name its columns.
     * Nothing depends on how it is partitioned or in which order its rows come.
     *
     * @throws dev.shoestring.recipe.UserException if recipe, data, model or cluster are not fit to train
     * @throws IllegalStateException if ranks were lost more often than Spark tries a stage ({@code spark.stage.maxConsecutiveAttempts})
     */
    public SparkRun fit(Dataset<Row> dataset, Recipe recipe) {
        ShippedRecipe.requireTask(recipe);
        DatasetColumns columns = DatasetColumns.of(recipe, dataset.schema());
        SparkContext context = dataset.sparkSession().sparkContext();
        Cluster.require(context, ranks);
        Path folder = runs.toAbsolutePath().normalize();
        String id = "spark-" + UUID.randomUUID();
        Path runFile = folder.resolve("." + id);
        RankTask.Job job = new RankTask.Job(
                id,
                RecipeYaml.write(ShippedRecipe.of(recipe, columns)),
                columns,
                folder.toString(),
                runFile.toString(),
                options);
        try {
            Files.createDirectories(folder);
            Files.createFile(runFile);
            List<Tuple2<String, byte[]>> said =
                    described(context, recipe.name(), () -> run(columns.select(dataset), job));
            RankReport.refusal(said).ifPresent(message -> {
                throw new InputException(message);
            });
            return SparkRun.read(RankReport.run(said, folder));
        } catch (IOException failed) {
            throw new InputException(
                    folder + ": a run folder cannot be made here (" + failed.getMessage() + "); choose another place",
                    failed);
        } finally {
            delete(runFile);
        }
    }

    /** Spark tries a barrier stage again only if another follows it: one that brings all reports into one partition. */
    private List<Tuple2<String, byte[]>> run(Dataset<Row> chosen, RankTask.Job job) {
        ClassTag<Tuple2<String, byte[]>> tag = ClassTag$.MODULE$.apply(Tuple2.class);
        RDD<Tuple2<String, byte[]>> reports =
                RankRows.of(chosen, ranks).rdd().barrier().mapPartitions(new RankTask(job), false, tag);
        return JavaRDD.fromRDD(reports, tag).repartition(1).collect();
    }

    /** Runs it under a name that Spark's pages show. */
    private static List<Tuple2<String, byte[]>> described(
            SparkContext context, String name, Callable<List<Tuple2<String, byte[]>>> work) {
        String before = context.getLocalProperty(DESCRIPTION);
        context.setLocalProperty(DESCRIPTION, "Shoestring: " + name);
        try {
            return work.call();
        } catch (RuntimeException ours) {
            throw ours;
        } catch (Exception aborted) {
            // Spark's exceptions are checked, though Scala declares none.
            throw new IllegalStateException("the barrier job failed: " + aborted.getMessage(), aborted);
        } finally {
            context.setLocalProperty(DESCRIPTION, before);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException left) {
            // An empty file with a dot before its name does no harm.
        }
    }
}
