package dev.shoestring.cost;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What this machine can do, as {@code shoestring doctor} measured it. Rates are by precision ({@code fp32}, {@code bf16}).
 *
 * @param processor its name, family and model
 * @param cores cores that a process may use
 * @param measuredAt when, ISO 8601
 * @param matrixProduct FLOP/s of a large matrix product: the ceiling that MFU refers to
 * @param convolution FLOP/s of a 3×3 convolution
 * @param memoryBandwidth bytes/s, read and written, of a copy
 * @param diskWrite bytes/s until the data is on disk
 * @param startSeconds from the start of the Java process until LibTorch is ready
 * @param encoderStep FLOP/s of fine-tuning steps of a small encoder (6 layers, width 384, 32 short sentences)
 * @param encoderForward FLOP/s of its forward pass
 * @param headStepSeconds a step of a linear head on cached features
 * @param residentBytes memory of the process once LibTorch is loaded
 */
public record MachineProfile(
        String processor,
        int cores,
        String measuredAt,
        Map<String, Double> matrixProduct,
        Map<String, Double> convolution,
        double memoryBandwidth,
        double diskWrite,
        double startSeconds,
        Map<String, Double> encoderStep,
        Map<String, Double> encoderForward,
        double headStepSeconds,
        double residentBytes) {
    private static final String VARIABLE = "SHOESTRING_MACHINE";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** Copies the maps. */
    public MachineProfile {
        matrixProduct = Map.copyOf(matrixProduct);
        convolution = Map.copyOf(convolution);
        encoderStep = Map.copyOf(encoderStep);
        encoderForward = Map.copyOf(encoderForward);
        for (double rate : new double[] {memoryBandwidth, diskWrite, startSeconds, headStepSeconds, residentBytes}) {
            require(rate);
        }
        for (Map<String, Double> rates : List.of(matrixProduct, convolution, encoderStep, encoderForward)) {
            rates.values().forEach(MachineProfile::require);
        }
    }

    private static void require(double rate) {
        if (!(rate > 0 && rate < Double.MAX_VALUE)) {
            throw new IllegalArgumentException("a rate must be greater than 0, but is " + rate);
        }
    }

    /** Whether training was measured to be faster in bf16 than in fp32. */
    public boolean prefersBf16() {
        return encoderStep.getOrDefault("bf16", 0.0) > encoderStep.getOrDefault("fp32", 0.0);
    }

    /** Where it is kept: the file that {@code SHOESTRING_MACHINE} names, otherwise {@code ~/.config/shoestring/machine.json}. */
    public static Path file() {
        String named = System.getenv().getOrDefault(VARIABLE, "");
        return named.isBlank()
                ? Path.of(System.getProperty("user.home", ""), ".config", "shoestring", "machine.json")
                : Path.of(named);
    }

    /** The profile of this machine; empty if there is none, or if it was measured on another processor or number of cores. */
    public static Optional<MachineProfile> load() {
        return load(file(), Processor.id(), Runtime.getRuntime().availableProcessors());
    }

    static Optional<MachineProfile> load(Path file, String processor, int cores) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            MachineProfile profile = JSON.readValue(Files.readAllBytes(file), MachineProfile.class);
            boolean here = processor.equals(profile.processor()) && cores == profile.cores();
            return here ? Optional.of(profile) : Optional.empty();
        } catch (JsonProcessingException | RuntimeException malformed) {
            throw new InputException(
                    file + ": is not a machine's profile; remove it, or measure again with: shoestring doctor",
                    malformed);
        } catch (IOException unreadable) {
            throw new InputException(file + ": cannot be read (" + unreadable + ")", unreadable);
        }
    }

    /**
     * Keeps it.
     *
     * @throws InputException if the file cannot be written
     */
    public void save(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new InputException(file + ": the machine's profile cannot be written (" + failed + ")", failed);
        }
    }
}
