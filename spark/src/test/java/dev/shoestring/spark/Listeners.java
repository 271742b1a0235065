package dev.shoestring.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The addresses at which processes of this Linux machine listen for TCP connections, as {@code /proc} tells. */
final class Listeners {
    private static final String LISTEN = "0A";
    private static final String SOCKET = "socket:[";

    private Listeners() {}

    static Set<String> of(List<ProcessHandle> processes) throws IOException {
        Set<String> sockets = new HashSet<>();
        for (ProcessHandle process : processes) {
            sockets.addAll(sockets(process));
        }
        Set<String> addresses = new TreeSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            List<String> lines = Files.readAllLines(Path.of(table));
            for (String line : lines.subList(1, lines.size())) {
                // sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid timeout inode
                String[] cells = line.strip().split("\\s+", -1);
                if (cells[3].equals(LISTEN) && sockets.contains(cells[9])) {
                    addresses.add(address(cells[1].substring(0, cells[1].indexOf(':'))));
                }
            }
        }
        return addresses;
    }

    private static Set<String> sockets(ProcessHandle process) throws IOException {
        Set<String> inodes = new HashSet<>();
        List<Path> open = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            files.forEach(open::add);
        }
        for (Path file : open) {
            try {
                String target = Files.readSymbolicLink(file).toString();
                if (target.startsWith(SOCKET)) {
                    inodes.add(target.substring(SOCKET.length(), target.length() - 1));
                }
            } catch (NoSuchFileException closed) {
                // The process goes on while it is looked at.
            }
        }
        return inodes;
    }

    /** Words of four bytes, each with the last byte first. */
    private static String address(String hex) throws IOException {
        byte[] words = HexFormat.of().parseHex(hex);
        byte[] bytes = new byte[words.length];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[i / 4 * 4 + 3 - i % 4];
        }
        return InetAddress.getByAddress(bytes).getHostAddress();
    }
}
