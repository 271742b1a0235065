package dev.shoestring.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.generate.Continuation;
import dev.shoestring.generate.GenerationSettings;
import dev.shoestring.generate.Generator;
import dev.shoestring.generate.Sampling;
import dev.shoestring.generate.TokenListener;
import dev.shoestring.models.Decoder;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.report.LanguageReport.Sample;
import dev.shoestring.tensor.Autocast;
import dev.shoestring.tensor.DType;
import dev.shoestring.train.Arithmetic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a language model writes after a few beginnings from held-out text, before and after training. What it wrote before is kept in the
 * run's folder, in {@code samples.json}, so that a resumed run has it too.
 */
final class SampleTexts {
    /** How many beginnings. */
    static final int COUNT = 3;

    private static final int NEW_TOKENS = 48;
    private static final double TEMPERATURE = 0.8;
    private static final int LARGEST_FILE = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A beginning.
     *
     * @param shown what a reader sees of it
     * @param ids its tokens
     */
    record Prompt(String shown, List<Integer> ids) {
        static Prompt of(String shown, int[] ids) {
            return new Prompt(shown, Arrays.stream(ids).boxed().toList());
        }

        int[] array() {
            return ids.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    private final Recipe recipe;
    private final LanguageInputs inputs;
    private final Decoder decoder;
    private final Arithmetic arithmetic;

    SampleTexts(Recipe recipe, LanguageInputs inputs, Decoder decoder, Arithmetic arithmetic) {
        this.recipe = recipe;
        this.inputs = inputs;
        this.decoder = decoder;
        this.arithmetic = arithmetic;
    }

    /** Writes what the model makes of them before training; nothing if its weights are random. */
    void before(RunFolder folder) {
        if (!(recipe.model() instanceof ModelSpec.Pretrained)) {
            return;
        }
        ObjectNode json = JSON.createObjectNode();
        written(prompts()).forEach(json.putArray("before")::add);
        try {
            folder.write(folder.samples(), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** What it makes of them now, beside what it made before. */
    List<Sample> after(Path kept) {
        List<Prompt> prompts = prompts();
        List<String> now = written(prompts);
        JsonNode before = kept(kept).path("before");
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            @Nullable
            String earlier = before.path(i).isTextual() ? before.path(i).asText() : null;
            samples.add(new Sample(prompts.get(i).shown(), earlier, now.get(i)));
        }
        return samples;
    }

    private static JsonNode kept(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) < LARGEST_FILE
                    ? JSON.readTree(file.toFile())
                    : JSON.createObjectNode();
        } catch (IOException damaged) {
            // It only costs a column of the report.
            return JSON.createObjectNode();
        }
    }

    private List<Prompt> prompts() {
        int longest =
                Math.min(recipe.language().sequenceLength(), decoder.config().maxPositions() - NEW_TOKENS);
        try {
            return inputs.text().prompts(inputs, COUNT).stream()
                    .filter(prompt -> !prompt.ids().isEmpty() && prompt.ids().size() < longest)
                    .toList();
        } catch (InputException noTemplate) {
            return List.of();
        }
    }

    private List<String> written(List<Prompt> prompts) {
        if (prompts.isEmpty()) {
            return List.of();
        }
        Set<Integer> ends = new HashSet<>(inputs.ends());
        Generator generator =
                new Generator(decoder, DType.FLOAT32, inputs.tokenizer().vocabularySize(), ends);
        GenerationSettings settings =
                new GenerationSettings(NEW_TOKENS, Sampling.Drawn.at(TEMPERATURE), 1, List.of(), recipe.seed());
        List<int[]> ids = prompts.stream().map(Prompt::array).toList();
        List<Continuation> made;
        if (arithmetic == Arithmetic.BF16) {
            try (Autocast autocast = Autocast.to(DType.BFLOAT16)) {
                made = generator.generate(ids, settings, TokenListener.none());
            }
        } else {
            made = generator.generate(ids, settings, TokenListener.none());
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            WrittenText text = new WrittenText(i, ids.get(i), inputs.tokenizer(), List.of(), TextListener.none());
            made.get(i).ids().stream().filter(id -> !ends.contains(id)).forEach(text::accept);
            texts.add(text.finish());
        }
        return texts;
    }
}
