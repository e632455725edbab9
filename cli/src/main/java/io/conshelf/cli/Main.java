package io.conshelf.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/// The `conshelf` command. Results go to standard output, everything else to standard error; the exit code is 0 for
/// success, 1 for a failure that is explained, 2 for a wrong command line.
@Command(
        name = "conshelf",
        description = "Everything that moves data into and out of Azure Data Explorer, on your own machine.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            UpCommand.class,
            QueryCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            AppCommand.class,
            UserCommand.class,
            CertCommand.class,
            PipelineCommand.class,
            DemoCommand.class,
            EvalCommand.class,
            BenchCommand.class,
            StreamCommand.class,
            ProcessorCommand.class,
            TrainCommand.class,
            TestCommand.class,
            CommandLine.HelpCommand.class,
            AutoComplete.GenerateCompletion.class,
        })
public final class Main implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        Logging.quiet();
        CertCommand.trustOwnAuthority();
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(new WrongCommandLine())
                .setExecutionExceptionHandler(new ExplainedFailures());
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do: see the commands above");
    }

    /// A failure that tells what to do ends in one line; anything else is our mistake and shows where it happened.
    private static final class ExplainedFailures implements IExecutionExceptionHandler {
        @Override
        public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
            if (failure instanceof CommandFailure) {
                System.err.println("conshelf: " + failure.getMessage());
            } else {
                System.err.println("conshelf: this is a defect of conshelf, please report it:");
                failure.printStackTrace();
            }
            return CommandLine.ExitCode.SOFTWARE;
        }
    }
}
