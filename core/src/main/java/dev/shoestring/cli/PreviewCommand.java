package dev.shoestring.cli;

import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.report.ContactSheet;
import dev.shoestring.report.ProgressLine;
import dev.shoestring.run.Preview;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shoestring preview}. */
@Command(
        name = "preview",
        description =
                "Draws what the network will see: training images as augmentation changes them, with their labels.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  shoestring preview fashion",
            "  shoestring preview --data photos/ --set 'augment=[flip, crop, cutmix]' --out sheet.png"
        })
final class PreviewCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "RECIPE", description = "A bundled recipe or a YAML file.")
    private @Nullable String recipe;

    @Option(names = "--data", paramLabel = "FOLDER", description = "Your own images, a folder for each label.")
    private @Nullable String data;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a value of the recipe; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "preview.png",
            description = "The PNG file (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("preview.png");

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        if (data != null && recipe != null) {
            throw new InputException("--data: images of your own and the recipe " + recipe
                    + " were both given; name the folder in the recipe (data.train), or leave the recipe out");
        }
        Recipe chosen = data != null
                ? Recipes.forTable(data, null, null, null, null, overrides)
                : Recipes.load(recipe == null ? "fashion" : recipe, overrides);
        PrintWriter writer = spec.commandLine().getOut();
        try (ProgressLine progress = ProgressLine.ofStandardError()) {
            ContactSheet sheet = Preview.of(chosen, new TerminalListener(progress));
            progress.finish();
            String left = sheet.write(out);
            if (common.json) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("file", out.toString());
                document.put(
                        "captions",
                        sheet.columns().stream()
                                .map(column -> column.stream()
                                        .map(ContactSheet.Tile::caption)
                                        .toList())
                                .toList());
                CommonOptions.print(writer, document);
            } else {
                writer.println(out + (left.isEmpty() ? "" : "; " + left));
            }
            writer.flush();
        }
        return ExitStatus.SUCCESS;
    }
}
