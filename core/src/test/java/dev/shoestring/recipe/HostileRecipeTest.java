package dev.shoestring.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be read at all has one message. */
final class HostileRecipeTest {
    private static String message(String yaml) {
        InputException e = catchThrowableOfType(InputException.class, () -> Recipes.parse("bad.yaml", yaml, List.of()));
        assertThat(e).as(yaml.substring(0, Math.min(100, yaml.length()))).isNotNull();
        String message = String.valueOf(e.getMessage());
        assertThat(message).doesNotContain("\n").hasSizeLessThan(400);
        return message;
    }

    private static String messageOfFile(Path file) {
        return String.valueOf(catchThrowableOfType(InputException.class, () -> Recipes.load(file.toString(), List.of()))
                .getMessage());
    }

    @Test
    void aliasesAreRefused() {
        assertThat(message("a: &x [1]\nb: *x")).startsWith("bad.yaml:1:4: anchors and aliases");
        assertThat(message("a: *x")).contains("anchors and aliases");
    }

    @Test
    void tagsAreRefused() {
        assertThat(message("a: !!javax.script.ScriptEngineManager []")).contains("tags (!) are not allowed");
        assertThat(message("a: !!str x")).contains("tags (!) are not allowed");
    }

    @Test
    void deepNestingIsRefused() {
        assertThat(message("a: " + "[".repeat(500_000))).contains("nested more than 12 deep");
        assertThat(message("{a: ".repeat(200_000))).contains("nested more than 12 deep");
        assertThat(message("- ".repeat(200_000))).contains("nested more than 12 deep");
    }

    @Test
    void duplicateKeysAreRefused() {
        assertThat(message("seed: 1\nmodel: {}\nseed: 2")).contains("seed").containsIgnoringCase("duplicate");
    }

    @Test
    void whatIsNotOneMappingIsRefused() {
        assertThat(message("")).isEqualTo("bad.yaml: is empty; a recipe needs at least model and data");
        assertThat(message("# only a comment\n")).contains("is empty");
        assertThat(message("just text")).contains("a recipe is a mapping");
        assertThat(message("[1, 2]")).contains("this is a list");
        assertThat(message("a: 1\n---\nb: 2")).contains("a second starts here");
        assertThat(message("a: [1")).startsWith("bad.yaml:");
        assertThat(message("? [a, b]\n: 1")).startsWith("bad.yaml");
        assertThat(message("a: \u0000")).startsWith("bad.yaml: is not YAML");
        assertThat(message("\"a: ".repeat(1000))).startsWith("bad.yaml");
        assertThat(message("a: " + "9".repeat(500_000))).startsWith("bad.yaml");
        assertThat(message("a: .nan")).startsWith("bad.yaml:1:");
        assertThat(message("a".repeat(YamlText.MOST_CHARACTERS + 1))).contains("at most 1 MiB");
    }

    @Test
    void filesThatAreNoRecipes(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("latin1.yaml"), "name: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        Files.write(folder.resolve("large.yaml"), new byte[YamlText.MOST_CHARACTERS + 1]);
        Files.writeString(folder.resolve("empty.yaml"), "");
        Files.writeString(folder.resolve("tickets.yaml"), "{}");
        Files.createDirectory(folder.resolve("directory.yaml"));
        assertThat(messageOfFile(folder.resolve("latin1.yaml"))).contains("is not UTF-8 text");
        assertThat(messageOfFile(folder.resolve("large.yaml"))).contains("at most 1 MiB");
        assertThat(messageOfFile(folder.resolve("empty.yaml"))).contains("is empty");
        assertThat(messageOfFile(folder.resolve("directory.yaml"))).contains("but this is a directory");
        assertThat(messageOfFile(folder.resolve("tikets.yaml"))).contains("nearest: " + folder.resolve("tickets.yaml"));
        assertThat(messageOfFile(folder.resolve("none/x.yaml"))).contains("no such file or bundled recipe");
    }

    @Test
    void aMistypedBundledNameIsCorrected() {
        assertThat(messageOfFile(Path.of("none/definitons.yml"))).contains("nearest: definitions;");
        for (String name : List.of("defintions_small", "", " ", "a\0b")) {
            InputException e = catchThrowableOfType(InputException.class, () -> Recipes.load(name, List.of()));
            assertThat(e).isNotNull();
            assertThat(e.getMessage()).startsWith("recipe \"");
            if (name.startsWith("def")) {
                assertThat(e.getMessage()).contains("nearest: definitions-small; bundled: definitions, ");
            }
        }
    }

    @Test
    void damagedRecipesGiveMessagesOnly() {
        String alphabet = "{}[]:,#&*!|>'\"%@`?- \n\t.~e0123456789_abc\\\u0000\u00e9\uFEFF\uD83D";
        String whole = RecipeYaml.write(Recipes.load("definitions", List.of()));
        Random random = new Random(1);
        int read = 0;
        for (int i = 0; i < 1000; i++) {
            StringBuilder yaml = new StringBuilder(whole);
            for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
                int at = random.nextInt(yaml.length());
                yaml.replace(
                        at,
                        Math.min(yaml.length(), at + random.nextInt(4)),
                        String.valueOf(alphabet.charAt(random.nextInt(alphabet.length()))));
            }
            try {
                Recipe recipe = Recipes.parse("damaged", yaml.toString(), List.of());
                assertThat(Recipes.parse("other", RecipeYaml.write(recipe), List.of()))
                        .isEqualTo(recipe);
                read++;
            } catch (UserException e) {
                assertThat(e).hasMessageStartingWith("damaged");
            }
        }
        assertThat(read).isBetween(10, 990);
    }
}
