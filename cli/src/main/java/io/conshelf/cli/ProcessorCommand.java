package io.conshelf.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `conshelf processor`: Data Processor pipelines.
@Command(
        name = "processor",
        description = "Data Processor pipelines (not built yet).",
        subcommands = ProcessorCommand.Run.class)
final class ProcessorCommand {
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
