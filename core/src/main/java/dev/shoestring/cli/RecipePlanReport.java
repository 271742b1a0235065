package dev.shoestring.cli;

import dev.shoestring.plan.Plan;
import dev.shoestring.plan.PlannedTeacher;
import dev.shoestring.plan.RecipePlan;
import dev.shoestring.report.Figures;
import dev.shoestring.report.TextTableFormat;
import dev.shoestring.report.TextTableFormat.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The plan of a recipe as text and as JSON. */
final class RecipePlanReport {
    private static final double MIB = 1 << 20;

    private RecipePlanReport() {}

    static String text(RecipePlan plan) {
        StringBuilder out = new StringBuilder();
        out.append(plan.name())
                .append(": predicted, not measured, on ")
                .append(plan.where())
                .append('\n');
        out.append("Basis: ").append(plan.basis()).append("\n\n");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "parameters",
                Figures.quantity(plan.parameters(), ""),
                Figures.quantity(plan.trained(), "") + " trained, " + plan.precision()));
        rows.add(List.of(
                "data",
                Figures.count(Math.round(plan.examples())),
                plan.meanTokens() > 0
                        ? String.format(
                                Locale.ROOT,
                                "%s of %.1f tokens, %,.0f steps",
                                plan.unit(),
                                plan.meanTokens(),
                                plan.steps())
                        : String.format(Locale.ROOT, "%s, %,.0f steps", plan.unit(), plan.steps())));
        rows.add(List.of("training FLOPs", Figures.quantity(plan.flops(), "FLOP"), ""));
        rows.add(List.of("time", Figures.duration(plan.seconds().middle()), range(plan.seconds())));
        rows.add(List.of(
                "energy, estimated",
                Figures.quantity(plan.joules().middle(), "J"),
                Figures.quantity(plan.joules().low(), "J") + " to "
                        + Figures.quantity(plan.joules().high(), "J")));
        Plan.Interval money = plan.money();
        rows.add(List.of(
                "money", money == null ? "–" : Figures.money(money.middle(), plan.currency()), plan.priceSource()));
        rows.add(List.of("peak memory", String.format(Locale.ROOT, "%,.0f MiB", plan.memoryTotal() / MIB), ""));
        PlannedTeacher teacher = plan.teacher();
        if (teacher != null) {
            rows.add(teacher(plan, teacher));
        }
        out.append(TextTableFormat.of(Column.words("what"), Column.numbers("predicted"), Column.words("of that"))
                .format(rows));
        out.append("\nWhere the time goes\n");
        plan.parts()
                .forEach((name, seconds) -> out.append(String.format(Locale.ROOT, "  %-30s %8.1f s%n", name, seconds)));
        if (!plan.budget().isEmpty()) {
            out.append("\nThe budget\n");
            plan.budget().forEach(line -> out.append("  ").append(line).append('\n'));
        }
        out.append("\nWhere the memory goes\n");
        plan.memory()
                .forEach((name, bytes) ->
                        out.append(String.format(Locale.ROOT, "  %-30s %8.0f MiB%n", name, bytes / MIB)));
        if (!plan.advice().isEmpty()) {
            out.append("\nWhat would pay\n")
                    .append(TextTableFormat.of(
                                    Column.words("technique"),
                                    Column.words("verdict"),
                                    Column.words("expected"),
                                    Column.words("evidence"))
                            .format(plan.advice().stream()
                                    .map(a -> List.of(a.technique(), a.verdict().toString(), a.saving(), a.evidence()))
                                    .toList()));
        }
        return out.toString();
    }

    private static List<String> teacher(RecipePlan plan, PlannedTeacher teacher) {
        double share = teacher.seconds() / plan.seconds().middle();
        Plan.Interval money = plan.money();
        return List.of(
                "the teacher of it",
                Figures.quantity(teacher.flops(), "FLOP"),
                String.format(
                        Locale.ROOT,
                        "%s, %.0f%% of the time%s, %,.0f MiB; %s parameters; %s",
                        Figures.duration(teacher.seconds()),
                        100 * share,
                        money == null ? "" : ", " + Figures.money(share * money.middle(), plan.currency()),
                        teacher.bytes() / MIB,
                        Figures.quantity(teacher.parameters(), ""),
                        teacher.how()));
    }

    private static String range(Plan.Interval seconds) {
        return Figures.duration(seconds.low()) + " to " + Figures.duration(seconds.high());
    }

    static Map<String, Object> json(RecipePlan plan) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("predicted", true);
        document.put("recipe", plan.name());
        document.put("hardware", plan.where());
        document.put("basis", plan.basis());
        document.put("precision", plan.precision());
        document.put("parameters", plan.parameters());
        document.put("trained_parameters", plan.trained());
        document.put("unit", plan.unit());
        document.put("examples", plan.examples());
        document.put("mean_tokens", plan.meanTokens());
        document.put("steps", plan.steps());
        document.put("flops", plan.flops());
        document.put("seconds", plan.seconds());
        document.put("seconds_parts", plan.parts());
        document.put("energy_joules", plan.joules());
        document.put("money", PlanReport.money(plan.money(), plan.currency(), plan.priceSource()));
        document.put("peak_memory_bytes", plan.memoryTotal());
        document.put("memory_parts_bytes", plan.memory());
        PlannedTeacher teacher = plan.teacher();
        if (teacher != null) {
            Map<String, Object> part = new LinkedHashMap<>();
            part.put("how", teacher.how());
            part.put("parameters", teacher.parameters());
            part.put("flops", teacher.flops());
            part.put("seconds", teacher.seconds());
            part.put("memory_bytes", teacher.bytes());
            document.put("teacher", part);
        }
        document.put("budget", plan.budget());
        document.put("advice", plan.advice().stream().map(PlanReport::advice).toList());
        return document;
    }
}
