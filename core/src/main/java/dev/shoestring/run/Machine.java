package dev.shoestring.run;

import dev.shoestring.cost.Processor;
import dev.shoestring.tensor.Device;
import dev.shoestring.tensor.LibTorch;
import java.util.Map;
import java.util.Objects;

/** Where a run happens, in words. */
final class Machine {
    private Machine() {}

    /** What trains. */
    static String device() {
        return Device.current() == Device.CPU ? processor() : Device.current().word() + ", driven by " + processor();
    }

    /** The processor's name and the number of its cores that this process may use. */
    static String processor() {
        return "cpu: " + Processor.name() + ", " + Runtime.getRuntime().availableProcessors() + " cores";
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
