package io.conshelf.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.cli.ProcessorReport.Kept;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.processor.dataset.Dataset;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.InputDefinition.Settings.Mqtt;
import io.conshelf.processor.definition.OutputDefinition.Settings.DataExplorer;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.definition.PipelineDefinition.Activity;
import io.conshelf.processor.run.DeadLetterPlace;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.Pipelines;
import io.conshelf.processor.run.RunPlace;
import io.conshelf.processor.source.RecordedSource;
import io.conshelf.processor.value.JsonText;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf processor run`: runs pipelines until they are interrupted.
@Command(
        name = "run",
        description = "Runs pipelines until Ctrl-C, or over recorded messages to their end. Exits with 0 if nothing ended them before.",
        mixinStandardHelpOptions = true)
final class ProcessorRun implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration LOOKING = Duration.ofMillis(500);
    private static final Duration ENDING = Duration.ofSeconds(6);
    private static final String SECRETS = "they are given under 'secrets' of --config, as variables CONSHELF_SECRET_<NAME>, or as files of 'secretsFolder'";
    private static final String INSTANCE = "conshelf";

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "pipelines and datasets: resources, ARM templates, manifests or the portal's export; or folders of them")
    private List<Path> files;

    @Option(names = "--cluster", paramLabel = "URL", description = "the cluster in place of every Azure Data Explorer endpoint (default: one that lives as long as the run)")
    private Optional<String> cluster;

    @Option(names = "--state", paramLabel = "DIR", description = "where pipelines keep what they must not forget (default: beside the user's other state, or where the cluster "
            + "lives as long as the run, in a temporary folder)")
    private Optional<Path> state;

    @Option(names = "--input", paramLabel = "FILE", description = "play these messages back in place of the source: JSON lines with topic, payload or payloadBase64, and at, "
            + "the time of receipt")
    private Optional<Path> input;

    @Option(names = "--reference", paramLabel = "FILE", description = "records that datasets have from the start: JSON lines with dataset, payload and at")
    private Optional<Path> reference;

    @Option(names = "--tables", paramLabel = "FILE", description = "commands that the cluster of the run is given first (default: tables.kql beside the first file)")
    private Optional<Path> tables;

    @Option(names = "--dead-letters", paramLabel = "URL", description = "the topic where messages go that can't be processed, in place of files beside the state: "
            + "mqtt://<host>:<port>/<topic>")
    private Optional<String> deadLetters;

    @Option(names = "--keep", description = "with --input: keep the cluster of the run until Ctrl-C, to look at what the pipeline wrote")
    private boolean isKept;

    @Option(names = "--json", description = "print how it went as JSON")
    private boolean isJson;

    @Option(names = "--config", paramLabel = "FILE", description = "settings as YAML: live, limits, auth, allowedFolders, secrets")
    private Optional<Path> config;

    @Override
    public Integer call() throws Exception {
        requireOptions();
        Logging.quietPipelines();
        Settings settings = Settings.read(config);
        Definitions definitions = read();
        List<PipelineDefinition> pipelines = enabled(definitions);
        if (input.isPresent() && pipelines.size() != 1) {
            throw new CommandFailure("--input plays messages back to one pipeline, and there are " + pipelines.size());
        }
        pipelines.stream().flatMap(pipeline -> pipeline.missingSecrets(name -> settings.namedSecrets().find(name).isPresent()).stream()).forEach(missing ->
                System.err.println("note: " + missing + "; " + SECRETS));
        // Whoever interrupts it still learns how it went, and nothing of it stays behind.
        try (Interruption interruption = new Interruption()) {
            return run(new Given(settings, definitions, pipelines), interruption);
        }
    }

    private record Given(Settings settings, Definitions definitions, List<PipelineDefinition> pipelines) {}

    private void requireOptions() {
        if (isKept && (input.isEmpty() || cluster.isPresent())) {
            throw new CommandLine.ParameterException(spec.commandLine(), input.isEmpty()
                    ? "--keep goes with --input: without it the pipelines and the cluster of the run go on until Ctrl-C"
                    : "--keep is about the cluster of the run, and --cluster names another");
        }
        requireFile("--input", input);
        requireFile("--reference", reference);
        requireFile("--tables", tables);
    }

    private static void requireFile(String option, Optional<Path> file) {
        if (file.isPresent() && (!Files.isReadable(file.get()) || Files.isDirectory(file.get()))) {
            throw new CommandFailure(option + ": there is no file '" + file.get() + "' that can be read");
        }
    }

    private int run(Given given, Interruption interruption) throws Exception {
        boolean isEmbedded = cluster.isEmpty() && given.pipelines().stream().anyMatch(pipeline -> pipeline.output().settings() instanceof DataExplorer);
        boolean isTemporary = state.isEmpty() && (isEmbedded || input.isPresent());
        Path folder = isTemporary ? Files.createTempDirectory("conshelf-processor-") : state.orElseGet(ProcessorRun::userState);
        Settings settings = given.settings();
        Kept kept = isTemporary ? Kept.GOES : Kept.STAYS;
        try {
            if (!isEmbedded) {
                Endpoints endpoints = cluster.isPresent() ? Endpoints.replacedBy(address(cluster.get()), settings.live())
                        // Nothing listens there, and nothing of the pipelines leads there.
                        : Endpoints.embedded(URI.create("http://127.0.0.1:1"), settings.live());
                return run(given, place(settings, endpoints, folder), kept, interruption);
            }
            try (Server server = UpCommand.start(settings.apply(ServerConfig.local()))) {
                Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), settings.live());
                prepare(given.pipelines(), endpoints);
                System.err.println("cluster http://localhost:" + server.port());
                int code = run(given, place(settings, endpoints, folder), kept, interruption);
                if (isKept && code == 0) {
                    keep(server, interruption);
                }
                return code;
            }
        } finally {
            if (isTemporary) {
                TemporaryFolder.delete(folder);
            }
        }
    }

    private static URI address(String cluster) {
        try {
            return URI.create(cluster);
        } catch (IllegalArgumentException noAddress) {
            throw new CommandFailure("--cluster: '" + cluster + "' is no address", noAddress);
        }
    }

    private Definitions read() {
        try {
            Definitions definitions = Definitions.read(files);
            definitions.remarks().forEach(remark -> System.err.println("note: " + remark));
            return definitions;
        } catch (InvalidDefinitionException wrong) {
            throw new CommandFailure(String.join("\n", wrong.problems().stream().map(Object::toString).toList()), wrong);
        }
    }

    private static List<PipelineDefinition> enabled(Definitions definitions) {
        List<PipelineDefinition> enabled = definitions.pipelines().stream().filter(pipeline -> pipeline.activity() == Activity.ENABLED).toList();
        definitions.pipelines().stream().filter(pipeline -> pipeline.activity() != Activity.ENABLED).forEach(paused ->
                System.err.println("note: the pipeline '" + paused.name() + "' does not run: its 'enabled' is false"));
        if (enabled.isEmpty()) {
            throw new CommandFailure("there is no pipeline that is enabled");
        }
        return enabled;
    }

    private static Path userState() {
        String stated = Optional.ofNullable(System.getenv("XDG_STATE_HOME")).orElse("");
        return (stated.isBlank() ? Path.of(System.getProperty("user.home"), ".local", "state") : Path.of(stated)).resolve("conshelf").resolve("processor");
    }

    private RunPlace place(Settings settings, Endpoints endpoints, Path folder) {
        Optional<DeadLetterPlace> topic = deadLetters.isPresent() ? deadLetters.map(address -> Settings.deadLetters("--dead-letters", address)) : settings.deadLetters();
        return new RunPlace(INSTANCE, endpoints, KustoCredential.of(System.getenv()), settings.namedSecrets(), FolderAccess.ANY, folder).with(topic);
    }

    /// Gives the new cluster the tables that pipelines write into.
    private void prepare(List<PipelineDefinition> pipelines, Endpoints endpoints) throws IOException {
        Path beside = Files.isDirectory(files.getFirst()) ? files.getFirst() : files.getFirst().toAbsolutePath().getParent();
        Path file = tables.orElseGet(() -> beside.resolve("tables.kql"));
        List<DataExplorer> outputs = pipelines.stream().map(pipeline -> pipeline.output().settings()).filter(DataExplorer.class::isInstance).map(DataExplorer.class::cast)
                .toList();
        try (KustoCluster connection = KustoCluster.connect(endpoints.resolve(outputs.getFirst().clusterUrl()), new KustoCredential.None())) {
            for (String database : outputs.stream().map(DataExplorer::database).distinct().toList()) {
                connection.command("NetDefaultDB", ".create database " + KustoCluster.quote(database) + " ifnotexists", COMMAND_TIMEOUT);
                if (Files.exists(file)) {
                    connection.command(database, ".execute database script with (ThrowOnErrors=true) <|\n" + Files.readString(file), COMMAND_TIMEOUT);
                }
            }
            for (DataExplorer output : outputs) {
                requireTable(connection, output, file);
            }
        } catch (StoreException failure) {
            throw new CommandFailure(file + ": " + failure.getMessage(), failure);
        }
    }

    /// Of a recording nobody could make the table while it waits.
    private void requireTable(KustoCluster connection, DataExplorer output, Path file) throws StoreException {
        if (connection.command(output.database(), ".show tables", COMMAND_TIMEOUT).objects().stream().anyMatch(row -> row.path("TableName").asText().equals(output.table()))) {
            return;
        }
        String missing = "the cluster of the run has no table '" + output.table() + "' in the database '" + output.database() + "'";
        if (input.isPresent()) {
            throw new CommandFailure(missing + ": " + (Files.exists(file) ? file + " does not make it" : "write the command that makes it into " + file + ", or name a file of it with --tables"));
        }
        System.err.println("note: " + missing + " yet, and its messages wait for it");
    }

    private int run(Given given, RunPlace place, Kept kept, Interruption interruption) throws Exception {
        Instant began = Instant.now();
        List<PipelineRun> runs = new ArrayList<>();
        try (Pipelines opened = Pipelines.open(place, given.definitions().datasets())) {
            if (reference.isPresent()) {
                load(opened, reference.get());
            }
            Optional<RecordedSource> recorded = input.isPresent() ? Optional.of(RecordedSource.open(input.get(), topics(given.pipelines().getFirst()))) : Optional.empty();
            try {
                for (PipelineDefinition pipeline : given.pipelines()) {
                    runs.add(recorded.isPresent() ? opened.play(pipeline, recorded.get()) : opened.start(pipeline));
                }
                watch(runs, interruption);
            } finally {
                runs.forEach(run -> run.stop());
                for (PipelineRun run : runs) {
                    end(run);
                }
            }
            ProcessorReport report = new ProcessorReport(began, runs, recorded.map(RecordedSource::unasked).orElse(0L), kept);
            if (isJson) {
                PipelineCommand.print(report.json());
            }
            report.lines().forEach(System.err::println);
            return report.isFailed() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
        } catch (IOException refused) {
            throw new CommandFailure(refused.getMessage(), refused);
        }
    }

    private static List<String> topics(PipelineDefinition pipeline) {
        return pipeline.input().settings() instanceof Mqtt mqtt ? mqtt.topics() : List.of();
    }

    /// What waits for a destination that does not answer is not waited for.
    private static void end(PipelineRun run) throws InterruptedException {
        if (!run.await(ENDING)) {
            run.breakOff();
            run.await(ENDING);
        }
    }

    private static void load(Pipelines pipelines, Path file) throws IOException {
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                JsonNode json = JSON.readTree(line);
                Dataset dataset = pipelines.references().find(json.path("dataset").asText()).orElseThrow(() ->
                        new CommandFailure("there is no dataset '" + json.path("dataset").asText() + "'"));
                Instant at = json.hasNonNull("at") ? OffsetDateTime.parse(json.get("at").asText()).toInstant() : Instant.now();
                dataset.add("reference " + file.toAbsolutePath(), number, List.of(JsonText.read(json.path("payload").toString())), at);
            } catch (JsonProcessingException | DateTimeParseException wrong) {
                throw new CommandFailure(file + ", line " + number + ": " + wrong.getMessage(), wrong);
            }
        }
    }

    private static void watch(List<PipelineRun> runs, Interruption interruption) throws InterruptedException {
        try (ProcessorProgress progress = ProcessorProgress.on(System.err)) {
            interruption.stops(() -> Thread.ofVirtual().start(() -> {
                progress.say("stopping …");
                runs.forEach(run -> run.stop());
                try {
                    for (PipelineRun run : runs) {
                        end(run);
                    }
                } catch (InterruptedException ending) {
                    Thread.currentThread().interrupt();
                }
            }), () -> runs.forEach(PipelineRun::breakOff));
            for (PipelineRun run : runs) {
                while (!run.await(LOOKING)) {
                    progress.show(runs);
                }
            }
        }
    }

    private static void keep(Server server, Interruption interruption) throws InterruptedException {
        if (interruption.isInterrupted()) {
            return;
        }
        System.out.println("ready http://localhost:" + server.port());
        System.out.flush();
        CountDownLatch isOver = new CountDownLatch(1);
        interruption.stops(isOver::countDown, () -> {});
        isOver.await();
    }
}
