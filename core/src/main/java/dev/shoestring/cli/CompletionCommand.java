package dev.shoestring.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code shoestring completion}: the completion script. */
@Command(
        name = "completion",
        description = "Prints a completion script for bash and zsh.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: source <(shoestring completion)"})
final class CompletionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(Main.completion());
        spec.commandLine().getOut().flush();
        return ExitStatus.SUCCESS;
    }
}
