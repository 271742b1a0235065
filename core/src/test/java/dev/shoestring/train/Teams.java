package dev.shoestring.train;

import dev.shoestring.distributed.Team;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

/** Members of a team, each on a thread of this process. */
public final class Teams {
    private Teams() {}

    /** What each member comes to, by rank. */
    public static <T> List<T> together(int processes, BiFunction<Team, Integer, T> work) throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        ExecutorService threads = Executors.newFixedThreadPool(processes);
        try {
            List<Future<T>> results = new ArrayList<>();
            for (int rank = 0; rank < processes; rank++) {
                Map<String, String> environment = new HashMap<>(Map.of("MASTER_ADDR", "127.0.0.1"));
                environment.put("WORLD_SIZE", Integer.toString(processes));
                environment.put("RANK", Integer.toString(rank));
                environment.put("MASTER_PORT", Integer.toString(port));
                results.add(threads.submit(() -> {
                    try (Team team = Team.join(environment)) {
                        T result = work.apply(team, team.rank());
                        team.meet();
                        return result;
                    }
                }));
            }
            List<T> values = new ArrayList<>();
            for (Future<T> result : results) {
                values.add(result.get());
            }
            return values;
        } finally {
            threads.shutdownNow();
        }
    }
}
