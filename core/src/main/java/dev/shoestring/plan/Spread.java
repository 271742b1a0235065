package dev.shoestring.plan;

import dev.shoestring.cost.Link;
import dev.shoestring.cost.Ring;
import dev.shoestring.recipe.InputException;
import org.jspecify.annotations.Nullable;

/**
 * Processes and the machines they stand on.
 *
 * @param processes of the whole job
 * @param machines that hold as many each
 * @param link between two processes of one machine
 * @param network out of a machine
 * @param networkGiven whether the user said so; else it is assumed
 * @param coresShared whether the processes of a machine share its cores and memory, as on a CPU; else each has a device
 */
public record Spread(int processes, int machines, Link link, Link network, boolean networkGiven, boolean coresShared) {
    /**
     * Processes of a recipe.
     *
     * @param nodes machines; null means one for each process on this machine's likes, and as few as hold the devices of other hardware
     * @param network null means what the hardware has
     * @param hardware null means machines like this one
     * @throws InputException if the machines cannot hold as many each
     */
    public static Spread of(
            int processes, @Nullable Integer nodes, @Nullable Link network, @Nullable Hardware hardware) {
        boolean here = hardware == null || hardware.name().equals(ThisMachine.NAME);
        int held = hardware == null ? 1 : hardware.devicesPerMachine();
        int machines = nodes == null ? (processes + held - 1) / held : nodes;
        if (machines < 1 || processes % machines != 0) {
            throw new InputException(
                    (nodes == null ? "--processes: " : "--nodes: ") + machines + " machines cannot hold " + processes
                            + " processes, as many on each; nearest: --processes "
                            + Math.max(1, (processes + machines / 2) / Math.max(1, machines)) * Math.max(1, machines));
        }
        Link out = hardware == null ? ThisMachine.network() : hardware.outOfAMachine();
        Link within =
                here || hardware == null ? ThisMachine.loopback() : new Link(hardware.link(), hardware.linkLatency());
        return new Spread(processes, machines, within, network == null ? out : network, network != null, here);
    }

    /** Processes on a machine. */
    public int onAMachine() {
        return processes / machines;
    }

    /** How many times one process's speed they could have at best. */
    int ideal() {
        return coresShared ? machines : processes;
    }

    /** All of them in one ring. */
    Ring ring() {
        return new Ring(processes, machines, link, network);
    }

    /** In words. */
    public String inWords() {
        StringBuilder words = new StringBuilder();
        words.append(processes)
                .append(coresShared ? " processes on " : " devices in ")
                .append(machines);
        words.append(machines == 1 ? " machine" : " machines");
        if (coresShared) {
            words.append(" like this one");
        }
        if (machines > 1) {
            words.append(", ").append(network.inWords());
            words.append(networkGiven ? "" : coresShared ? " (assumed)" : " (of the catalogue)");
        }
        return words.toString();
    }
}
