package dev.shoestring.distributed;

import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.SharedStore;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** What processes tell each other before they work together: that they know the job's secret, and that they are to do the same. */
final class Rendezvous {
    private static final String MAC = "HmacSHA256";
    private static final String WELCOME = "welcome";
    private static final long TRIES = 100;
    private static final long BETWEEN_TRIES = 50;
    /** How long another process may take for a step before it is taken for lost: {@code -Dshoestring.timeoutSeconds}. */
    static final Duration TIMEOUT = Duration.ofSeconds(Long.getLong("shoestring.timeoutSeconds", 60));

    private Rendezvous() {}

    static String hostKey(int rank) {
        return "host/" + rank;
    }

    /**
     * Has every process prove that it knows the secret. Rank 0 looks at the proofs and tells all what it found, so that all leave together.
     *
     * @throws InputException if one does not
     */
    static void check(SharedStore store, Launched launched, String address) {
        store.put(hostKey(launched.rank()), hostName() + " (" + address + ")");
        store.put("proof/" + launched.rank(), proof(launched.secret(), launched.job(), launched.rank()));
        if (launched.rank() == 0) {
            List<String> strangers = new ArrayList<>();
            for (int rank = 0; rank < launched.size(); rank++) {
                byte[] given = store.get("proof/" + rank, TIMEOUT).getBytes(StandardCharsets.UTF_8);
                byte[] right = proof(launched.secret(), launched.job(), rank).getBytes(StandardCharsets.UTF_8);
                if (!MessageDigest.isEqual(given, right)) {
                    strangers.add("rank " + rank + " on " + store.get(hostKey(rank), TIMEOUT));
                }
            }
            String verdict = strangers.isEmpty()
                    ? WELCOME
                    : Launched.SECRET + ": " + String.join(", ", strangers)
                            + " has another secret than rank 0; give all processes of the job the same";
            tell(store, launched, "secret", verdict);
        }
        refuse(heard(store, "secret", store.get("secret", TIMEOUT)));
    }

    /**
     * Compares what must be the same in all; rank 0 tells what differs, and waits a moment until the others have read it.
     *
     * @param round names this comparison among those of a job
     * @param await gives the value of a key that another process is to write
     */
    static void requireSame(
            SharedStore store,
            Launched launched,
            String round,
            Map<String, String> facts,
            UnaryOperator<String> await) {
        Map<String, String> sorted = new TreeMap<>(facts);
        sorted.forEach((name, value) -> store.put(round + "/" + launched.rank() + "/" + name, value));
        if (launched.rank() == 0) {
            List<String> differences = new ArrayList<>();
            for (int rank = 1; rank < launched.size(); rank++) {
                for (Map.Entry<String, String> fact : sorted.entrySet()) {
                    String other = await.apply(round + "/" + rank + "/" + fact.getKey());
                    if (!other.equals(fact.getValue())) {
                        differences.add("rank " + rank + " on " + store.get(hostKey(rank), TIMEOUT) + " has another "
                                + fact.getKey() + " (" + other + ") than rank 0 (" + fact.getValue() + ")");
                    }
                }
            }
            String verdict = differences.isEmpty()
                    ? WELCOME
                    : String.join("; ", differences) + ": start all processes with the same command and the same files";
            tell(store, launched, round, verdict);
        }
        refuse(heard(store, round, await.apply(round)));
    }

    /** Writes a verdict; a bad one ends rank 0 and the store with it, so it waits until the others know. */
    private static void tell(SharedStore store, Launched launched, String key, String verdict) {
        store.put(key, verdict);
        if (!verdict.equals(WELCOME)) {
            for (long tries = 0; tries < TRIES && store.count(key + "/heard", 0) < launched.size() - 1; tries++) {
                try {
                    Thread.sleep(BETWEEN_TRIES);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    private static String heard(SharedStore store, String key, String verdict) {
        store.count(key + "/heard", 1);
        return verdict;
    }

    private static void refuse(String verdict) {
        if (!verdict.equals(WELCOME)) {
            throw new InputException(verdict);
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException none) {
            return "unnamed host";
        }
    }

    private static String proof(@Nullable String secret, String job, int rank) {
        if (secret == null) {
            return "none";
        }
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), MAC));
            return HexFormat.of().formatHex(mac.doFinal((job + "/" + rank).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has " + MAC, missing);
        }
    }
}
