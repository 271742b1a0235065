package dev.shoestring.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Torchrun's contract, as its documentation gives it (Environment Variables of torchrun). */
final class LaunchedTest {
    private static Map<String, String> environment(String... pairs) {
        Map<String, String> environment =
                new HashMap<>(Map.of("RANK", "3", "WORLD_SIZE", "4", "MASTER_ADDR", "node0", "MASTER_PORT", "29500"));
        for (int i = 0; i < pairs.length; i += 2) {
            environment.put(pairs[i], pairs[i + 1]);
        }
        return environment;
    }

    @Test
    void aProcessStartedByItselfIsNoneOfSeveral() {
        assertThat(Launched.from(Map.of())).isEmpty();
        assertThat(Launched.from(Map.of("MASTER_ADDR", "left behind"))).isEmpty();
        assertThat(Launched.from(environment("RANK", "0", "WORLD_SIZE", "1"))).isEmpty();
    }

    @Test
    void theContractIsRead() {
        Launched read = Launched.from(environment(
                        "LOCAL_RANK", "1",
                        "LOCAL_WORLD_SIZE", "2",
                        "TORCHELASTIC_USE_AGENT_STORE", "True",
                        "TORCHELASTIC_RESTART_COUNT", "2",
                        "TORCHELASTIC_RUN_ID", "night"))
                .orElseThrow();
        assertThat(read).isEqualTo(new Launched(3, 4, 1, 2, "node0", 29500, true, 2, "night", null));
    }

    @Test
    void withoutTheRestASecretAndOneMachineAreNone() {
        Launched read = Launched.from(environment("SHOESTRING_JOB_SECRET", "s")).orElseThrow();
        assertThat(read).isEqualTo(new Launched(3, 4, 0, 1, "node0", 29500, false, 0, "job", "s"));
    }

    @Test
    void whatOneSaysTheOtherReads() {
        Launched member = new Launched(1, 3, 0, 1, "node0", 29500, true, 2, "night", "s");
        assertThat(Launched.from(member.environment())).contains(member);
        Launched open = new Launched(0, 2, 0, 2, "127.0.0.1", 4000, false, 0, "job", null);
        assertThat(Launched.from(open.environment())).contains(open);
    }

    @Test
    void everyMistakeIsNamedAtOnce() {
        assertThatThrownBy(() -> Launched.from(Map.of("RANK", "4", "WORLD_SIZE", "4", "MASTER_PORT", "no")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("RANK: must be a whole number from 0 to 3, but is \"4\"")
                .hasMessageContaining("MASTER_ADDR: is missing")
                .hasMessageContaining("MASTER_PORT: must be a whole number from 1 to 65535, but is \"no\"")
                .hasMessageContaining("shoestring launch");
    }
}
