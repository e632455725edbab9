package io.conshelf.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `conshelf stream`: Stream Analytics jobs.
@Command(name = "stream", description = "Stream Analytics jobs (not built yet).", subcommands = StreamCommand.Run.class)
final class StreamCommand {
    @Command(name = "run", description = "Runs a Stream Analytics job (not built yet).")
    static final class Run implements Runnable {
        @Parameters(paramLabel = "ARGUMENT", description = "the job's folder or file, and options")
        private List<String> arguments;

        @Override
        public void run() {
            throw new CommandFailure("'stream run' is not built yet: this version runs clusters, queries and pipelines");
        }
    }
}
