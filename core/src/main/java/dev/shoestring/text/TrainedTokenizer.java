package dev.shoestring.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A tokenizer that {@link BpeTrainer} made.
 *
 * @param tokenizerJson {@code tokenizer.json}
 * @param tokenizerConfig {@code tokenizer_config.json}
 * @param vocabularySize pieces, special tokens and bytes included
 * @param distinctWords different words that were counted
 */
public record TrainedTokenizer(
        ObjectNode tokenizerJson, ObjectNode tokenizerConfig, int vocabularySize, int distinctWords) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Opens it. */
    public LanguageTokenizer open(String source) {
        try {
            return LanguageTokenizer.from(JSON.writeValueAsBytes(tokenizerJson), tokenizerConfig, source);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Writes both files into a folder, which is made if it is not there.
     *
     * @throws InputException if it cannot be written
     */
    public void write(Path folder) {
        try {
            Files.createDirectories(folder);
            write(folder.resolve("tokenizer.json"), tokenizerJson);
            write(folder.resolve("tokenizer_config.json"), tokenizerConfig);
        } catch (IOException e) {
            throw new InputException(folder + ": cannot be written (" + e + "); choose another folder", e);
        }
    }

    private static void write(Path file, JsonNode json) throws IOException {
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), ".tokenizer", ".part");
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(part.toFile(), json);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
