package dev.shoestring.distributed;

import dev.shoestring.tensor.LostException;
import dev.shoestring.tensor.SharedStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Counts up in the store once a second, so that the others can tell which process is gone. */
final class Heartbeat implements AutoCloseable {
    private static final long EVERY_MILLIS = 1000;
    private static final int LOOKS = 3;
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private final SharedStore store;
    private final int rank;
    private final int size;
    private final int[] looks;
    private long[] seen;
    private final Thread beating = new Thread(this::beat, "heartbeat");

    private Heartbeat(SharedStore store, int rank, int size) {
        this.store = store;
        this.rank = rank;
        this.size = size;
        this.seen = new long[size];
        this.looks = new int[size];
    }

    static Heartbeat start(SharedStore store, int rank, int size) {
        Heartbeat heartbeat = new Heartbeat(store, rank, size);
        heartbeat.beating.setDaemon(true);
        heartbeat.beating.start();
        return heartbeat;
    }

    private void beat() {
        try {
            while (true) {
                store.count("alive/" + rank, 1);
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (LostException | InterruptedException over) {
            // If the store is gone, the next call of the training says so.
        }
    }

    /**
     * Looks at all counters.
     *
     * @throws LostException if the store is gone, or a process has not counted up over several looks
     */
    void requireAll(LostException unanswered) {
        long[] now = counts();
        for (int other = 0; other < size; other++) {
            // A process that has not joined yet has no counter.
            boolean still = other != rank && now[other] > 0 && seen[other] == now[other];
            looks[other] = still ? looks[other] + 1 : 0;
            if (looks[other] >= LOOKS) {
                throw unanswered;
            }
        }
        seen = now;
    }

    /** Which processes do not count up any more, with their hosts. */
    String lost() {
        try {
            long[] before = counts();
            Thread.sleep(3 * EVERY_MILLIS);
            long[] after = counts();
            List<String> lost = new ArrayList<>();
            for (int other = 0; other < size; other++) {
                if (other != rank && before[other] == after[other]) {
                    lost.add("rank " + other + " on " + store.get(Rendezvous.hostKey(other), AT_ONCE));
                }
            }
            return lost.isEmpty() ? "a rank that goes on but did not answer in time" : String.join(", ", lost);
        } catch (LostException noStore) {
            return "rank 0, which holds the store";
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "a rank";
        }
    }

    private long[] counts() {
        long[] counts = new long[size];
        for (int other = 0; other < size; other++) {
            counts[other] = store.count("alive/" + other, 0);
        }
        return counts;
    }

    @Override
    public void close() {
        beating.interrupt();
    }
}
