package dev.shoestring.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Two members of a team, each on a thread of this process. */
final class TeamTest {
    private static <T> List<T> both(Function<Team, T> work)
            throws IOException, InterruptedException, ExecutionException {
        int port = freePort();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<T>> results = new ArrayList<>();
            for (int rank = 0; rank < 2; rank++) {
                Map<String, String> environment = new HashMap<>(Map.of("WORLD_SIZE", "2", "MASTER_ADDR", "127.0.0.1"));
                environment.put("RANK", Integer.toString(rank));
                environment.put("MASTER_PORT", Integer.toString(port));
                results.add(threads.submit(() -> {
                    try (Team team = Team.join(environment)) {
                        T result = work.apply(team);
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

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void numbersAndTensorsAreAddedUp() throws Exception {
        List<Double> sums = both(team -> team.collectives().sum(1.5 + team.rank(), 2)[0]);
        assertThat(sums).containsExactly(4.0, 4.0);
        List<Float> tensors = both(team -> {
            try (TensorScope scope = TensorScope.open()) {
                Tensor tensor = Tensor.of(new float[] {1 + team.rank(), 3}, 2);
                team.collectives().start(tensor).await();
                return tensor.toFloats()[0];
            }
        });
        assertThat(tensors).containsExactly(3f, 3f);
    }

    @Test
    void rankZeroSpeaksAndTheOthersListen() throws Exception {
        List<String> heard = both(team -> team.fromFirst(() -> "from " + team.rank())
                + team.firstThenOthers(() -> ", done by " + team.rank())
                + team.fromFirst(() -> ", " + team.rank()));
        assertThat(heard).containsExactly("from 0, done by 0, 0", "from 0, done by 1, 0");
    }

    /** A recipe that begins from another compares twice. */
    @Test
    void factsAreComparedAnewEachTime() throws Exception {
        assertThat(both(team -> {
                    team.requireSame(Map.of("recipe", "first"));
                    team.requireSame(Map.of("recipe", "second"));
                    return "same";
                }))
                .containsExactly("same", "same");
        List<String> told = both(team -> {
            team.requireSame(Map.of("recipe", "first"));
            try {
                team.requireSame(Map.of("recipe", "of " + team.rank()));
                return "";
            } catch (InputException refused) {
                return refused.getMessage();
            }
        });
        assertThat(told).allMatch(text -> text.contains("rank 1 on") && text.contains("another recipe (of 1)"));
    }

    @Test
    void whatRankZeroCannotDoTheOthersAreTold() {
        assertThatThrownBy(() -> both(team -> team.fromFirst(() -> {
                    throw new InputException("no such file");
                })))
                .hasCauseInstanceOf(InputException.class)
                .hasMessageContaining("no such file");
    }

    @Test
    void aProcessAloneHasNobodyToAsk() {
        Team alone = Team.join(Map.of());
        assertThat(alone.fromFirst(() -> "itself")).isEqualTo("itself");
        assertThat(alone.size()).isEqualTo(1);
        alone.meet();
        alone.requireSame(Map.of("recipe", "any"));
    }
}
