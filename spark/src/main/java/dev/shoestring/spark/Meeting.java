package dev.shoestring.spark;

import dev.shoestring.distributed.Launched;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.BarrierTaskContext;

/**
 * Where the ranks of one attempt meet, and the secret that only they know. Rank 0 chooses a port and draws the secret; Spark's driver carries
 * both to the others.
 *
 * @param hosts host of each rank
 * @param port a free port of rank 0's host
 * @param secret the secret
 * @param done whether an earlier attempt has finished the run, so that nothing is left to train
 */
record Meeting(List<String> hosts, int port, String secret, boolean done) {
    private static final int SECRET_BYTES = 16;
    private static final String SEPARATOR = " ";

    static Meeting agree(BarrierTaskContext context, boolean done) {
        List<String> hosts = Arrays.stream(context.getTaskInfos())
                .map(task -> host(task.address()))
                .toList();
        String mine = context.partitionId() == 0
                ? String.join(SEPARATOR, Integer.toString(freePort(hosts.get(0))), newSecret(), Boolean.toString(done))
                : "";
        String[] said = context.allGather(mine)[0].split(SEPARATOR, -1);
        return new Meeting(hosts, Integer.parseInt(said[0]), said[1], Boolean.parseBoolean(said[2]));
    }

    /** What a rank is told of its place among the others. */
    Launched place(int rank, int attempt, String job) {
        String host = hosts.get(rank);
        int localRank =
                (int) hosts.subList(0, rank).stream().filter(host::equals).count();
        int localSize = (int) hosts.stream().filter(host::equals).count();
        return new Launched(rank, hosts.size(), localRank, localSize, hosts.get(0), port, false, attempt, job, secret);
    }

    /** The host of {@code host:port}; an IPv6 address stands in brackets. */
    static String host(String address) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? address : address.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private static int freePort(String host) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), 0));
            return socket.getLocalPort();
        } catch (IOException none) {
            throw new UncheckedIOException(
                    host
                            + ": rank 0 cannot listen at its executor's address; set spark.local.ip or SPARK_LOCAL_IP there",
                    none);
        }
    }

    private static String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
