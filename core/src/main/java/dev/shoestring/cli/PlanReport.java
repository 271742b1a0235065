package dev.shoestring.cli;

import dev.shoestring.plan.Advice;
import dev.shoestring.plan.MemoryParts;
import dev.shoestring.plan.Plan;
import dev.shoestring.plan.StepTime;
import dev.shoestring.report.Figures;
import dev.shoestring.report.TextTableFormat;
import dev.shoestring.report.TextTableFormat.Column;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A plan as text and as JSON. */
final class PlanReport {
    private static final double GIB = 1L << 30;
    private static final double JOULES_IN_A_WH = 3600;

    private PlanReport() {}

    static String text(Plan plan, List<Advice> advice) {
        StringBuilder out = new StringBuilder();
        out.append("Predicted, not measured. ").append(plan.hardware().title()).append('\n');
        out.append(plan.layout().inWords()).append("\n\n");
        out.append(TextTableFormat.of(Column.words("what"), Column.numbers("predicted"), Column.words("of that"))
                .format(rows(plan)));
        out.append("\nWhere a step's time goes\n").append(shares(step(plan.step()), "s"));
        out.append("\nMemory of the fullest device, of ")
                .append(String.format(Locale.ROOT, "%.1f GiB%n", plan.hardware().memory() / GIB))
                .append(shares(memory(plan.memory()), "GiB"));
        out.append("\nWhat would pay\n")
                .append(TextTableFormat.of(
                                Column.words("technique"),
                                Column.words("verdict"),
                                Column.words("expected"),
                                Column.words("evidence"))
                        .format(advice.stream()
                                .map(a -> List.of(a.technique(), a.verdict().toString(), a.saving(), a.evidence()))
                                .toList()));
        return out.toString();
    }

    private static List<List<String>> rows(Plan plan) {
        List<List<String>> rows = new java.util.ArrayList<>();
        rows.add(List.of(
                "parameters",
                numbers((double) plan.job().model().parameters()),
                numbers((double) plan.job().model().activeParameters()) + " used by a token, "
                        + numbers(plan.job().trained()) + " trained"));
        rows.add(List.of(
                "training FLOPs",
                Figures.quantity(plan.modelFlops(), "FLOP"),
                String.format(
                        Locale.ROOT,
                        "%.1f%% of the %s peak (MFU)",
                        100 * plan.mfu(),
                        plan.job().precision())));
        rows.add(List.of(
                "steps",
                Figures.count(Math.round(plan.steps())),
                Figures.quantity(plan.job().batchTokens(), "tokens") + " each, "
                        + Figures.quantity(plan.tokensPerSecond(), "tokens/s") + " a device"));
        rows.add(List.of(
                "time",
                duration(plan.seconds().middle()),
                duration(plan.seconds().low()) + " to "
                        + duration(plan.seconds().high()) + ", "
                        + Figures.quantity(plan.deviceHours(), "device-hours")));
        rows.add(List.of(
                "energy of the boards",
                wattHours(plan.energy().middle()),
                wattHours(plan.energy().low()) + " to "
                        + wattHours(plan.energy().high())));
        Plan.Interval money = plan.money();
        var price = plan.hardware().price();
        rows.add(
                money == null || price == null
                        ? List.of("money", "–", "no price in the catalogue")
                        : List.of(
                                "money",
                                Figures.money(money.middle(), plan.currency()),
                                Figures.money(money.low(), plan.currency()) + " to "
                                        + Figures.money(money.high(), plan.currency()) + ", at " + price.perHour()
                                        + " an hour (" + price.source() + ", " + price.asOf() + ")"));
        rows.add(List.of(
                "memory",
                String.format(Locale.ROOT, "%.1f GiB", plan.memory().total() / GIB),
                "largest micro-batch that fits: " + plan.largestMicroBatch()));
        return rows;
    }

    /** A duration, in days from two days on. */
    static String duration(double seconds) {
        return seconds < 2 * 86_400
                ? Figures.duration(seconds)
                : String.format(Locale.ROOT, "%,.1f days", seconds / 86_400);
    }

    /** Parameters as people count them: thousands, millions, billions, trillions. */
    private static String numbers(double count) {
        return Figures.quantity(count, "").strip().replace("G", "B");
    }

    private static String wattHours(double joules) {
        return Figures.quantity(joules / JOULES_IN_A_WH, "Wh");
    }

    private static Map<String, Double> step(StepTime step) {
        Map<String, Double> parts = new LinkedHashMap<>();
        parts.put("matrix products", step.matrices());
        parts.put("attention", step.attention());
        parts.put("element-wise", step.elementWise());
        parts.put("starting kernels", step.launches());
        parts.put("optimizer", step.optimizer());
        parts.put("communication not hidden", step.communication());
        parts.put("pipeline bubble", step.bubble());
        parts.put("restarts, checkpoints, evaluation", step.lost());
        return parts;
    }

    private static Map<String, Double> memory(MemoryParts memory) {
        Map<String, Double> parts = new LinkedHashMap<>();
        parts.put("weights", memory.weights() / GIB);
        parts.put("gradients", memory.gradients() / GIB);
        parts.put("optimizer", memory.optimizer() / GIB);
        parts.put("activations", memory.activations() / GIB);
        parts.put("logits", memory.logits() / GIB);
        parts.put("communication buffers", memory.buffers() / GIB);
        parts.put("driver, kernels, fragments", memory.runtime() / GIB);
        return parts;
    }

    private static String shares(Map<String, Double> parts, String unit) {
        double sum = parts.values().stream().mapToDouble(Double::doubleValue).sum();
        StringBuilder out = new StringBuilder();
        parts.forEach((name, value) -> {
            if (value > 0.0005 * sum) {
                int bar = (int) Math.round(40 * value / sum);
                out.append(String.format(
                        Locale.ROOT, "  %-34s %9.3f %-4s %s%n", name, value, unit, "█".repeat(Math.max(bar, 0))));
            }
        });
        return out.toString();
    }

    /** What a plan costs, as {@code --json} has it; without amounts where there is no price. */
    static Map<String, Object> money(Plan.@Nullable Interval amount, String currency, @Nullable String source) {
        Map<String, Object> money = new LinkedHashMap<>();
        if (amount != null) {
            money.put("low", amount.low());
            money.put("middle", amount.middle());
            money.put("high", amount.high());
        }
        money.put("currency", currency);
        money.put("price_source", source);
        return money;
    }

    static Map<String, Object> json(Plan plan, List<Advice> advice) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("predicted", true);
        document.put("hardware", plan.hardware().name());
        document.put("precision", plan.job().precision());
        document.put("parameters", plan.job().model().parameters());
        document.put("active_parameters", plan.job().model().activeParameters());
        document.put("trained_parameters", plan.job().trained());
        document.put("flops", plan.modelFlops());
        document.put("mfu", plan.mfu());
        document.put("steps", plan.steps());
        document.put("step_seconds", plan.step().total());
        document.put("tokens_per_second_per_device", plan.tokensPerSecond());
        document.put("seconds", plan.seconds());
        document.put("device_hours", plan.deviceHours());
        document.put("energy_joules", plan.energy());
        var price = plan.hardware().price();
        document.put(
                "money",
                money(plan.money(), plan.currency(), price == null ? null : price.source() + ", " + price.asOf()));
        document.put("layout", layout(plan));
        document.put("step_parts_seconds", step(plan.step()));
        Map<String, Object> memory = new LinkedHashMap<>(memory(plan.memory()));
        memory.put("total", plan.memory().total() / GIB);
        document.put("memory_gib", memory);
        document.put("largest_micro_batch", plan.largestMicroBatch());
        document.put("advice", advice.stream().map(PlanReport::advice).toList());
        return document;
    }

    static Map<String, Object> advice(Advice advice) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("technique", advice.technique());
        entry.put("verdict", advice.verdict().toString());
        entry.put("expected", advice.saving());
        entry.put("evidence", advice.evidence());
        return entry;
    }

    private static Map<String, Object> layout(Plan plan) {
        Map<String, Object> layout = new LinkedHashMap<>();
        layout.put("devices", plan.layout().devices());
        layout.put("data", plan.layout().data());
        layout.put("tensor", plan.layout().tensor());
        layout.put("pipeline", plan.layout().pipeline());
        layout.put("shard", plan.layout().shard().toString());
        layout.put("recompute", plan.layout().recompute().toString());
        layout.put("micro_batch", plan.layout().microBatch());
        return layout;
    }
}
