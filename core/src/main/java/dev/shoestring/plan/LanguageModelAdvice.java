package dev.shoestring.plan;

import dev.shoestring.plan.Advice.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which techniques would pay on the training of a language model. Where the planner can work a technique out, it plans the job again with
 * it; where only published experience says something, that is quoted with the scale it was seen at.
 */
public final class LanguageModelAdvice {
    private static final double WORTHWHILE = 0.95;
    private static final double LARGE = 3e9;
    private static final double VERY_LARGE = 1e22;
    private static final String PLANNED = "this planner, backtested";

    private final Plan plan;
    private final Planner planner;
    private final List<Advice> advice = new ArrayList<>();

    private LanguageModelAdvice(Plan plan) {
        this.plan = plan;
        this.planner = new Planner(plan.hardware());
    }

    /** Advice for a plan, and the cheapest of other hardware for it. */
    public static List<Advice> of(Plan plan, HardwareCatalogue catalogue) {
        LanguageModelAdvice made = new LanguageModelAdvice(plan);
        made.precision();
        made.fusion();
        made.recomputation();
        made.lowRank();
        made.chunkedLoss();
        made.published();
        made.otherHardware(catalogue);
        return made.advice;
    }

    private void precision() {
        Workload job = plan.job();
        if (job.precision().equals("fp32")) {
            for (String lower : List.of("bf16", "fp16")) {
                if (plan.hardware().has(lower)) {
                    again(
                            lower + " mixed precision",
                            with(lower, job.compiled(), job.adaptation(), job.chunkedLoss()),
                            PLANNED);
                    return;
                }
            }
        } else if (plan.hardware().has("fp8") && !job.precision().equals("fp8")) {
            Workload fp8 = with("fp8", job.compiled(), job.adaptation(), job.chunkedLoss());
            if (job.model().parameters() < LARGE) {
                advice.add(new Advice(
                        "fp8 products",
                        Verdict.DOES_NOT_PAY,
                        "no gain at this size",
                        "nanochat's log: slower at GPT-2 scale; torchtitan: +28% at 8B"));
            } else {
                again("fp8 products", fp8, "torchtitan: 6,667 to 8,532 tokens/s at 8B; " + PLANNED);
            }
        }
    }

    private void fusion() {
        Workload job = plan.job();
        if (!job.compiled()) {
            again(
                    "fused element-wise operations (a compiler)",
                    with(job.precision(), true, job.adaptation(), job.chunkedLoss()),
                    "torchtitan: 5,762 to 6,667 tokens/s at 8B; " + PLANNED);
        }
    }

    private void recomputation() {
        Layout layout = plan.layout();
        if (layout.recompute() != Layout.Recompute.NONE) {
            Optional<Plan> without = planner.tryPlan(plan.job(), Wishes.devices(layout.devices()));
            without.filter(other -> other.layout().recompute() == Layout.Recompute.NONE)
                    .ifPresent(other -> compare("no activation recomputation", other, PLANNED));
        } else {
            advice.add(new Advice(
                    "activation recomputation",
                    Verdict.DOES_NOT_PAY,
                    "memory is not the limit; it would add up to a third of the work",
                    "Chen et al., arXiv 1604.06174; " + PLANNED));
        }
    }

    private void lowRank() {
        Workload job = plan.job();
        if (!job.frozen()) {
            Workload lora = with(job.precision(), job.compiled(), new Workload.Adaptation.Lora(16), job.chunkedLoss());
            planner.tryPlan(lora, Wishes.devices(plan.layout().devices()))
                    .ifPresent(other -> advice.add(new Advice(
                            "LoRA, rank 16",
                            Verdict.TRY,
                            factor(other) + ", memory " + memory(other)
                                    + "; only to adapt a trained model, not to pre-train",
                            "LoRA Learns Less and Forgets Less, arXiv 2405.09673; " + PLANNED)));
        }
    }

    private void chunkedLoss() {
        Workload job = plan.job();
        double share = plan.memory().logits() / plan.memory().total();
        if (job.chunkedLoss()) {
            return;
        }
        Verdict verdict = share > 0.1 ? Verdict.PAYS : Verdict.DOES_NOT_PAY;
        advice.add(new Advice(
                "chunked output layer and loss",
                verdict,
                String.format(Locale.ROOT, "the logits are %.0f%% of the memory of a device", 100 * share),
                "Cut Your Losses, arXiv 2411.09009: 24 GB to 1 MB on Gemma-2 2B"));
    }

    private void published() {
        double parameters = plan.job().model().parameters();
        boolean training = !plan.job().frozen();
        if (training) {
            advice.add(new Advice(
                    "Muon for the matrices",
                    Verdict.TRY,
                    "about half the tokens to the same loss",
                    "Muon is Scalable, arXiv 2502.16982: twice AdamW's sample efficiency"));
        }
        if (training && plan.job().sequence() >= 1024) {
            advice.add(new Advice(
                    "short sequences first",
                    parameters < LARGE ? Verdict.TRY : Verdict.DOES_NOT_PAY,
                    parameters < LARGE
                            ? "about 1.5 times faster to the same loss"
                            : "attention is a small share of the work",
                    "Composer's method card, GPT-2 125M"));
        }
        if (training && plan.job().model().feedForward().experts() == null) {
            boolean large = plan.modelFlops() > VERY_LARGE;
            advice.add(new Advice(
                    "mixture of experts",
                    large ? Verdict.TRY : Verdict.DOES_NOT_PAY,
                    large ? "the same loss for about 40% of the arithmetic" : "negative at this scale",
                    large ? "DeepSeekMoE, arXiv 2401.06066" : "nanochat's log, GPT-2 scale"));
        }
        boolean apart = plan.layout().devices() > plan.hardware().devicesPerMachine();
        double waiting = plan.step().communication() / plan.step().total();
        if (apart) {
            advice.add(new Advice(
                    "local steps (DiLoCo)",
                    waiting > 0.15 ? Verdict.TRY : Verdict.DOES_NOT_PAY,
                    String.format(Locale.ROOT, "communication takes %.0f%% of a step", 100 * waiting),
                    "arXiv 2311.08105: 500 times less communication"));
        }
    }

    private void otherHardware(HardwareCatalogue catalogue) {
        Plan.Interval here = plan.money();
        if (here == null) {
            return;
        }
        Plan best = null;
        for (Hardware other : catalogue.all()) {
            Hardware.Price price = other.price();
            boolean comparable = price != null
                    && price.currency().equals(plan.currency())
                    && (other.has(plan.job().precision())
                            || plan.job().precision().equals("fp32"));
            if (!comparable || other.name().equals(plan.hardware().name())) {
                continue;
            }
            Plan there = new Planner(other)
                    .tryPlan(plan.job(), Wishes.devices(plan.layout().devices()))
                    .orElse(null);
            if (there != null && there.money() != null && (best == null || money(there) < money(best))) {
                best = there;
            }
        }
        if (best != null && money(best) < WORTHWHILE * here.middle()) {
            advice.add(new Advice(
                    "other hardware: " + best.hardware().name(),
                    Verdict.PAYS,
                    String.format(
                            Locale.ROOT,
                            "%.2f times cheaper, %.2f times the time",
                            here.middle() / money(best),
                            best.seconds().middle() / plan.seconds().middle()),
                    "prices of the catalogue; " + PLANNED));
        }
    }

    private static double money(Plan other) {
        Plan.Interval money = other.money();
        return money == null ? Double.MAX_VALUE : money.middle();
    }

    private Workload with(String precision, boolean compiled, Workload.Adaptation adaptation, boolean chunked) {
        Workload job = plan.job();
        return new Workload(
                job.model(),
                job.sequence(),
                job.tokens(),
                job.batchTokens(),
                precision,
                adaptation,
                compiled,
                chunked,
                job.production());
    }

    private void again(String technique, Workload changed, String evidence) {
        planner.tryPlan(changed, Wishes.devices(plan.layout().devices()))
                .ifPresent(other -> compare(technique, other, evidence));
    }

    private void compare(String technique, Plan other, String evidence) {
        double ratio = other.seconds().middle() / plan.seconds().middle();
        Verdict verdict = ratio < WORTHWHILE ? Verdict.PAYS : Verdict.DOES_NOT_PAY;
        advice.add(new Advice(technique, verdict, factor(other) + ", memory " + memory(other), evidence));
    }

    private String factor(Plan other) {
        return String.format(
                Locale.ROOT,
                "%.2f times the speed",
                plan.seconds().middle() / other.seconds().middle());
    }

    private String memory(Plan other) {
        return String.format(
                Locale.ROOT,
                "%.2f times",
                other.memory().total() / plan.memory().total());
    }
}
