package dev.shoestring.cli;

import dev.shoestring.distributed.Launch;
import dev.shoestring.distributed.Launched;
import dev.shoestring.distributed.Launcher;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shoestring launch}. */
@Command(
        name = "launch",
        description = "Trains with several processes, on this machine or on several.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "On several machines, start it on each with its own --node-rank, the same --master, and the same secret",
            "in the environment variable " + Launched.SECRET + ".",
            "Processes started by torchrun, Slurm or Kubernetes need no launch: \"train\" reads RANK, WORLD_SIZE,",
            "MASTER_ADDR and MASTER_PORT.",
            "",
            "Examples:",
            "  shoestring launch -n 2 -- train fashion",
            "  shoestring launch -n 2 --nodes 3 --node-rank 0 --master 10.0.0.5:29500 -- train recipe.yaml",
            "  shoestring launch -n 4 -- train --resume runs/latest"
        })
final class LaunchCommand implements Callable<Integer> {
    private static final int SECRET_BYTES = 16;
    private static final int MOST = 1024;
    private static final String LOOPBACK = "127.0.0.1";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Option(names = "-n", paramLabel = "N", required = true, description = "Processes on this machine.")
    private int processes;

    @Option(names = "--nodes", paramLabel = "N", defaultValue = "1", description = "Machines (default: 1).")
    private int nodes = 1;

    @Option(names = "--node-rank", paramLabel = "K", description = "Number of this machine, from 0.")
    private @Nullable Integer node;

    @Option(names = "--master", paramLabel = "HOST:PORT", description = "Address and free port of machine 0.")
    private @Nullable String master;

    @Option(names = "--job", paramLabel = "NAME", defaultValue = "job", description = "Name of the job.")
    private String job = "job";

    @Option(
            names = "--restarts",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often to start anew from the last checkpoint when a process is lost (default: 3).")
    private int restarts = 3;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of each process (default: the cores divided among them).")
    private @Nullable Integer threads;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "train and what belongs to it, after --.")
    private List<String> command = new ArrayList<>();

    @Override
    public Integer call() {
        Launch launch = checked();
        List<String> options = List.of("-Dshoestring.threads=" + launch.threads());
        Launcher launcher = new Launcher(
                launch,
                run -> Launcher.java(options, Main.class.getName(), run == null ? command : resuming(run)),
                System.out,
                line -> {
                    spec.commandLine().getErr().println("shoestring: " + line);
                    spec.commandLine().getErr().flush();
                });
        return launcher.run();
    }

    /** The command that goes on with a run: the recipe is in its folder. */
    private List<String> resuming(Path run) {
        List<String> words = new ArrayList<>(List.of("train", "--resume", run.toString()));
        command.stream()
                .filter(word -> word.equals("--json") || word.equals("--debug"))
                .forEach(words::add);
        return words;
    }

    private Launch checked() {
        require("-n", processes, 1, MOST);
        require("--nodes", nodes, 1, MOST);
        require("--restarts", restarts, 0, MOST);
        if (!command.get(0).equals("train")) {
            throw new InputException("launch: only train can be shared among processes, but the command is \""
                    + command.get(0) + "\"; for example: shoestring launch -n 2 -- train fashion");
        }
        if (nodes > 1 && (node == null || master == null)) {
            throw new InputException("--nodes: " + nodes + " machines need --node-rank, from 0 to " + (nodes - 1)
                    + ", and --master HOST:PORT, the address of machine 0");
        }
        if (nodes > 1
                && (System.getenv(Launched.SECRET) == null
                        || System.getenv(Launched.SECRET).isBlank())) {
            throw new InputException(
                    Launched.SECRET + ": several machines need a secret in this environment variable, the"
                            + " same on all: any long text that others do not know");
        }
        int cores = Runtime.getRuntime().availableProcessors();
        int each = threads == null ? Math.max(1, cores / processes) : threads;
        require("--threads", each, 1, MOST);
        int number = node == null ? 0 : node;
        require("--node-rank", number, 0, nodes - 1);
        String given = System.getenv(Launched.SECRET);
        if (master == null) {
            String secret = given == null || given.isBlank() ? secret() : given;
            return new Launch(processes, nodes, number, LOOPBACK, freePort(), each, restarts, job, secret);
        }
        int colon = master.lastIndexOf(':');
        try {
            int port = Integer.parseInt(master.substring(colon + 1));
            if (colon > 0 && port > 0 && port < (1 << 16)) {
                return new Launch(
                        processes, nodes, number, master.substring(0, colon), port, each, restarts, job, given);
            }
        } catch (NumberFormatException none) {
            // Named below.
        }
        throw new InputException("--master: must be HOST:PORT, for example 10.0.0.5:29500, but is \"" + master + "\"");
    }

    private static void require(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InputException(option + ": must be from " + least + " to " + most + ", but is " + value);
        }
    }

    private static String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return socket.getLocalPort();
        } catch (IOException none) {
            throw new InputException("launch: no free port on " + LOOPBACK + " (" + none.getMessage() + ")", none);
        }
    }
}
