package io.conshelf.cli;

import io.conshelf.connectors.definition.Problem;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.LocalInput;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.local.LocalProject;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.Surroundings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `conshelf stream run`: runs a job, over the project's local inputs or over live ones.
@Command(
        name = "run",
        aliases = StreamRun.LOCAL,
        description = "Runs a job: over inputs that end to their end (the local ones of its project; blobs and folders with --replay), over live inputs until Ctrl-C. Exits with 0 if nothing ended it before.",
        mixinStandardHelpOptions = true)
final class StreamRun implements Callable<Integer> {
    /// As the service's own tool calls it: each run has a folder of its own there.
    static final String LOCAL = "localrun";
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("uuuu-MM-dd-HH-mm-ss", Locale.ROOT).withZone(ZoneId.systemDefault());

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Mixin
    private StreamArgument source;

    @Mixin
    private ClusterArgument cluster;

    @Option(names = "--flink", paramLabel = "URL", description = "the REST address of a Flink cluster that runs the job")
    private Optional<String> flink;

    @Option(names = "--test", description = "run the project's test cases instead, as 'stream test' does")
    private boolean isTest;

    @Option(names = "--live", description = "read the inputs that the job defines, although the project has local ones")
    private boolean isLive;

    @Option(names = "--replay", description = "read what blobs and folders hold to its end, in place of waiting for what comes; the job ends with it")
    private boolean isReplay;

    @Option(names = "--start", paramLabel = "WHEN", description = "now, earliest, or a time such as 2026-01-31T08:00:00Z (default: now; earliest where all inputs end)")
    private Optional<String> start;

    @Option(names = {"--outputPath", "--output-path"}, paramLabel = "DIR", description = "write each output's rows as JSON lines into a file there, in place of the outputs")
    private Optional<Path> outputPath;

    @Option(names = "--tables", paramLabel = "FILE", description = "commands that the cluster of the run is given first (default: tables.kql of the project)")
    private Optional<Path> tables;

    @Option(names = "--keep", description = "keep the cluster of the run until Ctrl-C, to look at what the job wrote")
    private boolean isKept;

    @Option(names = "--json", description = "print how it went as JSON")
    private boolean isJson;

    @Override
    public Integer call() throws Exception {
        if (isTest) {
            return StreamTest.run(source, Optional.empty(), Optional.empty(), isJson ? StreamTest.Printing.JSON : StreamTest.Printing.LINES);
        }
        Settings settings = cluster.settings();
        Project project = source.load();
        if (outputPath.isEmpty() && isLocalRun()) {
            outputPath = Optional.of(project.folder().resolve("LocalRunOutputs").resolve(STAMP.format(Instant.now())));
        }
        ReadyJob ready = withPlaces(project, ready(project));
        if (cluster.named().isPresent()) {
            return run(project, ready, Surroundings.free(cluster.named().get(), Surroundings.Role.REPLACING, settings.live(), project.folder()));
        }
        if (!needsCluster(ready)) {
            // Nothing listens there, and nothing of the job leads there.
            return run(project, ready, Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, settings.live(), project.folder()));
        }
        try (Server server = UpCommand.start(settings.apply(ServerConfig.local()))) {
            URI address = URI.create("http://127.0.0.1:" + server.port());
            prepare(project, ready, address);
            int code = run(project, ready, Surroundings.free(address, Surroundings.Role.EMBEDDED, settings.live(), project.folder()));
            if (isKept && code == 0) {
                keep(server);
            }
            return code;
        }
    }

    private boolean isLocalRun() {
        return spec.commandLine().getParent().getParseResult().originalArgs().stream().filter(List.of("run", LOCAL)::contains).findFirst().filter(LOCAL::equals).isPresent();
    }

    private static ReadyJob ready(Project project) {
        try {
            ReadyJob ready = ReadyJob.of(project.job());
            QueryText text = new QueryText(project);
            ready.warnings().forEach(warning -> System.err.println(text.shown(warning)));
            return ready;
        } catch (ReadyJob.NotReady notReady) {
            throw new CommandFailure("the job does not compile:\n" + QueryText.told(project, notReady), notReady);
        }
    }

    /// The job with the inputs and outputs that this run has.
    private ReadyJob withPlaces(Project project, ReadyJob ready) throws IOException {
        JobDefinition job = ready.definition();
        Map<String, Input> inputs = new LinkedHashMap<>();
        job.inputs().forEach(input -> inputs.put(input.name().toLowerCase(Locale.ROOT), input));
        if (!isLive && flink.isEmpty()) {
            for (LocalInput local : project.localInputs()) {
                inputs.put(local.alias().toLowerCase(Locale.ROOT), local.asInput());
            }
        }
        if (isReplay) {
            replay(ready, inputs);
        }
        if (outputPath.isEmpty() && !job.outputs().isEmpty() && !ready.unknownOutputs().isEmpty()) {
            QueryText text = new QueryText(project);
            throw new CommandFailure("the job does not compile:\n" + String.join("\n", ready.unknownOutputs().stream().map(text::shown).toList()));
        }
        List<Output> outputs = new ArrayList<>();
        Optional<Path> folder = outputPath.isPresent() ? Optional.of(Files.createDirectories(outputPath.get()).toAbsolutePath()) : Optional.empty();
        for (Plan.Output output : ready.plan().outputs()) {
            if (outputs.stream().anyMatch(known -> known.name().equalsIgnoreCase(output.name()))) {
                continue;
            }
            Optional<Output> defined = job.output(output.name());
            if (folder.isPresent()) {
                Path file = folder.get().resolve(fileName(output.name()) + ".json");
                Files.deleteIfExists(file);
                outputs.add(Output.file(output.name(), file));
            } else if (defined.isPresent()) {
                outputs.add(defined.get());
            } else {
                System.err.println("note: the job defines no outputs; the rows of '" + output.name() + "' are printed");
                outputs.add(Output.console(output.name()));
            }
        }
        return new ReadyJob(job.withInputs(List.copyOf(inputs.values())).withOutputs(outputs), ready.plan(), ready.context(), ready.warnings());
    }

    private static void replay(ReadyJob ready, Map<String, Input> inputs) {
        inputs.replaceAll((_, input) -> isStream(ready, input) ? input.replayed().orElseThrow(() -> new CommandFailure(("--replay: input '%s' (%s) has no end; blobs, files and"
                + " folders have. Give it a local file, or run the job without --replay").formatted(input.name(), input.datasource()))) : input);
    }

    private static boolean isRead(ReadyJob ready, Input input) {
        return ready.inputsRead().stream().anyMatch(input.name()::equalsIgnoreCase);
    }

    private static boolean isStream(ReadyJob ready, Input input) {
        return input.type() == InputType.STREAM && isRead(ready, input);
    }

    private static String fileName(String output) {
        return output.replaceAll("[^A-Za-z0-9._-]", "_");
    }

    /// Whether anything leads to the services of a cluster.
    private static boolean needsCluster(ReadyJob ready) {
        return ready.definition().outputs().stream().map(Output::datasource).anyMatch(type -> type.equals(Datasources.KUSTO) || type.equals(Datasources.BLOB))
                || ready.definition().inputs().stream().filter(input -> ready.inputsRead().contains(input.name())).map(Input::datasource)
                .anyMatch(Datasources.BLOB::equals);
    }

    /// Gives the new cluster what the project says that it has: an output needs its table.
    private void prepare(Project project, ReadyJob ready, URI address) {
        List<Problem> problems = StreamTables.of(project, ready.definition(), tables).map(script -> script.give(address)).orElse(List.of());
        if (!problems.isEmpty()) {
            throw new CommandFailure(String.join("\n", problems.stream().map(Problem::toString).toList()));
        }
    }

    private int run(Project project, ReadyJob ready, Surroundings surroundings) throws Exception {
        List<String> live = ready.definition().inputs().stream().filter(input -> isRead(ready, input))
                .flatMap(input -> LocalProject.obstacle(input).stream()).toList();
        StreamReport report = new StreamReport(ready.definition().name(), Instant.now());
        if (live.isEmpty() && flink.isEmpty()) {
            new LocalStream(ready, surroundings, report).run();
            return told(report);
        }
        boolean ends = ready.definition().inputs().stream().filter(input -> isStream(ready, input)).allMatch(Input::ends);
        // Whoever interrupts it still learns how it went.
        try (Interruption interruption = new Interruption()) {
            new LiveStream(ready, surroundings, report, flink, start.orElse(ends ? "earliest" : "now")).run(interruption);
            return told(report);
        }
    }

    private int told(StreamReport report) throws IOException {
        if (isJson) {
            PipelineCommand.print(report.json());
        }
        report.lines().forEach(System.err::println);
        return report.isFailed() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    private static void keep(Server server) {
        System.out.println("ready http://localhost:" + server.port());
        System.out.flush();
        try {
            Thread.sleep(Duration.ofDays(36_500));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }
}
