package dev.shoestring.cost;

/**
 * Processes that exchange numbers around a ring, as c10d's Gloo and NCCL do: each sends a part on to the next, n − 1 times, so every link
 * carries as much at once and the slowest sets the pace (Patarasuk and Yuan 2009). On its way a part passes every boundary between machines
 * once; that latency cannot be hidden by more bandwidth.
 *
 * @param members processes
 * @param machines machines they are spread over evenly
 * @param link between two of one machine
 * @param network out of a machine into the next, for this ring
 */
public record Ring(int members, int machines, Link link, Link network) {
    /** Share of a link's rate that a collective reaches: protocol, acknowledgements, synchronization. */
    public static final double REACHED = 0.75;

    /** Checks the sizes. */
    public Ring {
        if (members < 1 || machines < 1 || machines > members) {
            throw new IllegalArgumentException(
                    "a ring of " + members + " on " + machines + " machines: at least one on each");
        }
    }

    /** Bytes that each process sends when so many bytes are summed in all of them: 2 (n − 1) / n of them. */
    public double sentByAllReduce(double bytes) {
        return 2 * sentByGather(bytes);
    }

    /** Bytes that each sends when parts that make up so many bytes are gathered by all, or sums of them are scattered. */
    public double sentByGather(double bytes) {
        return bytes * (members - 1) / members;
    }

    /** Seconds to sum so many bytes: a reduce-scatter and an all-gather. */
    public double allReduce(double bytes) {
        return 2 * gather(bytes);
    }

    /** Seconds to gather, or to reduce and scatter, so many bytes in all. */
    public double gather(double bytes) {
        return sentByGather(bytes) / slowest() / REACHED + latency();
    }

    /** Seconds that a part takes around the ring if it is empty. */
    public double latency() {
        return (members - machines) * link.latency() + (machines - 1) * network.latency();
    }

    /** The rate of the slowest link that is used, bytes/s. */
    public double slowest() {
        double rate = members > machines ? link.bytesPerSecond() : Double.MAX_VALUE;
        return machines > 1 ? Math.min(rate, network.bytesPerSecond()) : rate;
    }
}
