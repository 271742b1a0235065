package dev.shoestring.report;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run was, reached and cost: {@code summary.json}. The keys are always the same; what is not known is null, never absent.
 *
 * @param name the recipe's name
 * @param task what the model was trained to do: {@code text-classification}
 * @param model the reference it was made from
 * @param status why the run ended: {@code completed}, {@code target_reached}, {@code budget}, …
 * @param outcome what was reached on the validation split
 * @param test what the best model reached on the test split
 * @param baseline what the cheap baseline reached
 * @param data the sizes of the data
 * @param work how much was computed
 * @param parameters the size of the model
 * @param machine where it ran
 * @param cost what it took
 * @param seed seed of everything random
 * @param versions version of each part: {@code shoestring}, {@code java}, {@code libtorch}, …
 */
public record RunSummary(
        String name,
        String task,
        String model,
        String status,
        @JsonUnwrapped Outcome outcome,
        @Nullable Test test,
        @Nullable Baseline baseline,
        @Nullable Data data,
        @JsonUnwrapped Work work,
        Parameters parameters,
        @JsonUnwrapped Machine machine,
        @JsonUnwrapped Cost cost,
        long seed,
        Map<String, String> versions) {
    /** Copies the versions, sorted by name. */
    public RunSummary {
        for (Object part :
                new Object[] {name, task, model, status, outcome, work, parameters, machine, cost, versions}) {
            if (part == null) {
                throw new IllegalArgumentException(
                        "name, task, model, status, parameters, versions and the figures of a run "
                                + "must all be given");
            }
        }
        versions = java.util.Collections.unmodifiableMap(new TreeMap<>(versions));
    }

    /**
     * What was reached on the validation split.
     *
     * @param metric the watched metric: {@code accuracy}, {@code macro_f1} or {@code loss}
     * @param value its best value
     * @param target the value asked for
     * @param targetReached whether an evaluation reached it
     * @param bestStep step of the best value
     * @param preference what was measured on held-out preference pairs; null for other tasks
     */
    public record Outcome(
            String metric,
            @Nullable Double value,
            @Nullable Double target,
            @Nullable Boolean targetReached,
            @Nullable Long bestStep,
            @Nullable Preference preference) {
        /** That of a task other than preference tuning. */
        public Outcome(
                String metric,
                @Nullable Double value,
                @Nullable Double target,
                @Nullable Boolean targetReached,
                @Nullable Long bestStep) {
            this(metric, value, target, targetReached, bestStep, null);
        }
    }

    /**
     * What preference tuning did to held-out pairs.
     *
     * @param before before the first step
     * @param after with the weights that were kept
     */
    public record Preference(
            @Nullable Pairs before, @Nullable Pairs after) {}

    /**
     * How well a model prefers the better answers of pairs.
     *
     * @param loss mean loss of a pair
     * @param accuracy share of pairs whose better answer has the greater reward
     * @param rewardMargin mean difference of the rewards
     */
    public record Pairs(
            double loss,
            @Nullable Double accuracy,
            @Nullable Double rewardMargin) {}

    /**
     * What the best model reached on the test split.
     *
     * @param accuracy share of examples with the right label; null where nothing is chosen
     * @param macroF1 unweighted mean of the labels' F1 scores; null where there are no labels
     * @param loss mean cross-entropy of a label or a token, nats
     * @param bitsPerByte cross-entropy of the text over its bytes; null where no text is modelled
     * @param rewardMargin how much greater the reward of the better of two answers is, a mean; null where none are compared
     * @param examples examples or pairs in the split, or tokens where each has a loss
     */
    public record Test(
            @Nullable Double accuracy,
            @Nullable Double macroF1,
            double loss,
            @Nullable Double bitsPerByte,
            @Nullable Double rewardMargin,
            long examples) {
        /** That of a classifier. */
        public Test(double accuracy, double macroF1, double loss, long examples) {
            this(accuracy, macroF1, loss, null, null, examples);
        }

        /** The name of the figure that says most: {@code accuracy} or {@code loss}. */
        public String headline() {
            return accuracy == null ? "loss" : "accuracy";
        }

        /** The figure that says most: accuracy, or else the loss. */
        public String figure() {
            return Figures.score(accuracy == null ? loss : accuracy);
        }

        /** The others in words, if there are any: {@code 0.823 macro-F1} or {@code 1.23 bits per byte}. */
        public String others() {
            if (rewardMargin != null) {
                return Figures.score(rewardMargin) + " reward margin, " + Figures.score(loss) + " loss";
            }
            return bitsPerByte != null
                    ? Figures.score(bitsPerByte) + " bits per byte"
                    : macroF1 != null ? Figures.score(macroF1) + " macro-F1" : "";
        }

        /** What it was measured on: examples, pairs, or tokens where each has a loss. */
        public String terms() {
            if (rewardMargin != null) {
                return Figures.count(examples) + " pairs";
            }
            return Figures.count(examples) + (accuracy == null ? " tokens" : " examples");
        }
    }

    /**
     * What the cheap baseline reached.
     *
     * @param accuracy on the validation split
     * @param testAccuracy on the test split
     * @param seconds wall time of its training
     * @param reachedTarget whether it reached the run's target, so that nothing more was needed
     * @param value the watched metric on the validation split; null in a summary that an earlier version wrote
     * @param name what it is, such as {@code bag-of-words}; null as above
     */
    public record Baseline(
            double accuracy,
            @Nullable Double testAccuracy,
            double seconds,
            @Nullable Boolean reachedTarget,
            @Nullable Double value,
            @Nullable String name) {
        /** A baseline whose watched metric is accuracy. */
        public Baseline(
                double accuracy, @Nullable Double testAccuracy, double seconds, @Nullable Boolean reachedTarget) {
            this(accuracy, testAccuracy, seconds, reachedTarget, accuracy, "bag-of-words");
        }

        /** Its name in words. */
        public String words() {
            return (name == null ? "bag-of-words" : name).replace('-', ' ');
        }

        /** The watched metric on the validation split. */
        public double watched() {
            return value == null ? accuracy : value;
        }
    }

    /**
     * The sizes of the data.
     *
     * @param train examples trained on
     * @param validation examples of the validation split
     * @param test examples of the test split
     * @param labels number of labels
     * @param imbalance examples of the most frequent label for one of the rarest, in the training split
     */
    public record Data(long train, long validation, long test, int labels, double imbalance) {}

    /**
     * How much was computed.
     *
     * @param steps optimizer steps
     * @param epochs passes over the training split, a fraction when stopped early
     * @param examplesSeen examples trained on, repeats counted
     * @param tokensSeen real tokens trained on, repeats counted
     * @param flops floating-point operations of training, from the arithmetic of the model
     */
    public record Work(
            long steps,
            double epochs,
            long examplesSeen,
            long tokensSeen,
            @Nullable Double flops) {}

    /**
     * The size of the model, in numbers.
     *
     * @param total all of them
     * @param trained those that were updated
     */
    public record Parameters(long total, long trained) {}

    /**
     * Where it ran.
     *
     * @param precision arithmetic of the matrix products: {@code fp32}, {@code bf16}
     * @param device the processor or accelerator
     * @param processes processes that trained together
     */
    public record Machine(String precision, String device, int processes) {}

    /**
     * What it took.
     *
     * @param wallSeconds from the first step to the end, evaluation counted
     * @param cpuSeconds processor time of all threads
     * @param secondsToTarget until an evaluation reached the target
     * @param costToTarget all else until then
     * @param energy energy used
     * @param money its price
     * @param peakMemoryBytes the most memory held
     * @param throughput speed of training
     * @param mfu operations of the steps a second, evaluation not counted, against the matrix product that {@code doctor} measured
     * @param bytesBetweenProcesses bytes sent to other processes
     */
    public record Cost(
            double wallSeconds,
            double cpuSeconds,
            @Nullable Double secondsToTarget,
            @Nullable ToTarget costToTarget,
            @Nullable Energy energy,
            @Nullable Money money,
            PeakMemory peakMemoryBytes,
            @Nullable Throughput throughput,
            @Nullable Double mfu,
            long bytesBetweenProcesses) {}

    /**
     * What had been spent when an evaluation first reached the target.
     *
     * @param flops floating-point operations
     * @param joules energy
     * @param money its price, in the currency of the whole run
     */
    public record ToTarget(double flops, double joules, double money) {}

    /**
     * Energy used by training.
     *
     * @param joules how much
     * @param source {@code rapl} or {@code nvml} when a counter was read, {@code estimated} otherwise
     */
    public record Energy(double joules, String source) {}

    /**
     * A price.
     *
     * @param amount in units of the currency
     * @param currency its ISO 4217 code
     * @param priceSource where the prices come from
     */
    public record Money(double amount, String currency, String priceSource) {}

    /**
     * The most memory held, in bytes.
     *
     * @param host resident memory of the process
     * @param device memory of the accelerator
     */
    public record PeakMemory(@Nullable Long host, @Nullable Long device) {}

    /**
     * Speed of training.
     *
     * @param value how many a second, evaluation not counted
     * @param unit of what: {@code tokens/s}; padding is never counted
     */
    public record Throughput(double value, String unit) {}

    /** The JSON document, indented. */
    public String toJson() {
        try {
            return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a summary is always JSON", e);
        }
    }

    /**
     * Writes {@code file} atomically.
     *
     * @throws dev.shoestring.recipe.InputException if it cannot be written
     */
    public void write(Path file) {
        RunFile.replace(file, toJson());
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws dev.shoestring.recipe.InputException if the file is missing or is not a summary
     */
    public static RunSummary read(Path file) {
        try {
            return Json.MAPPER.readValue(Files.readAllBytes(file), RunSummary.class);
        } catch (JsonProcessingException e) {
            throw new dev.shoestring.recipe.InputException(
                    file + ": is not the summary of a run (" + e.getOriginalMessage() + ")", e);
        } catch (IOException e) {
            throw RunFile.cannotRead(file, e);
        }
    }
}
