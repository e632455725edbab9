package io.conshelf.cli.bench;

import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.cli.TemporaryFolder;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.definition.Factory;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// A Copy activity from a file into a table of an embedded cluster, with all that Data Factory and queued ingestion do on
/// the way, beside DuckDB that reads the same file into a table. A figure is megabytes of the file a second.
public final class CopyBenchmark implements Benchmark {
    private static final String PIPELINE = "LoadFlights";
    private static final String COPY = "Copy flights";

    @Override
    public void run(Effort effort, Consumer<Figure> figures) {
        try {
            measure(effort.rounds(), figures);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the copy benchmark failed: " + e.getMessage(), e);
        }
    }

    private static void measure(int rounds, Consumer<Figure> figures) throws Exception {
        var flights = Benchmark.sampleData().resolve("flights-3m.parquet");
        double megabytes = Files.size(flights) / 1e6;
        var ours = new ArrayList<Double>();
        var peer = new ArrayList<Double>();
        for (int round = 0; round < rounds; round++) {
            ours.add(megabytes / seconds(copyInto()));
            peer.add(megabytes / (Benchmark.milliseconds(() -> load(flights)) / 1e3));
        }
        figures.accept(Figure.of("copy: 3 M rows of Parquet", ours, peer, "DuckDB reading the file", "MB/s"));
    }

    private static double seconds(Duration duration) {
        return Math.max(1, duration.toMillis()) / 1e3;
    }

    /// How long the sample pipeline's large Copy takes in a fresh cluster with a data folder.
    private static Duration copyInto() throws Exception {
        var home = Path.of(System.getProperty("conshelf.home", "."));
        var data = Files.createTempDirectory("conshelf-bench-");
        try (var server = Server.start(ServerConfig.local().withData(data))) {
            var endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
            var runner = new FactoryRunner(Factory.load(home.resolve("examples/flights")), endpoints, _ -> {});
            var run = runner.run(PIPELINE, Map.of("dataFolder", TextNode.valueOf(Benchmark.sampleData().toString())));
            if (!run.isSucceeded()) {
                throw new IllegalStateException("the pipeline failed: " + run.message());
            }
            return run.activity(COPY).orElseThrow().duration();
        } finally {
            TemporaryFolder.delete(data);
        }
    }

    private static void load(Path file) throws Exception {
        var folder = Files.createTempDirectory("conshelf-bench-peer-");
        try (var duck = DriverManager.getConnection("jdbc:duckdb:" + folder.resolve("peer.duckdb"));
                var statement = duck.createStatement()) {
            statement.execute("CREATE TABLE flights AS SELECT * FROM read_parquet('" + file + "')");
            statement.execute("CHECKPOINT");
        } finally {
            TemporaryFolder.delete(folder);
        }
    }
}
