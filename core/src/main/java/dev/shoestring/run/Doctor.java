package dev.shoestring.run;

import com.sun.management.OperatingSystemMXBean;
import dev.shoestring.cost.EnergyMeter;
import dev.shoestring.cost.MachineProfile;
import dev.shoestring.cost.Processor;
import dev.shoestring.tensor.LibTorch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Looks at the machine and measures it.
 *
 * @param findings what there is, in the order it is shown
 * @param profile what was measured; kept as this machine's profile
 * @param profileFile where it is kept
 */
public record Doctor(List<Finding> findings, MachineProfile profile, Path profileFile) {
    private static final double GIB = 1L << 30;
    private static final Path GPUS = Path.of("/proc/driver/nvidia/gpus");
    private static final double LITTLE_MEMORY = 3 * GIB;
    private static final double LITTLE_DISK = 2 * GIB;
    private static final Set<String> ASKED =
            Set.of("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8", "avx_vnni", "bf16", "sve");

    /** Copies the list. */
    public Doctor {
        findings = List.copyOf(findings);
    }

    /**
     * One thing that was looked at.
     *
     * @param what its name
     * @param found what was found
     * @param good false if it stands in the way of training
     * @param advice what to do about it; empty if there is nothing to do
     */
    public record Finding(String what, String found, boolean good, String advice) {}

    /**
     * Looks and measures, and keeps the profile.
     *
     * @throws dev.shoestring.recipe.InputException if the profile cannot be kept, or this folder cannot be written to
     */
    public static Doctor examine(RunListener listener) {
        MachineProfile profile = new MachineProbe(listener).measure();
        Path file = MachineProfile.file();
        profile.save(file);
        return new Doctor(look(), profile, file);
    }

    private static List<Finding> look() {
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding(
                "Java", System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")", true, ""));
        findings.add(new Finding(
                "LibTorch",
                LibTorch.version() + ", kernels for " + LibTorch.cpuCapability() + ", " + LibTorch.threads()
                        + " threads",
                true,
                ""));
        findings.add(new Finding("processor", Processor.id(), true, ""));
        findings.add(new Finding("cores", Integer.toString(Runtime.getRuntime().availableProcessors()), true, ""));
        Set<String> sets = Processor.instructionSets(ASKED);
        boolean bf16 = sets.stream().anyMatch(set -> set.endsWith("bf16"));
        findings.add(new Finding(
                "instruction sets",
                sets.isEmpty() ? "not known" : String.join(", ", sets),
                true,
                bf16 ? "" : "no bf16 in hardware: precision auto takes fp32"));
        memory(findings);
        disk(findings);
        findings.add(gpus());
        boolean metered = EnergyMeter.counted();
        findings.add(new Finding(
                "energy meter",
                metered ? "RAPL" : "none that this user may read",
                true,
                metered ? "" : "energy is estimated from processor time"));
        return findings;
    }

    private static void memory(List<Finding> findings) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            double total = system.getTotalMemorySize();
            double free = system.getFreeMemorySize();
            boolean enough = total >= LITTLE_MEMORY;
            findings.add(new Finding(
                    "memory",
                    String.format(
                            Locale.ROOT,
                            "%.1f GiB, %.1f GiB unused; Java heap at most %.1f GiB",
                            total / GIB,
                            free / GIB,
                            Runtime.getRuntime().maxMemory() / GIB),
                    enough,
                    enough ? "" : "fine-tuning MiniLM takes 2 to 3 GiB"));
        }
    }

    private static void disk(List<Finding> findings) {
        Path here = Path.of("").toAbsolutePath();
        try {
            double free = Files.getFileStore(here).getUsableSpace();
            boolean enough = free >= LITTLE_DISK;
            findings.add(new Finding(
                    "disk",
                    String.format(Locale.ROOT, "%.1f GiB free in %s", free / GIB, here),
                    enough,
                    enough ? "" : "libraries, model and a run take about 2 GiB"));
        } catch (IOException unknown) {
            findings.add(new Finding("disk", "cannot be asked (" + unknown + ")", false, ""));
        }
    }

    private static Finding gpus() {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(GPUS)) {
            try (DirectoryStream<Path> cards = Files.newDirectoryStream(GPUS)) {
                for (Path card : cards) {
                    names.add(Files.readAllLines(card.resolve("information")).stream()
                            .filter(line -> line.startsWith("Model:"))
                            .map(line -> line.substring("Model:".length()).strip())
                            .findFirst()
                            .orElse("NVIDIA"));
                }
            } catch (IOException hidden) {
                names.add("NVIDIA driver present, devices not readable");
            }
        }
        return names.isEmpty()
                ? new Finding("GPUs", "none", true, "")
                : new Finding("GPUs", String.join(", ", names), true, "this build trains on the processor only");
    }
}
