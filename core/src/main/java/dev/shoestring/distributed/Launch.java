package dev.shoestring.distributed;

import java.util.HashMap;
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
    /** Where rank 0 writes which run it works on, for a restart to go on with. */
    static final String RUN_FILE = "SHOESTRING_RUN_FILE";

    /** The environment of a process on this machine. */
    Map<String, String> environment(int localRank, int attempt, String runFile) {
        Map<String, String> environment = new HashMap<>();
        environment.put("RANK", Integer.toString(node * processes + localRank));
        environment.put("WORLD_SIZE", Integer.toString(nodes * processes));
        environment.put("LOCAL_RANK", Integer.toString(localRank));
        environment.put("LOCAL_WORLD_SIZE", Integer.toString(processes));
        environment.put("MASTER_ADDR", host);
        environment.put("MASTER_PORT", Integer.toString(port));
        environment.put("TORCHELASTIC_RUN_ID", job);
        environment.put("TORCHELASTIC_RESTART_COUNT", Integer.toString(attempt));
        environment.put("TORCHELASTIC_USE_AGENT_STORE", "False");
        environment.put("OMP_NUM_THREADS", Integer.toString(threads));
        environment.put(RUN_FILE, runFile);
        if (secret != null) {
            environment.put(Launched.SECRET, secret);
        }
        return environment;
    }
}
