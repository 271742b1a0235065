package dev.shoestring.cli;

import dev.shoestring.recipe.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Prompts from the lines of a UTF-8 file or of standard input; empty lines are none. */
final class PromptSource {
    private static final int LONGEST_LINE = 1 << 20;
    private static final int MOST_LINES = 100_000;

    private PromptSource() {}

    static List<String> file(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return lines(in, file.toString());
        } catch (NoSuchFileException missing) {
            throw new InputException(file + ": there is no such file", missing);
        } catch (IOException unreadable) {
            throw new InputException(file + ": cannot be read (" + unreadable + "); give a text file", unreadable);
        }
    }

    static List<String> standardInput() throws IOException {
        return lines(System.in, "standard input");
    }

    private static List<String> lines(InputStream in, String source) throws IOException {
        List<String> prompts = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.length() > LONGEST_LINE || prompts.size() == MOST_LINES) {
                    throw new InputException(source + ": line " + number + " is "
                            + (prompts.size() == MOST_LINES
                                    ? "more than " + MOST_LINES + " prompts; split the file"
                                    : "longer than " + LONGEST_LINE + " characters; split it"));
                }
                if (!line.isBlank()) {
                    prompts.add(line);
                }
            }
        } catch (CharacterCodingException notUtf8) {
            throw new InputException(source + ": is not UTF-8; convert it, for example with iconv", notUtf8);
        }
        if (prompts.isEmpty()) {
            throw new InputException(source + ": has no prompt; write one a line, or give it as an argument");
        }
        return prompts;
    }
}
