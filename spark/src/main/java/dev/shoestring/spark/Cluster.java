package dev.shoestring.spark;

import dev.shoestring.recipe.InputException;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/** What the cluster must have before a barrier job is given to it; Spark itself would try again for ten minutes. */
final class Cluster {
    private static final long POLL_MILLIS = 200;
    private static final String WAIT = "spark.scheduler.maxRegisteredResourcesWaitingTime";

    private Cluster() {}

    /**
     * Waits until all ranks can run at once.
     *
     * @throws InputException if the cluster's settings forbid it, or there is too little room for as long as Spark waits for executors
     */
    static void require(SparkContext context, int ranks) {
        SparkConf settings = context.conf();
        if (settings.getBoolean("spark.dynamicAllocation.enabled", false)) {
            throw new InputException("spark.dynamicAllocation.enabled: must be false, as barrier jobs need all their"
                    + " executors from the start; set it, and spark.executor.instances or spark.cores.max");
        }
        int cores = settings.getInt("spark.task.cpus", 1);
        long until = System.nanoTime() + 1_000_000L * settings.getTimeAsMs(WAIT, "30s");
        int slots = slots(context);
        while (slots < ranks) {
            if (System.nanoTime() > until) {
                throw new InputException("ranks: " + ranks + " ranks must run at once, each on " + cores
                        + (cores == 1 ? " core" : " cores") + " (spark.task.cpus), but this cluster ("
                        + context.master()
                        + ") gave room for " + slots + " within " + settings.getTimeAsMs(WAIT, "30s") / 1000
                        + " s; ask for " + (slots == 0 ? "fewer cores a task" : "at most " + slots + " ranks")
                        + ", or give it more executors (spark.cores.max, spark.executor.instances)");
            }
            pause();
            slots = slots(context);
        }
    }

    /** Tasks that can run at once now. */
    private static int slots(SparkContext context) {
        return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for executors", interrupted);
        }
    }
}
