package dev.shoestring.cost;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Files of Linux with lines such as {@code VmHWM:   123456 kB}. */
final class KibibyteFile {
    private static final long KIBIBYTE = 1024;

    private KibibyteFile() {}

    /** What a line says, in bytes; empty where there is no such file or line. */
    static OptionalLong bytes(Path file, String key) {
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith(key)) {
                    String kibibytes =
                            line.substring(key.length()).replace("kB", "").strip();
                    return OptionalLong.of(Long.parseLong(kibibytes) * KIBIBYTE);
                }
            }
        } catch (IOException | NumberFormatException notLinux) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }
}
