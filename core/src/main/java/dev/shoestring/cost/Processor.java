package dev.shoestring.cost;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the operating system says about the processor. */
public final class Processor {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Processor() {}

    /** Its name; the architecture where the system does not tell. */
    public static String name() {
        return value("model name"::equals);
    }

    /** Its name with family and model, because names of virtual processors do not tell generations apart. */
    public static String id() {
        return name() + ", family " + value(key -> key.equals("cpu family")) + ", model " + value("model"::equals);
    }

    private static String value(Predicate<String> key) {
        try (Stream<String> lines = Files.lines(CPU_INFO, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.indexOf(':') > 0)
                    .filter(line ->
                            key.test(line.substring(0, line.indexOf(':')).strip()))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException notLinux) {
            return System.getProperty("os.arch");
        }
    }

    /** Of the given instruction sets, those that the kernel lists; empty where it cannot be asked. */
    public static Set<String> instructionSets(Set<String> asked) {
        String flags = value(key -> key.equals("flags") || key.equals("Features"));
        Set<String> found = new TreeSet<>(asked);
        found.retainAll(Arrays.asList(flags.split("\\s+", -1)));
        return found;
    }
}
