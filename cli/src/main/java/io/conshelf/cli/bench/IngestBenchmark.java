package io.conshelf.cli.bench;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Files of CSV into a table of a cluster with a data folder, by the batches that queued ingestion makes as well, beside
/// DuckDB's own reader into a table of its file. First whole loads into an empty table, then a table that grows: a row is to
/// cost the same whatever is there already.
public final class IngestBenchmark implements Benchmark {
    private static final Duration TIMEOUT = Duration.ofMinutes(30);
    private static final String DATABASE = "NetDefaultDB";
    private static final String PEER = "DuckDB's read_csv into a table";
    private static final int FLIGHTS = 3_000_000;
    private static final int BATCH = 1_000_000;
    /// Batches at either end of the growth whose median tells the cost there.
    private static final int ENDS = 3;

    @Override
    public void run(Effort effort, Consumer<Figure> figures) {
        Benchmark.inFolder("ingest", work -> measure(effort, work, figures));
    }

    private static void measure(Effort effort, Path work, Consumer<Figure> figures) throws Exception {
        var files = Files.createDirectory(work.resolve("files"));
        var whole = files.resolve("flights.csv");
        var batch = files.resolve("batch.csv");
        FlightsCsv.write(whole, FLIGHTS);
        FlightsCsv.write(batch, BATCH);
        var config = ServerConfig.local().withData(work.resolve("data")).withAllowedFolders(List.of(files));
        try (var server = Server.start(config);
                var duck = DriverManager.getConnection("jdbc:duckdb:" + work.resolve("peer.duckdb"))) {
            var url = "http://127.0.0.1:" + server.port();
            var endpoint = Endpoints.replacedBy(URI.create(url)).resolve(url);
            try (var cluster = KustoCluster.connect(endpoint, new KustoCredential.None())) {
                load(effort, cluster, duck, whole, figures);
                grow(effort, cluster, duck, batch, figures);
            }
        }
    }

    private static void load(
            Effort effort, KustoCluster cluster, Connection duck, Path file, Consumer<Figure> figures) throws Exception {
        double megabytes = Files.size(file) / 1e6;
        var ours = new ArrayList<Double>();
        var peer = new ArrayList<Double>();
        // One round to warm both sides, then in turns.
        for (int round = -1; round < effort.rounds(); round++) {
            create(cluster, duck, "Whole");
            double our = megabytes / (ourMilliseconds(cluster, "Whole", file) / 1e3);
            double their = megabytes / (theirMilliseconds(duck, "Whole", file) / 1e3);
            drop(cluster, duck, "Whole");
            Benchmark.say(String.format(Locale.ROOT, "3 M rows: %.0f MB/s; DuckDB %.0f MB/s", our, their));
            if (round >= 0) {
                ours.add(our);
                peer.add(their);
            }
        }
        figures.accept(Figure.of("ingest: 3 M rows of CSV", ours, peer, PEER, "MB/s"));
    }

    private static void grow(
            Effort effort, KustoCluster cluster, Connection duck, Path file, Consumer<Figure> figures) throws Exception {
        int batches = switch (effort.size()) {
            case USUAL -> 10;
            case FULL -> 50;
        };
        create(cluster, duck, "Growing");
        var ours = new ArrayList<Double>();
        var peer = new ArrayList<Double>();
        for (int i = 0; i < batches; i++) {
            ours.add(ourMilliseconds(cluster, "Growing", file) * 1e3 / BATCH);
            peer.add(theirMilliseconds(duck, "Growing", file) * 1e3 / BATCH);
            Benchmark.say(String.format(Locale.ROOT, "%d M rows: %.3f µs a row; DuckDB %.3f", i + 1, ours.getLast(), peer.getLast()));
        }
        var first = Figure.of("ingest: a row among the first " + ENDS + " M", head(ours), head(peer), PEER, "µs");
        var last = Figure.of(
                "ingest: a row among the last " + ENDS + " M of " + batches + " M", tail(ours), tail(peer), PEER, "µs");
        figures.accept(first);
        figures.accept(last);
        figures.accept(Figure.of("ingest: a row's cost at " + batches + " M over that at the start",
                List.of(last.ours() / first.ours()), List.of(last.peer() / first.peer()), PEER, "times"));
        drop(cluster, duck, "Growing");
    }

    private static List<Double> head(List<Double> values) {
        return values.subList(0, ENDS);
    }

    private static List<Double> tail(List<Double> values) {
        return values.subList(values.size() - ENDS, values.size());
    }

    private static void create(KustoCluster cluster, Connection duck, String table) throws Exception {
        cluster.command(DATABASE, ".create table " + table + " " + FlightsCsv.KUSTO_COLUMNS, TIMEOUT);
        execute(duck, "CREATE TABLE " + table + " " + FlightsCsv.SQL_COLUMNS);
    }

    private static void drop(KustoCluster cluster, Connection duck, String table) throws Exception {
        cluster.command(DATABASE, ".drop table " + table, TIMEOUT);
        execute(duck, "DROP TABLE " + table);
    }

    private static double ourMilliseconds(KustoCluster cluster, String table, Path file) {
        return Benchmark.milliseconds(() -> cluster.command(
                DATABASE, ".ingest into table " + table + " (@'" + file + "') with (format='csv')", TIMEOUT));
    }

    // Committed, and so as durable as ours.
    private static double theirMilliseconds(Connection duck, String table, Path file) {
        return Benchmark.milliseconds(
                () -> execute(duck, "INSERT INTO " + table + " SELECT * FROM read_csv('" + file + "', header = false)"));
    }

    private static void execute(Connection duck, String sql) throws SQLException {
        try (var statement = duck.createStatement()) {
            statement.execute(sql);
        }
    }
}
