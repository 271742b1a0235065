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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The processes of a job, seen by one of them. A process that was started by itself is a team of one. */
public final class Team implements AutoCloseable {
    private static final Duration TIMEOUT = Rendezvous.TIMEOUT;

    /** How often a process that waits for another looks whether all are still there. */
    private static final Duration LOOK = Duration.ofSeconds(5);

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
        long until = System.nanoTime() + 2 * TIMEOUT.toNanos();
        while (true) {
            try {
                return joinOnce(launched);
            } catch (LostException lost) {
                // Where all start anew, this process may have found rank 0's last attempt, which is about to end.
                if (launched.attempt() == 0 || System.nanoTime() > until) {
                    throw new InputException(
                            "rank " + launched.rank() + " of " + launched.size() + " did not meet the others at "
                                    + launched.host() + ":" + launched.port() + " within " + TIMEOUT.toSeconds()
                                    + " s ("
                                    + lost.getMessage() + "); start all of them, with the same MASTER_ADDR, MASTER_PORT"
                                    + " and WORLD_SIZE, rank 0 where MASTER_ADDR is",
                            lost);
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK.toMillis() / 2);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Team joinOnce(Launched launched) {
        boolean serves = launched.rank() == 0 && !launched.storeElsewhere();
        SharedStore store = store(launched, serves);
        try {
            String address = address(launched);
            Rendezvous.check(store, launched, address);
            Collectives collectives = Collectives.connect(store, launched.rank(), launched.size(), address, TIMEOUT);
            // A connection of its own: one that waits for a key answers nothing else.
            Heartbeat heartbeat = Heartbeat.start(store(launched, false), launched.rank(), launched.size());
            return new Team(launched.rank(), launched.size(), launched, store, collectives, heartbeat);
        } catch (LostException lost) {
            if (!serves) {
                store.close();
            }
            throw lost;
        }
    }

    private static SharedStore store(Launched launched, boolean serves) {
        // A store of rank 0's own is new with each attempt.
        String prefix = "shoestring/" + launched.job() + (launched.storeElsewhere() ? "/" + launched.attempt() : "");
        return SharedStore.open(new SharedStore.Place(
                launched.host(),
                launched.port(),
                serves,
                serves ? BoundSocket.descriptor(launched.host(), launched.port()) : null,
                prefix,
                TIMEOUT));
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
        if (!first()) {
            fromFirst(() -> "");
            return work.get();
        }
        List<T> done = new ArrayList<>();
        fromFirst(() -> {
            done.add(work.get());
            return "";
        });
        return done.get(0);
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
        String given = await(key);
        if (given.equals(FAILED)) {
            throw new InputException(NOT_ON);
        }
        return given.substring(GIVEN.length());
    }

    /** The text that each process gives, by their numbers. */
    public List<String> fromEach(String own) {
        if (store == null) {
            return List.of(own);
        }
        String key = "texts/" + turns++ + "/";
        store.put(key + rank, GIVEN + own);
        List<String> texts = new ArrayList<>();
        for (int process = 0; process < size; process++) {
            texts.add(await(key + process).substring(GIVEN.length()));
        }
        return texts;
    }

    /** What rank 0 finds, told to all. */
    public boolean foundByFirst(BooleanSupplier question) {
        return Boolean.parseBoolean(fromFirst(() -> Boolean.toString(question.getAsBoolean())));
    }

    /** Waits until all processes are here, however long they prepare themselves. */
    public void meet() {
        if (store == null) {
            return;
        }
        String key = "meet/" + turns++;
        if (store.count(key, 1) == size) {
            store.put(key + "/all", GIVEN);
        }
        await(key + "/all");
    }

    /** The value of a key that another process is to write, as long as all are alive. */
    private String await(String key) {
        SharedStore keys = Objects.requireNonNull(store);
        Heartbeat hearts = Objects.requireNonNull(heartbeat);
        while (true) {
            try {
                return keys.get(key, LOOK);
            } catch (LostException notYet) {
                hearts.requireAll(notYet);
            }
        }
    }

    /**
     * Refuses a process that was started otherwise than rank 0.
     *
     * @param facts what must be the same in all, by what it is called
     * @throws InputException in every process, naming the rank, its host and what differs
     */
    public void requireSame(Map<String, String> facts) {
        if (store != null && launched != null) {
            Rendezvous.requireSame(store, launched, "facts/" + turns++, facts, this::await);
        }
    }

    /** Tells the launcher which run the processes work on, so that it can start them anew with it. */
    public void announce(Path run) {
        String file = System.getenv(RunFile.VARIABLE);
        if (first() && file != null) {
            new RunFile(Path.of(file)).announce(run);
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
