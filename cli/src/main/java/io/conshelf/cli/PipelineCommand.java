package io.conshelf.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf pipeline`: Data Factory pipelines.
@Command(
        name = "pipeline",
        description = "Data Factory pipelines.",
        mixinStandardHelpOptions = true,
        subcommands = PipelineCommand.Run.class)
final class PipelineCommand implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do with pipelines: run");
    }

    @Command(
            name = "run",
            description = "Runs one pipeline of a factory folder; exits with 0 if it succeeded.",
            mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "FACTORY_DIR", description = "the folder that Data Factory keeps in git")
        private Path folder;

        @Parameters(index = "1", paramLabel = "PIPELINE", description = "the pipeline's name")
        private String pipeline;

        @Option(names = "--param", paramLabel = "k=v", description = "a parameter's value, read by its declared type; may repeat")
        private Map<String, String> parameters = new LinkedHashMap<>();

        @Option(names = "--cluster", paramLabel = "URL", description = "the cluster in place of every Azure Data Explorer endpoint (default: one that lives as long as the run)")
        private Optional<String> cluster;

        @Option(names = "--json", description = "print the run and its activity runs as JSON")
        private boolean isJson;

        @Option(names = "--config", paramLabel = "FILE", description = "settings as YAML: live, limits, auth, allowedFolders")
        private Optional<Path> config;

        @Override
        public Integer call() throws Exception {
            var settings = Settings.read(config);
            if (cluster.isPresent()) {
                return report(run(Endpoints.replacedBy(URI.create(cluster.get()), settings.live())));
            }
            try (Server server = UpCommand.start(settings.apply(ServerConfig.local()))) {
                return report(run(Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), settings.live())));
            }
        }

        private RunRecord run(Endpoints endpoints) throws InterruptedException {
            try {
                var runner = new FactoryRunner(Factory.load(folder), endpoints, new RunProgress(System.err));
                return runner.run(pipeline, runner.parse(pipeline, parameters));
            } catch (InvalidFactoryException e) {
                throw new CommandFailure(e.getMessage(), e);
            }
        }

        private int report(RunRecord run) throws JsonProcessingException {
            if (isJson) {
                System.out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(run.toJson()));
            }
            return run.isSucceeded() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }
}
