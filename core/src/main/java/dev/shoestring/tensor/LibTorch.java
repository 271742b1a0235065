package dev.shoestring.tensor;

import java.io.IOException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** The native library: loaded once, on first use, with the settings that the rest of this package relies on. */
public final class LibTorch {
    private LibTorch() {}

    /**
     * The library, loaded when this class is initialized: a class of its own, so that {@link #loadAhead} does not wait for what it
     * starts.
     */
    private static final class Loaded {
        private static final int MOST_THREADS = Integer.getInteger("shoestring.threads", threadsAsked());

        static {
            // Scopes free everything; JavaCPP's collector would only add 1.6 µs to each call. Read once, when Pointer
            // loads.
            if (System.getProperty("org.bytedeco.javacpp.nopointergc") == null) {
                System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
            }
            torch.set_num_threads(MOST_THREADS);
            // NNPACK would take single images in fp32; it knows few processors, and complains at each convolution on
            // all
            // others.
            torch.globalContext().setUserEnabledNNPACK(false);
        }

        private Loaded() {}

        static int mostThreads() {
            return MOST_THREADS;
        }
    }

    /** What the environment says, as launchers of several processes set it; otherwise all cores. */
    private static int threadsAsked() {
        String asked = System.getenv("OMP_NUM_THREADS");
        boolean number = asked != null && asked.matches("[1-9][0-9]{0,3}");
        return number ? Integer.parseInt(asked) : Runtime.getRuntime().availableProcessors();
    }

    /** Loads the native library if that has not happened yet. */
    public static void load() {
        int loaded = Loaded.mostThreads();
        assert loaded > 0;
    }

    /** Begins to load the native library on a thread of its own, for what else there is to read takes as long. */
    public static void loadAhead() {
        Thread loading = new Thread(LibTorch::load, "load-libtorch");
        loading.setDaemon(true);
        loading.start();
    }

    /** Threads that one operator may use. */
    public static int threads() {
        load();
        return torch.get_num_threads();
    }

    /**
     * Threads that one operator on this thread may use from now on; at most as many as there were at first. Where operators are tiny,
     * waiting for a second thread takes longer than the work.
     */
    public static void useThreads(int threads) {
        torch.set_num_threads(Math.max(1, Math.min(threads, Loaded.mostThreads())));
    }

    /** Version of the LibTorch binding, for example {@code 2.10.0-1.5.13}. */
    public static String version() {
        try {
            return Loader.getVersion("org.bytedeco", "pytorch");
        } catch (IOException noPomOnTheClassPath) {
            return "unknown";
        }
    }

    /** The instruction set that LibTorch's kernels were chosen for, for example {@code AVX512}. */
    public static String cpuCapability() {
        load();
        try (var text = torch.get_cpu_capability()) {
            return text.getString();
        }
    }
}
