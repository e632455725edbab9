package io.conshelf.cli.bench;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// KQL over HTTP through the official client, beside the same question in SQL to a DuckDB in this process: what the
/// language, the protocol and the client add.
public final class QueryBenchmark implements Benchmark {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final String DATABASE = "NetDefaultDB";

    private record Question(String name, String kql, String sql) {}

    private static final List<Question> QUESTIONS = List.of(
            new Question("count",
                    "Flights | count",
                    "SELECT count(*) FROM flights"),
            new Question("group by origin",
                    "Flights | summarize count(), avg(delay) by origin",
                    "SELECT origin, count(*), avg(delay) FROM flights GROUP BY origin"),
            new Question("group by day",
                    "Flights | summarize flights = count() by bin(['date'], 1d)",
                    "SELECT date_trunc('day', date), count(*) FROM flights GROUP BY 1"),
            new Question("filter and top",
                    "Flights | where delay > 60 and origin has 'SFO' | top 10 by distance",
                    "SELECT * FROM flights WHERE delay > 60 AND origin = 'SFO' ORDER BY distance DESC LIMIT 10"),
            new Question("join",
                    "Flights | join kind=inner Airports on $left.origin == $right.iata | summarize count() by state",
                    "SELECT state, count(*) FROM flights JOIN airports ON origin = iata GROUP BY state"),
            new Question("100,000 rows to the client",
                    "Flights | take 100000",
                    "SELECT * FROM flights LIMIT 100000"));

    @Override
    public void run(Effort effort, Consumer<Figure> figures) {
        var flights = Benchmark.sampleData().resolve("flights-3m.parquet");
        var airports = Benchmark.sampleData().resolve("airports.csv");
        var config = ServerConfig.local().withAllowedFolders(List.of(Benchmark.sampleData()));
        try (var server = Server.start(config); var duck = DriverManager.getConnection("jdbc:duckdb:")) {
            var url = "http://127.0.0.1:" + server.port();
            var endpoint = Endpoints.replacedBy(URI.create(url)).resolve(url);
            try (var cluster = KustoCluster.connect(endpoint, new KustoCredential.None())) {
                cluster.command(DATABASE, ".create table Flights (['date']:datetime, delay:int, distance:int, origin:string, destination:string)", TIMEOUT);
                cluster.command(DATABASE, ".ingest into table Flights (@'" + flights + "') with (format='parquet')", TIMEOUT);
                cluster.command(DATABASE, ".create table Airports (iata:string, name:string, city:string, state:string, country:string, latitude:real, longitude:real)", TIMEOUT);
                cluster.command(DATABASE, ".ingest into table Airports (@'" + airports + "') with (format='csv', ignoreFirstRecord=true)", TIMEOUT);
                execute(duck, "CREATE TABLE flights AS SELECT * FROM read_parquet('" + flights + "')");
                execute(duck, "CREATE TABLE airports AS SELECT * FROM read_csv('" + airports + "')");
                for (var question : QUESTIONS) {
                    measure(question, effort.rounds(), cluster, duck, figures);
                }
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the query benchmark failed: " + e.getMessage(), e);
        }
    }

    private static void measure(Question question, int rounds, KustoCluster cluster, Connection duck, Consumer<Figure> figures) {
        var ours = new ArrayList<Double>();
        var peer = new ArrayList<Double>();
        // One round to warm both sides, then in turns.
        for (int round = -1; round < rounds; round++) {
            double our = Benchmark.milliseconds(() -> readAll(cluster, question.kql()));
            double their = Benchmark.milliseconds(() -> execute(duck, question.sql()));
            if (round >= 0) {
                ours.add(our);
                peer.add(their);
            }
        }
        figures.accept(Figure.of("query: " + question.name(), ours, peer, "DuckDB in process", "ms"));
    }

    private static void readAll(KustoCluster cluster, String kql) throws Exception {
        try (var rows = cluster.query(DATABASE, kql, new QueryOptions(TIMEOUT, true))) {
            while (rows.next().isPresent()) {
                // every row crosses the wire
            }
        }
    }

    /// Runs a statement and reads all it returns.
    private static void execute(Connection duck, String sql) throws Exception {
        try (var statement = duck.createStatement()) {
            if (statement.execute(sql)) {
                try (var rows = statement.getResultSet()) {
                    int columns = rows.getMetaData().getColumnCount();
                    while (rows.next()) {
                        for (int i = 1; i <= columns; i++) {
                            rows.getObject(i);
                        }
                    }
                }
            }
        }
    }
}
