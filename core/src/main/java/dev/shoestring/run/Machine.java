package dev.shoestring.run;

import dev.shoestring.tensor.LibTorch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** Where a run happens, in words. */
final class Machine {
    private Machine() {}

    /** The processor's name and the number of its cores that this process may use. */
    static String processor() {
        String name = System.getProperty("os.arch");
        try {
            name = Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(name);
        } catch (IOException notLinux) {
            // The architecture's name must do.
        }
        return "cpu: " + name + ", " + Runtime.getRuntime().availableProcessors() + " cores";
    }

    /** Versions of what a result depends on. */
    static Map<String, String> versions() {
        String own = Objects.requireNonNullElse(Machine.class.getPackage().getImplementationVersion(), "development");
        return Map.of(
                "shoestring",
                own,
                "libtorch",
                LibTorch.version(),
                "java",
                System.getProperty("java.version"),
                "os",
                System.getProperty("os.name") + " " + System.getProperty("os.version"));
    }
}
