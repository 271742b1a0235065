package dev.shoestring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The figures of docs/concepts/scale.md are those that its commands print. */
final class ScalePageTest {
    private static final Pattern SHOWN = Pattern.compile("```\\n\\$ \\./shoestring (.*)\\n([\\s\\S]*?)```");

    @Test
    void thePageShowsWhatItsCommandsPrint() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "concepts", "scale.md"));
        Matcher shown = SHOWN.matcher(page);
        List<String> commands = new ArrayList<>();
        while (shown.find()) {
            String command = shown.group(1).replace("docs/", Path.of("..", "docs") + "/");
            Cli result = Cli.run(command.split(" ", -1));
            assertThat(result.status()).as(command + result.err()).isZero();
            assertThat(result.out().strip())
                    .as(command)
                    .isEqualTo(shown.group(2).strip());
            commands.add(command);
        }
        assertThat(commands).hasSize(3);
    }
}
