package io.conshelf.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Validation;
import io.conshelf.factory.definition.ArmExport;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.FactoryFolder;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Kind;
import java.io.IOException;
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

/// `conshelf pipeline`: Data Factory pipelines.
@Command(
        name = "pipeline",
        description = "Data Factory pipelines.",
        mixinStandardHelpOptions = true,
        subcommands = {
            PipelineCommand.Run.class,
            PipelineCommand.Validate.class,
            PipelineCommand.Import.class,
            PipelineCommand.Export.class,
            AuthoringCommands.TestConnection.class,
            AuthoringCommands.Databases.class,
            AuthoringCommands.Tables.class,
            AuthoringCommands.Preview.class,
            AuthoringCommands.ImportSchema.class,
            PublishCommand.class,
            StartCommand.class,
            MonitorCommands.ListPipelines.class,
            MonitorCommands.Show.class,
            MonitorCommands.Runs.class,
            MonitorCommands.Watch.class,
        })
final class PipelineCommand implements Runnable {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do with pipelines: run, validate, import, export, publish, start, list, show, runs, watch and others, see --help");
    }

    static void print(JsonNode json) throws JsonProcessingException {
        System.out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json));
    }

    @Command(
            name = "run",
            description = "Runs one pipeline of a factory folder or an ARM template; exits with 0 if it succeeded.",
            mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {
        @Mixin
        private FactoryArgument factory;

        @Parameters(index = "1", paramLabel = "PIPELINE", description = "the pipeline's name")
        private String pipeline;

        @Option(names = "--param", paramLabel = "k=v", description = "a parameter's value, read by its declared type; may repeat")
        private Map<String, String> parameters = new LinkedHashMap<>();

        @Mixin
        private ClusterArgument cluster;

        @Option(names = "--go-on", paramLabel = "RUN_ID", description = "run in place of a run that was interrupted: what its copies have sent is not sent again")
        private Optional<String> interrupted;

        @Option(names = "--json", description = "print the run and its activity runs as JSON")
        private boolean isJson;

        @Override
        public Integer call() throws Exception {
            try (var interruption = new Interruption()) {
                return cluster.<Integer, Exception>reach((endpoints, settings) -> report(run(endpoints, settings, interruption)));
            }
        }

        private RunRecord run(Endpoints endpoints, Settings settings, Interruption interruption) throws InterruptedException {
            try (var progress = Terminal.progress()) {
                var runner = new FactoryRunner(factory.load(), endpoints, progress).with(settings.secrets());
                var values = runner.parse(pipeline, parameters);
                var handle = interrupted.isPresent() ? runner.goOn(pipeline, values, interrupted.get()) : runner.start(pipeline, values);
                interruption.stops(() -> {
                    progress.say("stopping …");
                    handle.cancel();
                }, progress::close);
                return handle.await();
            } catch (InvalidFactoryException e) {
                throw new CommandFailure(e.getMessage(), e);
            }
        }

        private int report(RunRecord run) throws JsonProcessingException {
            if (isJson) {
                print(run.toJson());
            }
            return run.isSucceeded() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    @Command(
            name = "validate",
            description = "Reports every mistake of a factory folder or an ARM template; exits with 0 if there is none.",
            mixinStandardHelpOptions = true)
    static final class Validate implements Callable<Integer> {
        @Mixin
        private FactoryArgument factory;

        @Option(names = "--param", paramLabel = "k=v", description = "the same as --template-param")
        private Map<String, String> parameters = new LinkedHashMap<>();

        @Option(names = "--json", description = "print what was found as JSON")
        private boolean isJson;

        @Override
        public Integer call() throws JsonProcessingException {
            Validation validation = factory.validate(parameters);
            if (isJson) {
                print(validation.toJson());
            } else {
                validation.problems().forEach(System.out::println);
                validation.remarks().forEach(remark -> System.err.println("note: " + remark));
                System.err.println(validation.isValid() ? "no mistakes" : validation.problems().size() + " to mend");
            }
            return validation.isValid() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    @Command(
            name = "import",
            description = "Writes the resources of an ARM template, or of another factory folder, as a factory folder.",
            mixinStandardHelpOptions = true)
    static final class Import implements Callable<Integer> {
        @Mixin
        private FactoryArgument factory;

        @Parameters(index = "1", paramLabel = "DIR", description = "where the folder is made; files of the same name are replaced")
        private Path target;

        @Option(names = "--param", paramLabel = "k=v", description = "the same as --template-param")
        private Map<String, String> parameters = new LinkedHashMap<>();

        @Override
        public Integer call() throws IOException {
            Factory read = factory.whole(parameters);
            try {
                FactoryFolder.write(read, target);
            } catch (InvalidFactoryException e) {
                throw new CommandFailure(e.getMessage(), e);
            }
            read.remarks().forEach(remark -> System.err.println("note: " + remark));
            for (Kind kind : Kind.values()) {
                read.resources(kind).keySet().forEach(name -> System.out.println(kind.folder() + "/" + name + ".json"));
            }
            return CommandLine.ExitCode.OK;
        }
    }

    @Command(
            name = "export",
            description = "Prints a factory folder as an ARM template; secrets become parameters without a value.",
            mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {
        @Mixin
        private FactoryArgument factory;

        @Option(names = "--arm", description = "as an ARM template (the only form there is)")
        private boolean isArm;

        @Override
        public Integer call() throws JsonProcessingException {
            print(ArmExport.of(factory.whole(Map.of())));
            return CommandLine.ExitCode.OK;
        }
    }
}
