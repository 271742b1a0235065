package dev.shoestring.tensor;

import java.time.Duration;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.IntOptional;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.jspecify.annotations.Nullable;

/** Keys and values that several processes share: c10d's {@code TCPStore}. One process serves it, the others are its clients. */
public final class SharedStore implements AutoCloseable {
    /**
     * Where a store is.
     *
     * @param host where it listens
     * @param port its port
     * @param serves whether this process serves it
     * @param descriptor file descriptor of a bound socket for it to listen at; null lets it listen at all addresses of this host
     * @param prefix keeps apart jobs that share a store
     * @param timeout how long to wait for it, and for a key
     */
    public record Place(
            String host, int port, boolean serves, @Nullable Integer descriptor, String prefix, Duration timeout) {}

    private final TCPStore connection;
    private final Store keys;

    private SharedStore(TCPStore connection, Store keys) {
        this.connection = connection;
        this.keys = keys;
    }

    /**
     * Serves a store, or connects to one.
     *
     * @throws LostException if it is not there in time
     */
    public static SharedStore open(Place place) {
        LibTorch.load();
        try (TCPStoreOptions options = new TCPStoreOptions();
                Milliseconds timeout = new Milliseconds(place.timeout().toMillis())) {
            options.port((short) place.port());
            options.isServer(place.serves());
            options.waitWorkers(false);
            options.timeout(timeout);
            if (place.descriptor() != null) {
                options.masterListenFd(new IntOptional(place.descriptor()));
            }
            TCPStore connection = new TCPStore(place.host(), options);
            return new SharedStore(connection, new PrefixStore(place.prefix(), connection));
        } catch (RuntimeException failed) {
            throw LostException.of(failed);
        }
    }

    Store handle() {
        return keys;
    }

    /** Writes a value. */
    public void put(String key, String value) {
        LostException.guard(() -> {
            keys.set(key, value);
            return true;
        });
    }

    /**
     * Reads a value; waits until somebody has written it.
     *
     * @throws LostException if nobody has in that time
     */
    public String get(String key, Duration timeout) {
        return LostException.guard(() -> {
            try (StringVector wanted = new StringVector(key);
                    Milliseconds wait = new Milliseconds(timeout.toMillis())) {
                keys._wait(wanted, wait);
            }
            return keys.get_to_str(key);
        });
    }

    /** Adds to a counter and gives its value. */
    public long count(String key, long more) {
        return LostException.guard(() -> keys.add(key, more));
    }

    @Override
    public void close() {
        keys.close();
        connection.close();
    }
}
