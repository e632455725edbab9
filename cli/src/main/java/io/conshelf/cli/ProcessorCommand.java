package io.conshelf.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `conshelf processor`: Data Processor pipelines.
@Command(
        name = "processor",
        description = "Data Processor pipelines.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ProcessorRun.class,
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
}
