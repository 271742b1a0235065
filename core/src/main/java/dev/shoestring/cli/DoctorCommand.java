package dev.shoestring.cli;

import dev.shoestring.cost.MachineProfile;
import dev.shoestring.report.Figures;
import dev.shoestring.report.ProgressLine;
import dev.shoestring.report.TextTableFormat;
import dev.shoestring.report.TextTableFormat.Column;
import dev.shoestring.run.Doctor;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code shoestring doctor}. */
@Command(
        name = "doctor",
        description = "Looks at this machine, measures what it can do, and keeps that for plan and train.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: shoestring doctor"})
final class DoctorCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        Doctor doctor;
        try (ProgressLine progress = ProgressLine.ofStandardError()) {
            doctor = Doctor.examine(new TerminalListener(progress));
            progress.finish();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (common.json) {
            CommonOptions.print(out, json(doctor));
        } else {
            out.print(text(doctor));
            out.flush();
        }
        return ExitStatus.SUCCESS;
    }

    private static String text(Doctor doctor) {
        List<List<String>> rows = new ArrayList<>();
        for (Doctor.Finding finding : doctor.findings()) {
            rows.add(List.of(finding.good() ? "ok" : "!!", finding.what(), finding.found(), finding.advice()));
        }
        String found = TextTableFormat.of(
                        Column.words(""), Column.words("what"), Column.words("found"), Column.words("note"))
                .format(rows);
        String measured = TextTableFormat.of(Column.words("measured"), Column.numbers("fp32"), Column.numbers("bf16"))
                .format(measured(doctor.profile()));
        return found + "\n" + measured + "\nKept in " + doctor.profileFile()
                + " for plan, MFU and precision: auto. Measure again when the machine is quiet or has changed.\n";
    }

    private static List<List<String>> measured(MachineProfile profile) {
        return List.of(
                rates("matrix product, 2048 × 2048", profile.matrixProduct()),
                rates("3 × 3 convolution, 64 channels", profile.convolution()),
                rates("training a small encoder", profile.encoderStep()),
                rates("its forward pass", profile.encoderForward()),
                List.of("memory, copying", Figures.quantity(profile.memoryBandwidth(), "B/s"), ""),
                List.of("disk, writing", Figures.quantity(profile.diskWrite(), "B/s"), ""),
                List.of("start until LibTorch is ready", Figures.duration(profile.startSeconds()), ""),
                List.of("step of a head on cached features", milliseconds(profile.headStepSeconds()), ""));
    }

    private static String milliseconds(double seconds) {
        return String.format(java.util.Locale.ROOT, "%.2f ms", 1000 * seconds);
    }

    private static List<String> rates(String what, Map<String, Double> byPrecision) {
        return List.of(what, rate(byPrecision.get("fp32")), rate(byPrecision.get("bf16")));
    }

    private static String rate(@org.jspecify.annotations.Nullable Double flops) {
        return flops == null ? "–" : Figures.quantity(flops, "FLOP/s");
    }

    private static Map<String, Object> json(Doctor doctor) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("findings", doctor.findings());
        document.put("profile", doctor.profile());
        document.put("profile_file", doctor.profileFile().toString());
        return document;
    }
}
