package dev.shoestring.distributed;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many processes are started, and what they are told.
 *
 * @param processes processes on this machine
 * @param nodes machines, each with as many processes
 * @param node number of this machine, from 0
 * @param host address of machine 0
 * @param port a free port there
 * @param threads threads of each process
 * @param restarts how often all are started anew when one is lost
 * @param job name of the job, the same on all machines
 * @param secret what all processes of the job know; null checks nothing
 */
public record Launch(
        int processes,
        int nodes,
        int node,
        String host,
        int port,
        int threads,
        int restarts,
        String job,
        @Nullable String secret) {
    /** The environment of a process on this machine. */
    Map<String, String> environment(int localRank, int attempt, String runFile) {
        Launched launched = new Launched(
                node * processes + localRank,
                nodes * processes,
                localRank,
                processes,
                host,
                port,
                false,
                attempt,
                job,
                secret);
        Map<String, String> environment = launched.environment();
        environment.put("OMP_NUM_THREADS", Integer.toString(threads));
        environment.put(RunFile.VARIABLE, runFile);
        return environment;
    }
}
