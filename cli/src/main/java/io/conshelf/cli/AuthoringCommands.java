package io.conshelf.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.factory.copy.Authoring;
import io.conshelf.factory.definition.InvalidFactoryException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The steps of making a factory, as commands: `pipeline test-connection` and its like.
final class AuthoringCommands {
    private AuthoringCommands() {}

    /// A step, and what all of them take.
    private abstract static class OnFactory implements Callable<Integer> {
        @Mixin
        private FactoryArgument factory;

        @Mixin
        private ClusterArgument cluster;

        @Option(names = "--param", paramLabel = "k=v", description = "a parameter of the linked service or dataset; may repeat")
        private Map<String, String> parameters = new LinkedHashMap<>();

        /// Does the step, and prints what it brings.
        abstract void step(Authoring authoring, ObjectNode parameters) throws Authoring.StepFailure, IOException;

        @Override
        public Integer call() throws IOException {
            return cluster.<Integer, IOException>reach((endpoints, settings) -> {
                ObjectNode given = JsonNodeFactory.instance.objectNode();
                parameters.forEach(given::put);
                try (var authoring = new Authoring(factory.load(), endpoints, FolderAccess.ANY, settings.secrets())) {
                    step(authoring, given);
                    return CommandLine.ExitCode.OK;
                } catch (Authoring.StepFailure | InvalidFactoryException e) {
                    throw new CommandFailure(e.getMessage(), e);
                }
            });
        }
    }

    private abstract static class OnLinkedService extends OnFactory {
        @Parameters(index = "1", paramLabel = "LINKED_SERVICE")
        String service;
    }

    private abstract static class OnDataset extends OnFactory {
        @Parameters(index = "1", paramLabel = "DATASET")
        String dataset;
    }

    @Command(name = "test-connection", description = "Tries the connection of a linked service.", mixinStandardHelpOptions = true)
    static final class TestConnection extends OnLinkedService {
        @Override
        void step(Authoring authoring, ObjectNode parameters) throws Authoring.StepFailure {
            authoring.testConnection(service, parameters);
            System.out.println("connected");
        }
    }

    @Command(name = "databases", description = "Lists the databases of a linked service's cluster.", mixinStandardHelpOptions = true)
    static final class Databases extends OnLinkedService {
        @Override
        void step(Authoring authoring, ObjectNode parameters) throws Authoring.StepFailure {
            authoring.databases(service, parameters).forEach(System.out::println);
        }
    }

    @Command(name = "tables", description = "Lists the tables of a linked service's database.", mixinStandardHelpOptions = true)
    static final class Tables extends OnLinkedService {
        @Override
        void step(Authoring authoring, ObjectNode parameters) throws Authoring.StepFailure {
            authoring.tables(service, parameters).forEach(System.out::println);
        }
    }

    @Command(name = "preview", description = "Prints the first rows of a dataset as JSON.", mixinStandardHelpOptions = true)
    static final class Preview extends OnDataset {
        @Option(names = "--rows", description = "how many (default: ${DEFAULT-VALUE})", defaultValue = "10")
        private int rows;

        @Override
        void step(Authoring authoring, ObjectNode parameters) throws Authoring.StepFailure, IOException {
            PipelineCommand.print(authoring.preview(dataset, parameters, rows).toJson());
        }
    }

    @Command(name = "import-schema", description = "Prints the columns of a dataset as its 'schema' has them.", mixinStandardHelpOptions = true)
    static final class ImportSchema extends OnDataset {
        @Override
        void step(Authoring authoring, ObjectNode parameters) throws Authoring.StepFailure, IOException {
            PipelineCommand.print(authoring.schema(dataset, parameters));
        }
    }
}
