package dev.shoestring.distributed;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What whoever starts processes tells each of them in its environment: the contract of torchrun, which Slurm and Kubernetes' PyTorchJob keep too.
 *
 * @param rank {@code RANK}: number of this process among all, from 0
 * @param size {@code WORLD_SIZE}: number of processes
 * @param localRank {@code LOCAL_RANK}: number of this process on its machine, from 0; without it, 0
 * @param localSize {@code LOCAL_WORLD_SIZE}: number of processes on its machine; without it, 1
 * @param host {@code MASTER_ADDR}: address of the machine of rank 0
 * @param port {@code MASTER_PORT}
 * @param storeElsewhere {@code TORCHELASTIC_USE_AGENT_STORE}: whether the launcher runs the store, so that rank 0 does not
 * @param attempt {@code TORCHELASTIC_RESTART_COUNT}: how often the processes have been started anew
 * @param job {@code TORCHELASTIC_RUN_ID}: name of the job
 * @param secret {@code SHOESTRING_JOB_SECRET}: what all processes of the job know and others do not; null checks nothing
 */
public record Launched(
        int rank,
        int size,
        int localRank,
        int localSize,
        String host,
        int port,
        boolean storeElsewhere,
        int attempt,
        String job,
        @Nullable String secret) {
    /** Names the others. */
    public static final String SECRET = "SHOESTRING_JOB_SECRET";

    private static final List<String> NEEDED = List.of("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT");
    private static final int MOST_PROCESSES = 4096;
    private static final int LAST_PORT = 65_535;

    /**
     * Reads the environment.
     *
     * @return nothing where a process was started by itself
     * @throws InputException if some of the variables are missing or make no sense
     */
    public static Optional<Launched> from(Map<String, String> environment) {
        // MASTER_ADDR alone, or the like, is left behind by other tools.
        if (!environment.containsKey("WORLD_SIZE") || !environment.containsKey("RANK")) {
            return Optional.empty();
        }
        List<String> problems = new ArrayList<>();
        int size = number(environment, "WORLD_SIZE", 1, MOST_PROCESSES, 0, problems);
        if (size == 1) {
            return Optional.empty();
        }
        NEEDED.stream()
                .filter(name -> environment.getOrDefault(name, "").isBlank())
                .forEach(name -> problems.add(name + ": is missing, though RANK and WORLD_SIZE are set"));
        int rank = number(environment, "RANK", 0, Math.max(0, size - 1), 0, problems);
        int localSize = number(environment, "LOCAL_WORLD_SIZE", 1, Math.max(1, size), 1, problems);
        int localRank = number(environment, "LOCAL_RANK", 0, MOST_PROCESSES, 0, problems);
        int port = number(environment, "MASTER_PORT", 1, LAST_PORT, 1, problems);
        int attempt = number(environment, "TORCHELASTIC_RESTART_COUNT", 0, Integer.MAX_VALUE, 0, problems);
        if (!problems.isEmpty()) {
            throw new InputException("the environment of a process among several (torchrun's contract): "
                    + String.join("; ", problems)
                    + "; start processes with \"shoestring launch\" or torchrun, or unset RANK and WORLD_SIZE");
        }
        String secret = environment.getOrDefault(SECRET, "");
        return Optional.of(new Launched(
                rank,
                size,
                localRank,
                localSize,
                environment.getOrDefault("MASTER_ADDR", "").strip(),
                port,
                environment.getOrDefault("TORCHELASTIC_USE_AGENT_STORE", "").equalsIgnoreCase("true"),
                attempt,
                environment.getOrDefault("TORCHELASTIC_RUN_ID", "job"),
                secret.isEmpty() ? null : secret));
    }

    /** The variables that {@link #from} reads this from: what whoever starts the process has to set. The map may be changed. */
    public Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("RANK", Integer.toString(rank));
        environment.put("WORLD_SIZE", Integer.toString(size));
        environment.put("LOCAL_RANK", Integer.toString(localRank));
        environment.put("LOCAL_WORLD_SIZE", Integer.toString(localSize));
        environment.put("MASTER_ADDR", host);
        environment.put("MASTER_PORT", Integer.toString(port));
        environment.put("TORCHELASTIC_RUN_ID", job);
        environment.put("TORCHELASTIC_RESTART_COUNT", Integer.toString(attempt));
        environment.put("TORCHELASTIC_USE_AGENT_STORE", storeElsewhere ? "True" : "False");
        if (secret != null) {
            environment.put(SECRET, secret);
        }
        return environment;
    }

    private static int number(
            Map<String, String> environment, String name, int least, int most, int without, List<String> problems) {
        String text = environment.getOrDefault(name, "").strip();
        if (text.isEmpty()) {
            return without;
        }
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException none) {
            // Named below.
        }
        problems.add(name + ": must be a whole number from " + least + " to " + most + ", but is \"" + text + "\"");
        return without;
    }
}
