package dev.shoestring.spark;

import dev.shoestring.distributed.Launched;
import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The command of a rank's process: this Java, with the class path of the executor and the job. */
final class RankCommand {
    private static final int ASKS_FOR_NATIVE_ACCESS = 22;
    private static final int ASKS_FOR_UNSAFE_ACCESS = 23;

    private static final String WAIT_POLICY = "OMP_WAIT_POLICY";

    /** For the native libraries, as the launcher sets them, unless the executor has others (docs/decisions/0007, 0013). */
    private static final Map<String, String> NATIVE = Map.of(
            "OPENBLAS_THREAD_TIMEOUT", "16",
            "MALLOC_ARENA_MAX", "1",
            "MALLOC_MMAP_THRESHOLD_", "2147483647",
            "MALLOC_TRIM_THRESHOLD_", "2147483647");

    private RankCommand() {}

    /**
     * A process that has not been started.
     *
     * @param threads threads of the rank
     * @param options further options of Java
     * @param arguments of the command line
     */
    static ProcessBuilder of(Launched place, int threads, List<String> options, List<String> arguments, Path folder) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of(
                // A store that listens at one address alone needs the descriptor of a socket, which Java keeps to
                // itself.
                "--add-opens",
                "java.base/sun.nio.ch=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Djava.awt.headless=true",
                "-Dorg.bytedeco.javacpp.nopointergc=true",
                "-Dshoestring.threads=" + threads));
        int version = Runtime.version().feature();
        if (version >= ASKS_FOR_NATIVE_ACCESS) {
            words.add("--enable-native-access=ALL-UNNAMED");
        }
        if (version >= ASKS_FOR_UNSAFE_ACCESS) {
            words.add("--sun-misc-unsafe-memory-access=allow");
        }
        words.addAll(options);
        words.addAll(List.of("-cp", String.join(File.pathSeparator, classPath()), RankProcess.class.getName()));
        words.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        NATIVE.forEach(environment::putIfAbsent);
        if (!environment.containsKey(WAIT_POLICY)) {
            environment.putIfAbsent("GOMP_SPINCOUNT", "5000");
        }
        environment.putAll(place.environment());
        environment.put("OMP_NUM_THREADS", Integer.toString(threads));
        return builder;
    }

    /** The jars of the job, then those that the executor was started with; paths that hold in another folder. */
    private static Set<String> classPath() {
        Set<String> paths = new LinkedHashSet<>();
        for (ClassLoader loader = Thread.currentThread().getContextClassLoader();
                loader != null;
                loader = loader.getParent()) {
            if (loader instanceof URLClassLoader jars) {
                for (URL jar : jars.getURLs()) {
                    add(paths, jar);
                }
            }
        }
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!path.isEmpty()) {
                paths.add(Path.of(path).toAbsolutePath().toString());
            }
        }
        return paths;
    }

    private static void add(Set<String> paths, URL jar) {
        try {
            if (jar.getProtocol().equals("file")) {
                paths.add(Path.of(jar.toURI()).toAbsolutePath().toString());
            }
        } catch (URISyntaxException odd) {
            throw new IllegalStateException("a class path entry that is no address: " + jar, odd);
        }
    }
}
