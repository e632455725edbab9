package io.conshelf.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.factory.copy.Authoring;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The steps of making a factory, as commands: `pipeline test-connection` and its like.
final class AuthoringCommands {
    private AuthoringCommands() {}

    private interface Step {
        void run(Authoring authoring, ObjectNode parameters) throws Authoring.StepFailure, IOException;
    }

    /// What all steps take.
    private abstract static class OnFactory implements Callable<Integer> {
        @Mixin
        private FactoryArgument factory;

        @Option(names = "--param", paramLabel = "k=v", description = "a parameter of the linked service or dataset; may repeat")
        private Map<String, String> parameters = new LinkedHashMap<>();

        @Option(names = "--cluster", paramLabel = "URL", description = "the cluster in place of every Azure Data Explorer endpoint (default: one that lives as long as the command)")
        private Optional<String> cluster;

        @Option(names = "--config", paramLabel = "FILE", description = "settings as YAML: live, limits, auth, allowedFolders, secrets")
        private Optional<Path> config;

        int run(Step step) throws IOException {
            var settings = Settings.read(config);
            if (cluster.isPresent()) {
                return run(step, Endpoints.replacedBy(URI.create(cluster.get()), settings.live()), settings.secrets());
            }
            try (Server server = UpCommand.start(settings.apply(ServerConfig.local()))) {
                return run(step, Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), settings.live()), settings.secrets());
            }
        }

        private int run(Step step, Endpoints endpoints, GivenSecrets secrets) throws IOException {
            ObjectNode given = JsonNodeFactory.instance.objectNode();
            parameters.forEach(given::put);
            try (var authoring = new Authoring(factory.load(), endpoints, FolderAccess.ANY, secrets)) {
                step.run(authoring, given);
                return CommandLine.ExitCode.OK;
            } catch (Authoring.StepFailure | InvalidFactoryException e) {
                throw new CommandFailure(e.getMessage(), e);
            }
        }
    }

    @Command(name = "test-connection", description = "Tries the connection of a linked service.", mixinStandardHelpOptions = true)
    static final class TestConnection extends OnFactory {
        @Parameters(index = "1", paramLabel = "LINKED_SERVICE")
        private String service;

        @Override
        public Integer call() throws IOException {
            return run((authoring, parameters) -> {
                authoring.testConnection(service, parameters);
                System.out.println("connected");
            });
        }
    }

    @Command(name = "databases", description = "Lists the databases of a linked service's cluster.", mixinStandardHelpOptions = true)
    static final class Databases extends OnFactory {
        @Parameters(index = "1", paramLabel = "LINKED_SERVICE")
        private String service;

        @Override
        public Integer call() throws IOException {
            return run((authoring, parameters) -> authoring.databases(service, parameters).forEach(System.out::println));
        }
    }

    @Command(name = "tables", description = "Lists the tables of a linked service's database.", mixinStandardHelpOptions = true)
    static final class Tables extends OnFactory {
        @Parameters(index = "1", paramLabel = "LINKED_SERVICE")
        private String service;

        @Override
        public Integer call() throws IOException {
            return run((authoring, parameters) -> authoring.tables(service, parameters).forEach(System.out::println));
        }
    }

    @Command(name = "preview", description = "Prints the first rows of a dataset as JSON.", mixinStandardHelpOptions = true)
    static final class Preview extends OnFactory {
        @Parameters(index = "1", paramLabel = "DATASET")
        private String dataset;

        @Option(names = "--rows", description = "how many (default: ${DEFAULT-VALUE})", defaultValue = "10")
        private int rows;

        @Override
        public Integer call() throws IOException {
            return run((authoring, parameters) -> PipelineCommand.print(authoring.preview(dataset, parameters, rows).toJson()));
        }
    }

    @Command(name = "import-schema", description = "Prints the columns of a dataset as its 'schema' has them.", mixinStandardHelpOptions = true)
    static final class ImportSchema extends OnFactory {
        @Parameters(index = "1", paramLabel = "DATASET")
        private String dataset;

        @Override
        public Integer call() throws IOException {
            return run((authoring, parameters) -> PipelineCommand.print(authoring.schema(dataset, parameters)));
        }
    }
}
