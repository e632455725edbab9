package io.conshelf.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `conshelf processor`: Data Processor pipelines.
@Command(
        name = "processor",
        description = "Data Processor pipelines.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ProcessorCommand.Run.class,
            ProcessorValidate.class,
            ProcessorPublish.class,
            ProcessorMonitor.ListPipelines.class,
            ProcessorMonitor.Status.class,
            ProcessorMonitor.Show.class,
            ProcessorMonitor.Export.class,
            ProcessorMonitor.Start.class,
            ProcessorMonitor.Stop.class,
            ProcessorMonitor.Delete.class,
        })
final class ProcessorCommand implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do with pipelines: see --help");
    }

    @Command(name = "run", description = "Runs a Data Processor pipeline (not built yet).")
    static final class Run implements Runnable {
        @Parameters(paramLabel = "ARGUMENT", description = "the pipeline's file, and options")
        private List<String> arguments;

        @Override
        public void run() {
            throw new CommandFailure("'processor run' is not built yet: this version runs clusters, queries and pipelines");
        }
    }
}
