package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.cli.RunningProcessors.Found;
import io.conshelf.cli.output.TerminalText;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.definition.Located;
import io.conshelf.processor.definition.Resource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What a running `conshelf up` has of Data Processor pipelines, how they do, and what starts and stops them.
final class ProcessorMonitor {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String NONE = "there is no pipeline; 'conshelf processor publish' makes one";

    private ProcessorMonitor() {}

    @Command(name = "list", description = "Lists the pipelines of a running 'conshelf up'.", mixinStandardHelpOptions = true)
    static final class ListPipelines implements Callable<Integer> {
        @Mixin
        private RunningProcessors processors;

        @Option(names = "--json", description = "print what the management interface answers")
        private boolean isJson;

        @Override
        public Integer call() throws IOException {
            List<Found> found = processors.allPipelines();
            if (isJson) {
                PipelineCommand.print(JSON.valueToTree(found.stream().map(Found::resource).toList()));
                return CommandLine.ExitCode.OK;
            }
            if (found.isEmpty()) {
                System.err.println(NONE);
                return CommandLine.ExitCode.OK;
            }
            List<List<JsonNode>> rows = new ArrayList<>();
            for (Found pipeline : found) {
                JsonNode status = processors.status(pipeline);
                rows.add(List.of(Tables.text(pipeline.instance()), Tables.text(pipeline.name()), Tables.text(status.path("provisioningState").asText()),
                        Tables.text(status.path("status").asText())));
            }
            Tables.print(List.of(Tables.column("instance"), Tables.column("pipeline"), Tables.column("provisioning"), Tables.column("status")), rows);
            return CommandLine.ExitCode.OK;
        }
    }

    @Command(name = "status", description = "Shows how pipelines of a running 'conshelf up' do: rates, what waits, and their last errors.", mixinStandardHelpOptions = true)
    static final class Status implements Callable<Integer> {
        private static final int TOLD_MAX = 5;

        @Mixin
        private RunningProcessors processors;

        @Parameters(paramLabel = "PIPELINE", arity = "0..*", description = "by name (default: all)")
        private List<String> names = new ArrayList<>();

        @Option(names = "--json", description = "print all that is known of them as JSON")
        private boolean isJson;

        @Override
        public Integer call() throws IOException {
            List<Found> found = names.isEmpty() ? processors.allPipelines() : names.stream().map(processors::pipeline).toList();
            ArrayNode all = JSON.createArrayNode();
            found.forEach(pipeline -> all.add(processors.status(pipeline)));
            if (isJson) {
                PipelineCommand.print(all);
                return CommandLine.ExitCode.OK;
            }
            if (found.isEmpty()) {
                System.err.println(NONE);
                return CommandLine.ExitCode.OK;
            }
            List<List<JsonNode>> rows = new ArrayList<>();
            for (JsonNode one : all) {
                rows.add(List.of(one.path("name"), one.path("status"), Tables.number(one.path("received").asLong()), Tables.text("%.1f/s".formatted(
                        one.path("receivedPerSecond").asDouble())), Tables.number(one.path("sent").asLong()), Tables.text("%.1f/s".formatted(
                        one.path("sentPerSecond").asDouble())), Tables.number(one.path("waiting").asLong()), Tables.number(one.path("unacknowledged").asLong()),
                        Tables.text("%.3f s".formatted(one.path("latencyInSeconds").asDouble())), Tables.number(one.path("deadLetters").asLong())));
            }
            List<Column> columns = List.of(Tables.column("pipeline"), Tables.column("status"), Tables.number("received"), Tables.right("rate"), Tables.number("sent"),
                    Tables.right("rate "), Tables.number("waiting"), Tables.number("unacknowledged"), Tables.right("latency"), Tables.number("kept aside"));
            Tables.print(columns, rows);
            all.forEach(Status::tell);
            return CommandLine.ExitCode.OK;
        }

        private static void tell(JsonNode status) {
            List<String> lines = new ArrayList<>();
            if (status.path("error").isObject()) {
                lines.add(status.path("error").path("code").asText() + ": " + status.path("error").path("message").asText());
            }
            JsonNode told = status.path("lastErrors");
            for (int i = Math.max(0, told.size() - TOLD_MAX); i < told.size(); i++) {
                JsonNode one = told.get(i);
                lines.add(one.path("last").asText() + "  " + one.path("code").asText() + (one.path("stage").asText().isEmpty() ? "" : " (" + one.path("stage").asText() + ")")
                        + ": " + one.path("message").asText() + (one.path("count").asLong() > 1 ? ", " + one.path("count").asLong() + " times" : ""));
            }
            long awaited = status.path("awaitedBatches").asLong();
            tell(status, "what holds up ", awaited == 0 ? List.of() : List.of("the cluster has " + awaited + (awaited == 1 ? " batch" : " batches")
                    + " that it has not ingested yet; meanwhile the source is held back"));
            tell(status, "remarks about ", status.path("remarks").valueStream().map(one -> one.path("path").asText() + ": " + one.path("message").asText()).toList());
            tell(status, "messages kept aside by ", status.path("deadLetterFiles").valueStream().map(JsonNode::asText).toList());
            tell(status, "last errors of ", lines);
        }

        private static void tell(JsonNode status, String title, List<String> lines) {
            if (!lines.isEmpty()) {
                System.out.println();
                System.out.println(title + TerminalText.printable(status.path("name").asText()) + ":");
                lines.forEach(line -> System.out.println("  " + TerminalText.printable(line)));
            }
        }
    }

    @Command(name = "show", description = "Shows a pipeline of a running 'conshelf up': its stages in their order, and what each has done.", mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Mixin
        private RunningProcessors processors;

        @Parameters(paramLabel = "PIPELINE", description = "the pipeline's name")
        private String name;

        @Option(names = "--json", description = "print the resource")
        private boolean isJson;

        @Override
        public Integer call() throws IOException {
            Found pipeline = processors.pipeline(name);
            if (isJson) {
                PipelineCommand.print(pipeline.resource());
                return CommandLine.ExitCode.OK;
            }
            JsonNode properties = pipeline.resource().path("properties");
            JsonNode status = processors.status(pipeline);
            System.out.println(TerminalText.printable("pipeline " + pipeline.name() + " of instance " + pipeline.instance() + ", " + status.path("status").asText()));
            if (properties.hasNonNull("description")) {
                System.out.println(TerminalText.printable(properties.path("description").asText()));
            }
            System.out.println();
            List<List<JsonNode>> rows = new ArrayList<>();
            JsonNode stage = properties.path("input");
            rows.add(row("input", stage, status.path("received").asLong(), status.path("received").asLong(), status.path("inputErrors")));
            // As many steps as there are stages, whatever they name as their next.
            for (int i = 0; i < properties.path("stages").size(); i++) {
                String id = stage.path("next").path(0).asText();
                stage = properties.path("stages").path(id);
                JsonNode counts = status.path("stages").path(id);
                rows.add(row(id, stage, counts.path("in").asLong(), counts.path("out").asLong(), counts.path("errors")));
            }
            Tables.print(List.of(Tables.column("stage"), Tables.column("type"), Tables.column("name"), Tables.number("in"), Tables.number("out"), Tables.number("errors")), rows);
            return CommandLine.ExitCode.OK;
        }

        private static List<JsonNode> row(String id, JsonNode stage, long in, long out, JsonNode errors) {
            long count = errors.properties().stream().mapToLong(error -> error.getValue().asLong()).sum();
            return List.of(Tables.text(id), Tables.text(stage.path("type").asText()), Tables.text(stage.path("displayName").asText()), Tables.number(in),
                    Tables.number(out), Tables.number(count));
        }
    }

    /// How a pipeline is written down.
    enum Form {
        /// As the portal imports it.
        DEFINITION,
        /// As a template deploys it.
        RESOURCE,
        /// As Kubernetes takes it.
        MANIFEST
    }

    @Command(name = "export", description = "Prints a pipeline of a running 'conshelf up' as JSON to keep or to import elsewhere.", mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {
        @Mixin
        private RunningProcessors processors;

        @Parameters(paramLabel = "PIPELINE", description = "the pipeline's name")
        private String name;

        @Option(names = "--as", paramLabel = "FORM", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})", defaultValue = "DEFINITION")
        private Form form;

        @Override
        public Integer call() throws IOException {
            Found pipeline = processors.pipeline(name);
            ObjectNode properties = pipeline.resource().path("properties").deepCopy();
            properties.remove("provisioningState");
            ObjectNode envelope = pipeline.resource().deepCopy();
            envelope.retain("location", "extendedLocation", "tags");
            Resource resource = new Resource(new Located("", "", properties), Resource.Kind.PIPELINE, pipeline.name(), envelope, properties);
            PipelineCommand.print(switch (form) {
                case DEFINITION -> resource.properties();
                case RESOURCE -> resource.armResource();
                case MANIFEST -> resource.customResource();
            });
            return CommandLine.ExitCode.OK;
        }
    }

    /// What a command does with one pipeline by its name.
    private abstract static class OnPipeline implements Callable<Integer> {
        @Mixin
        private RunningProcessors processors;

        @Parameters(paramLabel = "PIPELINE", description = "the pipeline's name")
        private String name;

        abstract void change(RunningProcessors processors, Found pipeline);

        @Override
        public Integer call() throws InterruptedException {
            Found pipeline = processors.pipeline(name);
            change(processors, pipeline);
            JsonNode status = processors.settled(pipeline.path());
            Optional<String> failure = Optional.of(status.path("error").path("message").asText("")).filter(message -> !message.isEmpty());
            if (failure.isPresent()) {
                throw new CommandFailure("pipeline " + pipeline.name() + " failed: " + failure.get());
            }
            System.err.println("pipeline " + pipeline.name() + ": " + status.path("status").asText("deleted"));
            return CommandLine.ExitCode.OK;
        }

        static ObjectNode enabled(JsonNode value) {
            ObjectNode change = JSON.createObjectNode();
            change.putObject("properties").set("enabled", value);
            return change;
        }
    }

    @Command(name = "start", description = "Lets a pipeline of a running 'conshelf up' run, from now on and after a restart.", mixinStandardHelpOptions = true)
    static final class Start extends OnPipeline {
        @Override
        void change(RunningProcessors processors, Found pipeline) {
            processors.patch(pipeline, enabled(JSON.getNodeFactory().booleanNode(true)));
        }
    }

    @Command(name = "stop", description = "Pauses a pipeline of a running 'conshelf up'; a broker keeps what comes meanwhile, and it goes on where it was.",
            mixinStandardHelpOptions = true)
    static final class Stop extends OnPipeline {
        @Override
        void change(RunningProcessors processors, Found pipeline) {
            processors.patch(pipeline, enabled(JSON.getNodeFactory().booleanNode(false)));
        }
    }

    @Command(name = "delete", description = "Removes a pipeline of a running 'conshelf up', and where it was.", mixinStandardHelpOptions = true)
    static final class Delete extends OnPipeline {
        @Override
        void change(RunningProcessors processors, Found pipeline) {
            processors.delete(pipeline);
        }
    }
}
