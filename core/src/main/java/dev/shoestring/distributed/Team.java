package dev.shoestring.distributed;

import dev.shoestring.recipe.InputException;
import dev.shoestring.tensor.Collectives;
import dev.shoestring.tensor.LostException;
import dev.shoestring.tensor.SharedStore;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The processes of a job, seen by one of them. A process that was started by itself is a team of one. */
public final class Team implements AutoCloseable {
    /** How long a step of another process may take before it is taken for lost: {@code -Dshoestring.timeoutSeconds}. */
    private static final Duration TIMEOUT = Duration.ofSeconds(Long.getLong("shoestring.timeoutSeconds", 60));

    /** Data and models may have to be fetched before a process joins. */
    private static final Duration PREPARATION = Duration.ofHours(1);

    private static final String GIVEN = "given ";
    private static final String FAILED = "failed";
    private static final String NOT_ON = "rank 0 could not go on; its own message says why";

    private static final Team ALONE = new Team(0, 1, null, null, null, null);

    private final int rank;
    private final int size;
    private final @Nullable Launched launched;
    private final @Nullable SharedStore store;
    private final @Nullable Collectives collectives;
    private final @Nullable Heartbeat heartbeat;
    private int turns;

    private Team(
            int rank,
            int size,
            @Nullable Launched launched,
            @Nullable SharedStore store,
            @Nullable Collectives collectives,
            @Nullable Heartbeat heartbeat) {
        this.rank = rank;
        this.size = size;
        this.launched = launched;
        this.store = store;
        this.collectives = collectives;
        this.heartbeat = heartbeat;
    }

    /** One process. */
    public static Team alone() {
        return ALONE;
    }

    /**
     * Joins the others if this process was started as one of several.
     *
     * @throws InputException if the environment makes no sense, or the others do not come
     */
    public static Team join(Map<String, String> environment) {
        return Launched.from(environment).map(Team::join).orElse(ALONE);
    }

    private static Team join(Launched launched) {
        boolean serves = launched.rank() == 0 && !launched.storeElsewhere();
        // A store of rank 0's own is new with each attempt.
        String prefix = "shoestring/" + launched.job() + (launched.storeElsewhere() ? "/" + launched.attempt() : "");
        SharedStore store;
        try {
            store = SharedStore.open(new SharedStore.Place(
                    launched.host(),
                    launched.port(),
                    serves,
                    serves ? BoundSocket.descriptor(launched.host(), launched.port()) : null,
                    prefix,
                    TIMEOUT));
        } catch (LostException absent) {
            throw new InputException(
                    "rank " + launched.rank() + " did not find rank 0 at " + launched.host() + ":" + launched.port()
                            + " within " + TIMEOUT.toSeconds() + " s (" + absent.getMessage()
                            + "); check MASTER_ADDR and MASTER_PORT, and that rank 0 was started",
                    absent);
        }
        try {
            String address = address(launched);
            Rendezvous.check(store, launched, address);
            Collectives collectives = Collectives.connect(store, launched.rank(), launched.size(), address, TIMEOUT);
            Heartbeat heartbeat = Heartbeat.start(store, launched.rank(), launched.size());
            return new Team(launched.rank(), launched.size(), launched, store, collectives, heartbeat);
        } catch (LostException lost) {
            throw new InputException(
                    "not all of the " + launched.size() + " processes came within " + TIMEOUT.toSeconds() + " s ("
                            + lost.getMessage()
                            + "); start all of them, with the same MASTER_ADDR, MASTER_PORT and WORLD_SIZE",
                    lost);
        }
    }

    /** The address of this host from which the store is reached. */
    private static String address(Launched launched) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(launched.host(), launched.port()));
            InetAddress local = socket.getLocalAddress();
            if (!local.isAnyLocalAddress()) {
                return local.getHostAddress();
            }
        } catch (IOException | RuntimeException unreachable) {
            // Looked up by name below.
        }
        try {
            return InetAddress.getLocalHost().getHostAddress();
        } catch (UnknownHostException none) {
            return "127.0.0.1";
        }
    }

    /** Number of this process. */
    public int rank() {
        return rank;
    }

    /** Number of processes. */
    public int size() {
        return size;
    }

    /** Number of machines, if all have as many processes as this one. */
    public int machines() {
        return launched == null ? 1 : (size + launched.localSize() - 1) / launched.localSize();
    }

    /** Whether this process is the one that writes and reports. */
    public boolean first() {
        return rank == 0;
    }

    /** Whether there are no others. */
    public boolean isAlone() {
        return size == 1;
    }

    /** What the processes do in common; only where there are several. */
    public Collectives collectives() {
        if (collectives == null) {
            throw new IllegalStateException("a process alone has nothing in common with others");
        }
        return collectives;
    }

    /** Bytes that the processes have sent each other so far ({@link Collectives#bytes}). */
    public long bytes() {
        return collectives == null ? 0 : collectives.bytes();
    }

    /** Runs it in rank 0, and when it is done there in all others, which then find in a cache what rank 0 fetched. */
    public <T> T firstThenOthers(Supplier<T> work) {
        if (store == null) {
            return work.get();
        }
        String key = "turn/" + turns++;
        if (first()) {
            try {
                T result = work.get();
                store.put(key, GIVEN);
                return result;
            } catch (RuntimeException failed) {
                store.put(key, FAILED);
                throw failed;
            }
        }
        if (store.get(key, PREPARATION).equals(FAILED)) {
            throw new InputException(NOT_ON);
        }
        return work.get();
    }

    /** The text that rank 0 gives. */
    public String fromFirst(Supplier<String> text) {
        if (store == null) {
            return text.get();
        }
        String key = "text/" + turns++;
        if (first()) {
            try {
                String given = text.get();
                store.put(key, GIVEN + given);
                return given;
            } catch (RuntimeException failed) {
                store.put(key, FAILED);
                throw failed;
            }
        }
        String given = store.get(key, PREPARATION);
        if (given.equals(FAILED)) {
            throw new InputException(NOT_ON);
        }
        return given.substring(GIVEN.length());
    }

    /**
     * Refuses a process that was started otherwise than rank 0.
     *
     * @param facts what must be the same in all, by what it is called
     * @throws InputException in every process, naming the rank, its host and what differs
     */
    public void requireSame(Map<String, String> facts) {
        if (store != null && launched != null) {
            Rendezvous.requireSame(store, launched, facts, PREPARATION);
        }
    }

    /** Tells the launcher which run the processes work on, so that it can start them anew with it. */
    public void announce(Path run) {
        String file = System.getenv(Launch.RUN_FILE);
        if (launched != null && first() && file != null) {
            try {
                Files.writeString(Path.of(file), run.toAbsolutePath().toString());
            } catch (IOException lost) {
                // Then a restart begins anew.
            }
        }
    }

    /** Who does not answer, in words, after a call to the others has failed. */
    public String lost() {
        return heartbeat == null ? "" : heartbeat.lost();
    }

    @Override
    public void close() {
        if (heartbeat != null) {
            heartbeat.close();
        }
        if (collectives != null) {
            collectives.close();
        }
    }
}
