package dev.shoestring.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** Options that every working command takes. */
final class CommonOptions {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(names = "--json", description = "Prints one JSON document on standard output and nothing else there.")
    boolean json;

    /** Prints one JSON document. */
    static void print(PrintWriter out, Object document) {
        try {
            out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document));
            out.flush();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
