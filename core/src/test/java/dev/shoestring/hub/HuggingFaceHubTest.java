package dev.shoestring.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a small server that answers as the hub does. */
final class HuggingFaceHubTest {
    private static final String COMMIT = "0123456789abcdef";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path cache;

    private final Map<String, String> files = new TreeMap<>();
    private final Map<String, String> etags = new TreeMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private int refusal;

    @SuppressWarnings("NullAway.Init")
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/org/name/resolve/main/", this::answer);
        server.start();
        files.put("config.json", "{}");
        files.put("tokenizer.json", "{}");
        files.put("model.safetensors", "weights");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.incrementAndGet();
            String path = exchange.getRequestURI().getPath();
            String file = path.substring(path.lastIndexOf('/') + 1);
            String content = files.get(file);
            if (refusal != 0 || content == null) {
                exchange.sendResponseHeaders(refusal != 0 ? refusal : 404, -1);
                return;
            }
            exchange.getResponseHeaders().add("x-repo-commit", COMMIT);
            if (etags.containsKey(file)) {
                exchange.getResponseHeaders().add("x-linked-etag", '"' + etags.get(file) + '"');
            }
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
            if (!head) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    private HuggingFaceHub hub(boolean offline) {
        return new HuggingFaceHub(
                cache, "http://localhost:" + server.getAddress().getPort(), null, offline);
    }

    private Path resolve(String reference) {
        return hub(false).resolve(reference, (what, done, total) -> {});
    }

    @Test
    void fetchesOnceIntoTheHubsOwnLayout() throws IOException {
        Path snapshot = resolve("org/name");
        assertThat(snapshot).isEqualTo(cache.resolve("models--org--name/snapshots/" + COMMIT));
        assertThat(Files.readString(snapshot.resolve("model.safetensors"))).isEqualTo("weights");
        assertThat(Files.readString(cache.resolve("models--org--name/refs/main")))
                .isEqualTo(COMMIT);
        int before = asked.get();
        assertThat(hub(true).resolve("org/name", (what, done, total) -> {})).isEqualTo(snapshot);
        assertThat(asked).hasValue(before);
    }

    @Test
    void fetchesShardsThatTheIndexNames() {
        files.remove("model.safetensors");
        files.put(
                "model.safetensors.index.json",
                "{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}");
        files.put("one.safetensors", "1");
        files.put("two.safetensors", "2");
        assertThat(resolve("org/name").resolve("two.safetensors")).hasContent("2");
    }

    @Test
    void shardsOutsideTheFolderAreRefused() {
        files.remove("model.safetensors");
        files.put("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"../../evil.safetensors\"}}");
        assertThatThrownBy(() -> resolve("org/name"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no plain file name");
    }

    @Test
    void aWrongChecksumIsRefusedAndNothingIsKept() {
        etags.put("model.safetensors", "0".repeat(64));
        assertThatThrownBy(() -> resolve("org/name"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("checksum");
        assertThat(cache.resolve("models--org--name/snapshots/" + COMMIT + "/model.safetensors"))
                .doesNotExist();
    }

    @Test
    void whatIsMissingOrForbiddenIsSaidInWords() {
        files.remove("tokenizer.json");
        assertThatThrownBy(() -> resolve("org/name"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json");
        refusal = 401;
        assertThatThrownBy(() -> resolve("org/name"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("HF_TOKEN");
        assertThatThrownBy(() -> hub(true).resolve("org/other", (what, done, total) -> {}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("HF_HUB_OFFLINE");
        for (String reference : new String[] {"name", "../name", "org/..", "org/name@../x", "org/name/more"}) {
            assertThatThrownBy(() -> resolve(reference))
                    .as(reference)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("ORG/NAME");
        }
    }
}
