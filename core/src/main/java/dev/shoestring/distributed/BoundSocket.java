package dev.shoestring.distributed;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import org.jspecify.annotations.Nullable;

/**
 * A socket that listens at one address, for a store that would otherwise listen at all of them. Java keeps a socket's file descriptor to
 * itself unless it is started with {@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED}, as the launcher does.
 */
final class BoundSocket {
    private BoundSocket() {}

    /**
     * The descriptor of a new socket; it stays open as long as the process lives.
     *
     * @return null where Java does not give it
     * @throws InputException if nothing can listen there
     */
    static @Nullable Integer descriptor(String host, int port) {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(host, port));
            Integer descriptor = descriptor(channel);
            if (descriptor == null) {
                channel.close();
            }
            return descriptor;
        } catch (IOException | UnresolvedAddressException | UnsupportedAddressTypeException refused) {
            throw new InputException(
                    "MASTER_ADDR, MASTER_PORT: nothing can listen at " + host + ":" + port + " (" + refused.getMessage()
                            + "); rank 0 must run where MASTER_ADDR is, on a port that is free",
                    refused);
        }
    }

    private static @Nullable Integer descriptor(ServerSocketChannel channel) {
        try {
            var method = channel.getClass().getDeclaredMethod("getFDVal");
            method.setAccessible(true);
            return (Integer) method.invoke(channel);
        } catch (ReflectiveOperationException | RuntimeException closed) {
            return null;
        }
    }
}
