package io.conshelf.cli;

import io.conshelf.cli.output.Output;
import io.conshelf.cli.output.OutputFormat;
import io.conshelf.cli.progress.RunLines;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `conshelf demo`: a cluster, the sample factory over real data, an answer in KQL.
@Command(
        name = "demo",
        description = "Starts a cluster, runs the sample factory over real data and shows what came of it.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final String PIPELINE = "LoadFlights";
    private static final String DATABASE = "Flights";
    private static final String QUESTION = """
            Flights
            | join kind=inner (Airports | project origin = iata, state) on origin
            | summarize flights = count(), meanDelay = round(avg(delay), 1) by state, month = startofmonth(['date'])
            | top 12 by flights
            | project state, month = format_datetime(month, 'yyyy-MM'), flights, meanDelay""";

    /// What seed documents of Data Factory state for their own copy into Azure Data Explorer, in MB/s.
    private static final String HEADLINE = "11–13 MB/s";

    @Option(names = "--keep", description = "stay up afterwards, until Ctrl-C")
    private boolean keeps;

    @Override
    public Integer call() throws Exception {
        var home = Path.of(System.getProperty("conshelf.home", "."));
        var sample = home.resolve("examples/flights");
        var data = Files.createTempDirectory("conshelf-demo-");
        try (var interruption = new Interruption()) {
            try {
                return run(sample, data, interruption);
            } finally {
                TemporaryFolder.delete(data);
            }
        }
    }

    private int run(Path sample, Path data, Interruption interruption) throws Exception {
        try (Server server = UpCommand.start(ServerConfig.local().withData(data))) {
            var url = "http://127.0.0.1:" + server.port();
            System.err.println("cluster on " + url + ", data in " + data);
            var run = run(sample, url, interruption);
            if (!run.isSucceeded()) {
                return CommandLine.ExitCode.SOFTWARE;
            }
            show(run, url);
            if (keeps) {
                System.err.println("the cluster stays up on " + url + " until Ctrl-C");
                var stopped = new CountDownLatch(1);
                interruption.stops(stopped::countDown, () -> {});
                stopped.await();
            }
            return CommandLine.ExitCode.OK;
        }
    }

    private static RunRecord run(Path sample, String url, Interruption interruption) throws InterruptedException {
        try (var progress = Terminal.progress()) {
            var runner = new FactoryRunner(Factory.load(sample), Endpoints.embedded(URI.create(url), List.of()), progress);
            var folder = sample.resolve("node_modules/vega-datasets/data").toAbsolutePath().toString();
            var handle = runner.start(PIPELINE, runner.parse(PIPELINE, Map.of("dataFolder", folder)));
            interruption.stops(handle::cancel, progress::close);
            return handle.await();
        } catch (InvalidFactoryException e) {
            throw new CommandFailure(e.getMessage(), e);
        }
    }

    private static void show(RunRecord run, String url) throws IOException {
        var out = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
        out.write("\nFlights and mean delay by state and month:\n\n");
        out.write(QUESTION.indent(2));
        out.write("\n");
        new ClusterClient(url, DATABASE).run(QUESTION, OutputFormat.TABLE, Output.ofText(out, Terminal.columns()));
        out.write("\nCopies (Data Factory's documents tell of " + HEADLINE + "):\n\n");
        for (var activity : run.activityRuns()) {
            if (activity.output().has("rowsCopied")) {
                out.write("  " + activity.activityName() + ": " + RunLines.copied(activity) + "\n");
            }
        }
        out.write("""

                Next:
                  ./conshelf up --data ./data                      a cluster that stays, on http://localhost:8080
                  ./conshelf pipeline run examples/flights LoadFlights --json
                  ./conshelf query FILE.csv 'FILE | take 5'        KQL over your own files
                  docs/                                            what is there, and what is not yet
                """);
        out.flush();
    }
}
