package dev.shoestring.cli;

import dev.shoestring.recipe.UserException;
import dev.shoestring.run.LeftAloneException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: {@code shoestring COMMAND}. */
@Command(
        name = "shoestring",
        description = "Trains, fine-tunes and shrinks models on the JVM for the least money.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TrainCommand.class,
            PredictCommand.class,
            GenerateCommand.class,
            EvalCommand.class,
            PlanCommand.class,
            DoctorCommand.class,
            SavingsCommand.class,
            ShrinkCommand.class,
            LaunchCommand.class,
            PreviewCommand.class,
            RunsCommand.class,
            TokenizerCommand.class,
            ExportCommand.class,
            CompletionCommand.class,
            HelpCommand.class
        },
        footer = {"", "Example: shoestring train --data tickets.csv --text body --label topic"})
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Shows the stack trace of an error.")
    private boolean debug;

    /** Runs the command and exits with its status. */
    public static void main(String[] arguments) {
        // Read once, when JavaCPP's Pointer class loads; scopes free everything.
        System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
        System.exit(run(arguments));
    }

    /** Runs the command and returns its exit status. */
    static int run(String... arguments) {
        Main main = new Main();
        return new CommandLine(main)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::misused)
                .setExecutionExceptionHandler((failed, command, parsed) -> failed(failed, command, main.debug))
                .execute(arguments);
    }

    private static int misused(ParameterException misuse, String[] arguments) {
        CommandLine command = misuse.getCommandLine();
        command.getErr().println("shoestring: " + misuse.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(misuse, command.getErr())) {
            command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        }
        return ExitStatus.BAD_INPUT;
    }

    private static int failed(Exception failed, CommandLine command, boolean debug) {
        if (failed instanceof UserException) {
            command.getErr().println("shoestring: " + failed.getMessage());
            if (debug) {
                failed.printStackTrace(command.getErr());
            }
            return ExitStatus.BAD_INPUT;
        }
        if (failed instanceof LeftAloneException && !debug) {
            command.getErr().println("shoestring: " + failed.getMessage());
            return ExitStatus.FAULT;
        }
        command.getErr().println("shoestring: a fault of ours: " + failed);
        failed.printStackTrace(command.getErr());
        return ExitStatus.FAULT;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** The completion script of all commands for bash and zsh. */
    static String completion() {
        return AutoComplete.bash("shoestring", new CommandLine(new Main()));
    }
}
