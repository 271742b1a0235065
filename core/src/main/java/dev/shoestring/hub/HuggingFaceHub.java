package dev.shoestring.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Models of the Hugging Face hub, in its own cache layout ({@code models--ORG--NAME/snapshots/COMMIT/}), so that what other tools
 * have fetched is found and what we fetch is found by them. Reads {@code HF_HOME}, {@code HF_HUB_CACHE}, {@code HF_ENDPOINT}, {@code
 * HF_TOKEN} and {@code HF_HUB_OFFLINE}, as the hub's own library does.
 */
final class HuggingFaceHub {
    private static final String INDEX = "model.safetensors.index.json";
    private static final String SINGLE = "model.safetensors";
    private static final List<String> OPTIONAL =
            List.of("tokenizer_config.json", "generation_config.json", "chat_template.jinja");
    private static final int NOT_FOUND = 404;

    private final Path cache;
    private final String endpoint;
    private final @Nullable String token;
    private final boolean offline;

    HuggingFaceHub(Path cache, String endpoint, @Nullable String token, boolean offline) {
        this.cache = cache;
        this.endpoint = endpoint;
        this.token = token;
        this.offline = offline;
    }

    static HuggingFaceHub ofEnvironment() {
        Map<String, String> environment = System.getenv();
        String home = environment.getOrDefault("HF_HOME", System.getProperty("user.home") + "/.cache/huggingface");
        return new HuggingFaceHub(
                Path.of(environment.getOrDefault("HF_HUB_CACHE", home + "/hub")),
                environment.getOrDefault("HF_ENDPOINT", "https://huggingface.co"),
                environment.get("HF_TOKEN"),
                Set.of("1", "true", "yes", "on")
                        .contains(
                                environment.getOrDefault("HF_HUB_OFFLINE", "0").toLowerCase(java.util.Locale.ROOT)));
    }

    /** The folder of {@code ORG/NAME[@REVISION]}, with what is missing fetched. */
    Path resolve(String reference, Progress progress) {
        if (!reference.matches("[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*(@[\\w.-]+)?") || reference.contains("..")) {
            throw new InputException("hf:" + reference + ": must be hf:ORG/NAME or hf:ORG/NAME@REVISION");
        }
        int at = reference.indexOf('@');
        String name = at < 0 ? reference : reference.substring(0, at);
        String revision = at < 0 ? "main" : reference.substring(at + 1);
        Path repository = cache.resolve("models--" + name.replace("/", "--"));
        Optional<Path> cached = cached(repository, revision);
        if (cached.isPresent() && complete(cached.get())) {
            return cached.get();
        }
        if (offline) {
            throw new InputException("hf:" + reference + ": is not in the cache " + cache
                    + ", and HF_HUB_OFFLINE is set; fetch it once while online, or give the model as a folder");
        }
        return fetch(name, revision, repository, progress);
    }

    private static Optional<Path> cached(Path repository, String revision) {
        Path ref = repository.resolve("refs").resolve(revision);
        try {
            String commit = Files.isRegularFile(ref) ? Files.readString(ref).strip() : revision;
            Path snapshot = repository.resolve("snapshots").resolve(commit);
            return commit.matches("[\\w.-]+") && Files.isDirectory(snapshot) ? Optional.of(snapshot) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static boolean complete(Path snapshot) {
        return Files.exists(snapshot.resolve("config.json"))
                && Files.exists(snapshot.resolve("tokenizer.json"))
                && (Files.exists(snapshot.resolve(SINGLE)) || Files.exists(snapshot.resolve(INDEX)));
    }

    private Path fetch(String name, String revision, Path repository, Progress progress) {
        String what = "hf:" + name;
        try {
            HttpClient client = HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .connectTimeout(Duration.ofSeconds(20))
                    .build();
            String base = endpoint + "/" + name + "/resolve/" + revision + "/";
            HttpResponse<Void> head = client.send(
                    request(base + "config.json")
                            .method("HEAD", HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            require(head, what, "config.json");
            String commit = head.headers().firstValue("x-repo-commit").orElse(revision);
            if (!commit.matches("[\\w-]+")) {
                throw new InputException(what + ": the hub answers with the impossible commit " + commit);
            }
            Path snapshot = repository.resolve("snapshots").resolve(commit);
            Files.createDirectories(snapshot);
            download(client, base, "config.json", snapshot, what, progress);
            download(client, base, "tokenizer.json", snapshot, what, progress);
            for (String file : OPTIONAL) {
                downloadIfThere(client, base, file, snapshot, what, progress);
            }
            if (!downloadIfThere(client, base, SINGLE, snapshot, what, progress)) {
                download(client, base, INDEX, snapshot, what, progress);
                for (String shard : shards(snapshot.resolve(INDEX))) {
                    download(client, base, shard, snapshot, what, progress);
                }
            }
            Path ref = repository.resolve("refs").resolve(revision);
            Files.createDirectories(repository.resolve("refs"));
            Files.writeString(ref, commit);
            return snapshot;
        } catch (IOException failed) {
            throw new InputException(
                    what + ": could not be fetched (" + failed
                            + "); check the network or HF_ENDPOINT, or give the model as a "
                            + "folder or a maven: artifact",
                    failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InputException(what + ": fetching was interrupted", interrupted);
        }
    }

    private static Set<String> shards(Path index) throws IOException {
        JsonNode map =
                Models.object(Files.readAllBytes(index), index.toString()).path("weight_map");
        Set<String> shards = new LinkedHashSet<>();
        for (JsonNode file : map) {
            if (!file.asText().matches("[A-Za-z0-9][\\w.-]*\\.safetensors")) {
                throw new InputException(
                        index + ": names the shard \"" + file.asText() + "\", which is no plain file name");
            }
            shards.add(file.asText());
        }
        return shards;
    }

    private HttpRequest.Builder request(String address) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    private static void require(HttpResponse<?> response, String what, String file) {
        int status = response.statusCode();
        if (status == 401 || status == 403) {
            throw new InputException(what + ": the hub refuses access (" + status
                    + "); accept the model's terms there and set HF_TOKEN");
        }
        if (status != 200) {
            throw new InputException(what + ": the hub has no " + file + " (" + status
                    + "); check the name, or give a model with safetensors weights and a tokenizer.json");
        }
    }

    private void download(HttpClient client, String base, String file, Path snapshot, String what, Progress progress)
            throws IOException, InterruptedException {
        if (!downloadIfThere(client, base, file, snapshot, what, progress)) {
            throw new InputException(
                    what + ": the hub has no " + file + "; give a model with safetensors weights and a tokenizer.json");
        }
    }

    private boolean downloadIfThere(
            HttpClient client, String base, String file, Path snapshot, String what, Progress progress)
            throws IOException, InterruptedException {
        Path target = snapshot.resolve(file);
        if (Files.exists(target)) {
            return true;
        }
        HttpResponse<InputStream> response =
                client.send(request(base + file).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            if (response.statusCode() == NOT_FOUND) {
                return false;
            }
            require(response, what, file);
            long total = response.headers().firstValueAsLong("content-length").orElse(-1);
            Path draft = snapshot.resolve(file + ".incomplete");
            String digest = copy(in, draft, file, total, progress);
            Optional<String> expected = response.headers()
                    .firstValue("x-linked-etag")
                    .map(tag -> tag.replace("\"", ""))
                    .filter(tag -> tag.matches("[0-9a-f]{64}"));
            if (expected.isPresent() && !expected.get().equals(digest)) {
                Files.delete(draft);
                throw new InputException(what + ": " + file + " does not have its checksum; try again");
            }
            if (total >= 0 && Files.size(draft) != total) {
                Files.delete(draft);
                throw new IOException(file + " ended early");
            }
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
            return true;
        }
    }

    private static String copy(InputStream in, Path draft, String file, long total, Progress progress)
            throws IOException {
        MessageDigest digest = sha256();
        long done = 0;
        try (OutputStream out = Files.newOutputStream(draft)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                digest.update(buffer, 0, read);
                done += read;
                progress.transferred(file, done, total);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }
}
