package io.conshelf.cli.bench.query;

import com.sun.management.OperatingSystemMXBean;
import io.conshelf.cli.bench.Benchmark;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// KQL over HTTP through the official client, into a cluster with a data folder, beside the same question in SQL to a DuckDB
/// in this process with a file of its own: what the language, the protocol and the client add. What takes DuckDB no longer than the client
/// takes for itself is asked over a [PlainHttp] connection; the client's time is told beside it. Where the machine has other work, the CPU
/// time of both tells more.
public final class QueryBenchmark implements Benchmark {
    private static final Duration TIMEOUT = Duration.ofMinutes(30);
    private static final String DATABASE = "NetDefaultDB";
    private static final String PEER = "DuckDB in process";
    private static final String TRANSLATOR = "duckdb-kql";
    private static final int DAYS_OF_SAMPLE = 182;
    private static final int COPIES_FULL = 10;

    /// The official client takes some milliseconds for any answer, where the machine has other work.
    private static final double SHORT_MS = 5;

    /// How often each question is asked of tables without rows before any time is taken, of both sides. Then the compilers of
    /// the JVM are mostly done with what every query runs.
    private static final int TIMES_TO_WARM = 60;

    private static final String COLUMNS =
            "(['date']:datetime, delay:int, distance:int, origin:string, destination:string, note:string, legs:dynamic, hours:real)";

    /// A text, a dynamic and a real column are made of the others, as a log would have them.
    private static final String ROWS = """
            SELECT date + INTERVAL 1 DAY * (%d * copy) AS date, delay, distance, origin, destination,
                'Flight ' || origin || ' to ' || destination || ': ' || distance || ' miles, ' || delay || ' minutes late' AS note,
                '["' || origin || '","' || destination || '"]' AS legs, distance / 500e0 + delay / 60e0 AS hours
            FROM read_parquet('%s'), range(%d) AS copies(copy)""";

    @Override
    public Set<String> parts() {
        return Stream.concat(Stream.of("questions", "overhead", "scan", TRANSLATOR), Question.ALL.stream().map(QueryBenchmark::part)).collect(Collectors.toSet());
    }

    /// What `--only` calls a question.
    private static String part(Question question) {
        return question.name().replace(",", "").replace(' ', '-');
    }

    @Override
    public void run(Effort effort, Consumer<Figure> figures) {
        Benchmark.inFolder("query", work -> measure(effort, work, figures));
    }

    private static void measure(Effort effort, Path work, Consumer<Figure> figures) throws Exception {
        int copies = switch (effort.size()) {
            case USUAL -> 1;
            case FULL -> COPIES_FULL;
        };
        var files = Files.createDirectory(work.resolve("files"));
        var flights = files.resolve("flights.parquet");
        var airports = Benchmark.sampleData().resolve("airports.csv");
        var config = ServerConfig.local().withData(work.resolve("data")).withAllowedFolders(List.of(files, Benchmark.sampleData()));
        try (var server = Server.start(config); var duck = DriverManager.getConnection("jdbc:duckdb:" + work.resolve("peer.duckdb"))) {
            var url = "http://127.0.0.1:" + server.port();
            var endpoint = Endpoints.replacedBy(URI.create(url)).resolve(url);
            try (var cluster = KustoCluster.connect(endpoint, new KustoCredential.None()); var plain = new PlainHttp(server.port(), DATABASE)) {
                Benchmark.say("making " + 3 * copies + " million rows, and loading them on both sides");
                execute(duck, "COPY (" + ROWS.formatted(DAYS_OF_SAMPLE, Benchmark.sampleData().resolve("flights-3m.parquet"), copies)
                        + ") TO '" + flights + "' (FORMAT parquet)");
                cluster.command(DATABASE, ".create table Flights " + COLUMNS, TIMEOUT);
                cluster.command(DATABASE, ".create table Nothing " + COLUMNS, TIMEOUT);
                cluster.command(DATABASE, ".ingest into table Flights (@'" + flights + "') with (format='parquet')", TIMEOUT);
                cluster.command(DATABASE, ".create table Airports (iata:string, name:string, city:string, state:string, country:string,"
                        + " latitude:real, longitude:real)", TIMEOUT);
                cluster.command(DATABASE, ".ingest into table Airports (@'" + airports + "') with (format='csv', ignoreFirstRecord=true)", TIMEOUT);
                execute(duck, "CREATE TABLE flights AS SELECT * REPLACE (legs::JSON AS legs) FROM read_parquet('" + flights + "')");
                execute(duck, "CREATE TABLE airports AS SELECT * FROM read_csv('" + airports + "')");
                execute(duck, "CREATE TABLE nothing AS SELECT * FROM flights LIMIT 0");
                execute(duck, "CHECKPOINT");
                warm(cluster, plain, duck);
                var chosen = Question.ALL.stream()
                        .filter(question -> effort.includes("questions") || effort.includes(part(question))).toList();
                if (!chosen.isEmpty()) {
                    questions(chosen, effort.rounds(), DAYS_OF_SAMPLE * copies, cluster, plain, duck, figures);
                }
                if (effort.only().contains(TRANSLATOR)) {
                    besideTranslator(effort.rounds(), DAYS_OF_SAMPLE * copies, cluster, flights, airports, figures);
                }
                if (effort.includes("scan")) {
                    new ScanFigures(cluster, duck, effort.rounds(), figures).measure();
                }
                if (effort.includes("overhead")) {
                    new Overhead(server.port(), cluster, plain, duck, effort.rounds(), figures).measure();
                }
            }
        }
    }

    private static void warm(KustoCluster cluster, PlainHttp plain, Connection duck) throws Exception {
        for (int i = 0; i < TIMES_TO_WARM; i++) {
            for (var template : Question.ALL) {
                var question = template.over(1).overNothing();
                readAll(cluster, question.kql());
                plain.ask(question.kql());
                execute(duck, question.sql());
            }
        }
    }

    /// A figure of time and one of CPU time for each, and the geometric means of all.
    private static void questions(
            List<Question> chosen, int rounds, int days, KustoCluster cluster, PlainHttp plain, Connection duck, Consumer<Figure> figures) throws Exception {
        var times = new Means();
        var cpu = new Means();
        for (var template : chosen) {
            var question = template.over(days);
            SameRows.check(question, rows(cluster, question), rows(duck, question));
            String name = "query: " + question.name();
            Benchmark.Work peer = () -> execute(duck, question.sql());
            var sides = Sides.measure(rounds, () -> readAll(cluster, question.kql()), peer);
            Figure time = sides.time(name);
            if (time.peer() < SHORT_MS) {
                figures.accept(sides.time(name + ", official client"));
                figures.accept(sides.cpu(name + ", official client"));
                sides = Sides.measure(rounds, () -> plain.ask(question.kql()), peer);
                time = sides.time(name);
            }
            times.add(time, figures);
            cpu.add(sides.cpu(name), figures);
        }
        figures.accept(times.mean("query: geometric mean", "ms"));
        figures.accept(cpu.mean("query: geometric mean", Sides.CPU));
    }

    /// What the translator refuses, or answers with another number of rows, is told on standard error.
    private static void besideTranslator(int rounds, int days, KustoCluster cluster, Path flights, Path airports, Consumer<Figure> figures)
            throws Exception {
        try (var translator = new DuckdbKql(flights, airports)) {
            for (var template : Question.ALL) {
                var question = template.over(days);
                var first = translator.ask(question.kql());
                int rows = rows(cluster, question).size();
                if (first.path("rows").asInt(-1) != rows) {
                    Benchmark.say("duckdb-kql, " + question.name() + ": " + first.path("error").asText(first.path("rows") + " rows instead of " + rows));
                    continue;
                }
                var peer = new ArrayList<Double>();
                var peerCpu = new ArrayList<Double>();
                var sides = Sides.measure(rounds, () -> readAll(cluster, question.kql()), () -> {
                    var answer = translator.ask(question.kql());
                    peer.add(answer.path("ms").asDouble());
                    peerCpu.add(answer.path("cpu").asDouble());
                });
                figures.accept(Figure.of("query: " + question.name(), sides.ours, peer, TRANSLATOR, "ms"));
                figures.accept(Figure.of("query: " + question.name(), sides.oursCpu, peerCpu, TRANSLATOR, Sides.CPU));
            }
        }
    }

    /// The figures of a run, whose mean is that of their logarithms.
    private static final class Means {
        private final List<Figure> figures = new ArrayList<>();

        void add(Figure figure, Consumer<Figure> onward) {
            figures.add(figure);
            onward.accept(figure);
        }

        Figure mean(String name, String unit) {
            double ours = figures.stream().mapToDouble(figure -> Math.log(figure.ours())).average().orElseThrow();
            double peer = figures.stream().mapToDouble(figure -> Math.log(figure.peer())).average().orElseThrow();
            return Figure.of(name, List.of(Math.exp(ours)), List.of(Math.exp(peer)), PEER, unit);
        }
    }

    /// What both sides took, in turns.
    record Sides(List<Double> ours, List<Double> peer, List<Double> oursCpu, List<Double> peerCpu) {
        static final String CPU = "ms of CPU";

        private static final OperatingSystemMXBean PROCESS = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

        /// CPU time is told in steps of 10 ms: what is short is done several times in a turn.
        private static final double TURN_MS = 200;

        private static final int TIMES_MAX = 50;

        static Sides measure(int rounds, Work ours, Work peer) {
            // Once for the compilers and caches of both.
            int timesOurs = times(ours);
            int timesPeer = times(peer);
            var sides = new Sides(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            for (int round = 0; round < rounds; round++) {
                take(timesOurs, ours, sides.ours, sides.oursCpu);
                take(timesPeer, peer, sides.peer, sides.peerCpu);
            }
            return sides;
        }

        private static int times(Work work) {
            Benchmark.milliseconds(work);
            return (int) Math.clamp(TURN_MS / Benchmark.milliseconds(work), 1, TIMES_MAX);
        }

        private static void take(int times, Work work, List<Double> elapsed, List<Double> cpu) {
            long before = PROCESS.getProcessCpuTime();
            for (int i = 0; i < times; i++) {
                elapsed.add(Benchmark.milliseconds(work));
            }
            cpu.add((PROCESS.getProcessCpuTime() - before) / 1e6 / times);
        }

        Figure time(String name) {
            return Figure.of(name, ours, peer, PEER, "ms");
        }

        Figure cpu(String name) {
            return Figure.of(name, oursCpu, peerCpu, PEER, CPU);
        }
    }

    static void readAll(KustoCluster cluster, String kql) throws Exception {
        try (var rows = cluster.query(DATABASE, kql, new QueryOptions(TIMEOUT, true))) {
            while (rows.next().isPresent()) {
                // every row crosses the wire
            }
        }
    }

    static List<String> rows(KustoCluster cluster, Question question) throws Exception {
        var all = new ArrayList<String>();
        try (var rows = cluster.query(DATABASE, question.kql(), new QueryOptions(TIMEOUT, true))) {
            for (var row = rows.next(); row.isPresent(); row = rows.next()) {
                all.add(SameRows.ofJson(question, row.get()));
            }
        }
        return all;
    }

    static List<String> rows(Connection duck, Question question) throws SQLException {
        var all = new ArrayList<String>();
        try (var statement = duck.createStatement(); var rows = statement.executeQuery(question.sql())) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                var row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(rows.getObject(i));
                }
                all.add(SameRows.ofSql(question, row));
            }
        }
        return all;
    }

    /// Runs a statement and reads all it returns.
    static void execute(Connection duck, String sql) throws SQLException {
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
