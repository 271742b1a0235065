package dev.shoestring.spark;

import dev.shoestring.cli.Main;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The process in which a rank trains: the command line, ended with the executor that started it. An executor that is killed takes its end of the
 * pipe with it; a rank that went on without it would hold what the next attempt needs.
 */
public final class RankProcess {
    private static final int EXECUTOR_LOST = 143;

    private RankProcess() {}

    /** Runs the command; the working folder is the rank's own. */
    public static void main(String[] arguments) {
        Thread watch = new Thread(RankProcess::endWithExecutor, "executor");
        watch.setDaemon(true);
        watch.start();
        Main.main(arguments);
    }

    private static void endWithExecutor() {
        try {
            while (System.in.read() >= 0) {
                // Nobody writes.
            }
        } catch (IOException gone) {
            // As good as its end.
        }
        Folders.delete(Path.of("").toAbsolutePath());
        Runtime.getRuntime().halt(EXECUTOR_LOST);
    }
}
