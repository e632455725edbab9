package io.conshelf.cli.bench;

import io.conshelf.cli.TemporaryFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/// Eight connections that stream 100 rows of CSV a request into one table of a cluster with a data folder, beside as many that
/// COPY the same batches into PostgreSQL, each commit durable. Both are processes of their own; rounds alternate.
public final class StreamingBenchmark implements Benchmark {
    private static final int CONNECTIONS = 8;
    private static final int ROWS = 100;
    private static final int BATCHES = 500;
    private static final String DATABASE = "NetDefaultDB";
    private static final Duration WARM_UP = Duration.ofSeconds(10);

    @Override
    public void run(Effort effort, Consumer<Figure> figures) {
        try {
            var batches = FlightsCsv.batches(BATCHES, ROWS);
            var data = Files.createTempDirectory("conshelf-bench-");
            try (var postgres = PostgresCluster.start(); var ours = ClusterProcess.start(data)) {
                measure(effort, batches, ours, postgres, figures);
            } finally {
                TemporaryFolder.delete(data);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the streaming benchmark failed: " + e.getMessage(), e);
        }
    }

    private static void measure(
            Effort effort, List<byte[]> batches, ClusterProcess cluster, PostgresCluster postgres, Consumer<Figure> figures)
            throws Exception {
        var length = switch (effort.size()) {
            case USUAL -> Duration.ofSeconds(5);
            case FULL -> Duration.ofSeconds(30);
        };
        var our = new ArrayList<Load>();
        var their = new ArrayList<Load>();
        try (var ours = new Senders(); var theirs = new Senders()) {
            prepare(batches, cluster, postgres, ours, theirs);
            long rows = Load.of(ours.all, WARM_UP).requests();
            long copied = Load.of(theirs.all, WARM_UP).requests();
            for (int round = 0; round < effort.rounds(); round++) {
                our.add(Load.of(ours.all, length));
                their.add(Load.of(theirs.all, length));
                rows += our.getLast().requests();
                copied += their.getLast().requests();
                Benchmark.say(String.format(Locale.ROOT, "round %d: %s; PostgreSQL %s", round + 1, told(our.getLast()), told(their.getLast())));
            }
            requireRows(rows * ROWS, cluster.count("Flights"), "the cluster");
            requireRows(copied * ROWS, count(postgres), "PostgreSQL");
        }
        cluster.peakMemoryMegabytes().ifPresent(mb -> Benchmark.say("the cluster's process had at most " + mb + " MB resident"));
        var peer = postgres.name() + ", COPY over 8 connections";
        figures.accept(Figure.of("streaming: 100-row requests from 8 connections", perSecond(our), perSecond(their), peer, "rows/s"));
        figures.accept(Figure.of("streaming: median latency", milliseconds(our, 0.5), milliseconds(their, 0.5), peer, "ms"));
        figures.accept(Figure.of("streaming: 99th percentile of latency", milliseconds(our, 0.99), milliseconds(their, 0.99), peer, "ms"));
    }

    private static String told(Load load) {
        return String.format(Locale.ROOT, "%,.0f requests/s, p50 %.2f ms, p99 %.2f ms, longest %.0f ms",
                load.perSecond(), load.milliseconds(0.5), load.milliseconds(0.99), load.milliseconds(1));
    }

    private static void prepare(
            List<byte[]> batches, ClusterProcess cluster, PostgresCluster postgres, Senders ours, Senders theirs)
            throws IOException, SQLException {
        cluster.command(".create table Flights " + FlightsCsv.KUSTO_COLUMNS);
        cluster.command(".alter table Flights policy streamingingestion enable");
        try (var connection = postgres.connect(); var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE flights " + FlightsCsv.SQL_COLUMNS);
        }
        var requests = batches.stream()
                .map(batch -> HttpConnection.post(
                        cluster.port(), "/v1/rest/ingest/" + DATABASE + "/Flights?streamFormat=csv", "text/csv", batch))
                .toList();
        for (int i = 0; i < CONNECTIONS; i++) {
            int first = i * BATCHES / CONNECTIONS;
            ours.all.add(new Stream(new HttpConnection(cluster.port()), requests, first));
            theirs.all.add(new Copy(postgres.connect(), batches, first));
        }
    }

    private static long count(PostgresCluster postgres) throws SQLException {
        try (var connection = postgres.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM flights")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void requireRows(long sent, long found, String where) {
        if (sent != found) {
            throw new IllegalStateException(where + " was sent " + sent + " rows and has " + found);
        }
    }

    private static List<Double> perSecond(List<Load> loads) {
        return loads.stream().map(load -> load.perSecond() * ROWS).toList();
    }

    private static List<Double> milliseconds(List<Load> loads, double share) {
        return loads.stream().map(load -> load.milliseconds(share)).toList();
    }

    private record Stream(HttpConnection connection, List<byte[]> requests, int first) implements Load.Sender {
        @Override
        public void send(int number) throws IOException {
            connection.send(requests.get((first + number) % requests.size()));
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    private record Copy(Connection connection, CopyManager copies, List<byte[]> batches, int first) implements Load.Sender {
        Copy(Connection connection, List<byte[]> batches, int first) throws SQLException {
            this(connection, new CopyManager(connection.unwrap(BaseConnection.class)), batches, first);
        }

        @Override
        public void send(int number) throws SQLException, IOException {
            copies.copyIn("COPY flights FROM STDIN WITH (FORMAT csv)",
                    new ByteArrayInputStream(batches.get((first + number) % batches.size())));
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    /// Connections that are closed together.
    private static final class Senders implements AutoCloseable {
        private final List<Load.Sender> all = new ArrayList<>();

        @Override
        public void close() throws IOException, SQLException {
            for (var sender : all) {
                sender.close();
            }
        }
    }
}
