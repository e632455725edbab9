package io.conshelf.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.cli.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/// A Copy activity from a file, or a table of PostgreSQL, into a table, with all that Data Factory and queued ingestion do on the way: cluster and pipeline each in a
/// process of their own, as their users start them. Beside it DuckDB reads the same file into a table. A figure is megabytes of the file a
/// second; the memory both processes had is told as well.
public final class CopyBenchmark implements Benchmark {
    private static final long CSV_BYTES = 1_000_000_000;
    private static final long SAMPLE_ROWS = 3_000_000;
    /// Of the sample as CSV, and as JSON.
    private static final long CSV_ROW_BYTES = 37;
    private static final int FULL = 10;
    private static final double TABLE_SHARE = 0.1;
    private static final String COLUMNS = "date, delay, distance, origin, destination";
    private static final String POSTGRESQL = "postgresql";
    private static final ObjectMapper JSON = new ObjectMapper();

    /// @param dataset       its type properties beside the location
    /// @param duckDbReading the peer's SELECT over the file
    private record Case(String name, String format, String extension, String dataset, String duckDbReading, String copyOptions, double share) {}

    private static final List<Case> CASES = List.of(
            new Case("CSV", "DelimitedText", "csv", "\"firstRowAsHeader\": true, \"escapeChar\": \"\\\\\"",
                    "SELECT * FROM read_csv('%s', header = true, columns = {'date': 'TIMESTAMP', 'delay': 'INTEGER', 'distance': 'INTEGER', "
                            + "'origin': 'VARCHAR', 'destination': 'VARCHAR'})", "(FORMAT csv, HEADER true)", 1),
            new Case("JSON lines", "Json", "json", "", "SELECT * FROM read_json('%s', columns = {'date': 'TIMESTAMP', 'delay': 'INTEGER', "
                    + "'distance': 'INTEGER', 'origin': 'VARCHAR', 'destination': 'VARCHAR'})", "(FORMAT json)", 0.1),
            new Case("Parquet", "Parquet", "parquet", "", "SELECT * FROM read_parquet('%s')", "(FORMAT parquet)", 1));

    @Override
    public void run(Effort effort, Consumer<Figure> figures) {
        try {
            for (Case file : CASES) {
                if (effort.includes(file.extension())) {
                    double seconds = measure(file, 1, effort.rounds(), figures);
                    if (effort.size() == Effort.Size.FULL) {
                        double grown = measure(file, FULL, 1, figures);
                        Benchmark.say(String.format(Locale.ROOT, "%d times the data of %s took %.1f times as long", FULL, file.name(), grown / seconds));
                    }
                }
            }
            if (effort.includes(POSTGRESQL)) {
                measureTable(effort.rounds(), figures);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the copy benchmark failed: " + e.getMessage(), e);
        }
    }

    @Override
    public Set<String> parts() {
        return Stream.concat(CASES.stream().map(Case::extension), Stream.of(POSTGRESQL)).collect(Collectors.toSet());
    }

    /// @return how long our copy took, in seconds
    private static double measure(Case data, int times, int rounds, Consumer<Figure> figures) throws Exception {
        var folder = Files.createTempDirectory("conshelf-bench-");
        try {
            long rows = Math.round(CSV_BYTES / CSV_ROW_BYTES * data.share() * times);
            var file = folder.resolve("flights." + data.extension());
            write(file, rows, data.copyOptions());
            double megabytes = Files.size(file) / 1e6;
            var ours = new ArrayList<Double>();
            var peer = new ArrayList<Double>();
            for (int round = 0; round < rounds; round++) {
                var copy = copyInto(factory(folder, data), rows);
                ours.add(megabytes / copy.seconds());
                double cpuBefore = cpuSeconds(ProcessHandle.current());
                double peerSeconds = Benchmark.milliseconds(() -> load(folder, data.duckDbReading().formatted(file))) / 1e3;
                peer.add(megabytes / peerSeconds);
                Benchmark.say(String.format(Locale.ROOT, "copy of %.0f MB of %s (%,d rows): %.1f s (CPU %.1f s), DuckDB %.1f s (CPU %.1f s)", megabytes,
                        data.name(), rows, copy.seconds(), copy.cpuSeconds(), peerSeconds, cpuSeconds(ProcessHandle.current()) - cpuBefore));
            }
            var figure = Figure.of(String.format(Locale.ROOT, "copy: %.0f MB of %s", megabytes, data.name()), ours, peer, "DuckDB reading the file", "MB/s");
            figures.accept(figure);
            return megabytes / figure.ours();
        } finally {
            TemporaryFolder.delete(folder);
        }
    }

    private static void write(Path file, long rows, String options) throws Exception {
        var flights = Benchmark.sampleData().resolve("flights-3m.parquet");
        long copies = (rows + SAMPLE_ROWS - 1) / SAMPLE_ROWS;
        try (var duck = DriverManager.getConnection("jdbc:duckdb:"); var statement = duck.createStatement()) {
            statement.execute("COPY (SELECT " + COLUMNS + " FROM range(" + copies + "), read_parquet('" + flights + "') LIMIT " + rows + ") TO '" + file
                    + "' " + options);
        }
    }

    /// @param cpuSeconds of pipeline and cluster, which say more than the time on a machine with other work
    private record Copy(double seconds, double cpuSeconds) {}

    private static double cpuSeconds(ProcessHandle process) {
        return process.info().totalCpuDuration().map(time -> time.toMillis() / 1e3).orElse(0.0);
    }

    private static Copy copyInto(Path factory, long rows) throws Exception {
        var store = Files.createTempDirectory("conshelf-bench-data-");
        try (var cluster = ClusterProcess.start(store)) {
            cluster.command(".create table T " + FlightsCsv.KUSTO_COLUMNS);
            double cpuBefore = cpuSeconds(cluster.process());
            var run = pipeline(factory, cluster.port());
            double clusterCpu = cpuSeconds(cluster.process()) - cpuBefore;
            long found = cluster.count("T");
            if (found != rows) {
                throw new IllegalStateException("the table holds " + found + " rows, not " + rows);
            }
            cluster.peakMemoryMegabytes().ifPresent(memory -> Benchmark.say("memory of the cluster: " + memory + " MB at most"));
            return new Copy(run.json().path("activityRuns").path(0).path("durationInMs").asDouble() / 1e3, run.cpuSeconds() + clusterCpu);
        } finally {
            TemporaryFolder.delete(store);
        }
    }

    private record Run(JsonNode json, double cpuSeconds) {}

    private static Run pipeline(Path factory, int port) throws IOException, InterruptedException {
        var home = Path.of(System.getProperty("conshelf.home", ".")).toAbsolutePath();
        var answer = factory.resolveSibling("run.json");
        var process = new ProcessBuilder(home.resolve("conshelf").toString(), "pipeline", "run", factory.toString(), "p", "--json", "--cluster",
                        "http://127.0.0.1:" + port)
                .redirectError(ProcessBuilder.Redirect.INHERIT).redirectOutput(answer.toFile()).start();
        long memory = 0;
        double cpu = 0;
        while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
            cpu = Math.max(cpu, cpuSeconds(process.toHandle()));
            memory = Math.max(memory, ProcessMemory.peakMegabytes(process.pid()).orElse(0));
        }
        Benchmark.say("memory of the pipeline: " + memory + " MB at most");
        if (process.exitValue() != 0) {
            throw new IOException("the pipeline failed: " + Files.readString(answer));
        }
        return new Run(JSON.readTree(answer.toFile()), cpu);
    }

    private static Path factory(Path folder, Case data) throws IOException {
        return factory(folder, """
                {"name": "store", "properties": {"type": "FileServer", "typeProperties": {"host": ".."}}}""", """
                {"name": "from", "properties": {"type": "%s", "linkedServiceName": {"referenceName": "store", "type": "LinkedServiceReference"},
                 "typeProperties": {"location": {"type": "FileServerLocation", "fileName": "flights.%s"}%s}}}"""
                .formatted(data.format(), data.extension(), data.dataset().isEmpty() ? "" : ", " + data.dataset()),
                "{\"type\": \"" + data.format() + "Source\"}");
    }

    private static Path factory(Path folder, String linkedService, String dataset, String source) throws IOException {
        var factory = folder.resolve("factory");
        write(factory.resolve("linkedService/store.json"), linkedService);
        write(factory.resolve("linkedService/adx.json"), """
                {"name": "adx", "properties": {"type": "AzureDataExplorer", "typeProperties": {"endpoint": "https://bench.westeurope.kusto.windows.net", "database": "NetDefaultDB"}}}""");
        write(factory.resolve("dataset/from.json"), dataset);
        write(factory.resolve("dataset/table.json"), """
                {"name": "table", "properties": {"type": "AzureDataExplorerTable", "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"},
                 "typeProperties": {"table": "T"}}}""");
        write(factory.resolve("pipeline/p.json"), """
                {"name": "p", "properties": {"activities": [{"name": "C", "type": "Copy",
                 "inputs": [{"referenceName": "from", "type": "DatasetReference"}], "outputs": [{"referenceName": "table", "type": "DatasetReference"}],
                 "typeProperties": {"source": %s, "sink": {"type": "AzureDataExplorerSink", "flushImmediately": true}}}]}}""".formatted(source));
        return factory;
    }

    /// A table of PostgreSQL, beside PostgreSQL writing the same as CSV and DuckDB reading that.
    private static void measureTable(int rounds, Consumer<Figure> figures) throws Exception {
        var folder = Files.createTempDirectory("conshelf-bench-");
        try (var postgres = PostgresCluster.start()) {
            long rows = Math.round(CSV_BYTES / CSV_ROW_BYTES * TABLE_SHARE);
            var file = folder.resolve("flights.csv");
            write(file, rows, "(FORMAT csv, HEADER false)");
            double megabytes = Files.size(file) / 1e6;
            try (var connection = postgres.connect(); var statement = connection.createStatement(); var text = Files.newBufferedReader(file)) {
                statement.execute("CREATE TABLE flights " + FlightsCsv.SQL_COLUMNS);
                new CopyManager(connection.unwrap(BaseConnection.class)).copyIn("COPY flights FROM STDIN (FORMAT csv)", text);
            }
            var factory = factory(folder, """
                    {"name": "store", "properties": {"type": "PostgreSqlV2", "typeProperties": {"server": "127.0.0.1", "port": %d, "database": "postgres",
                     "username": "%s", "password": {"type": "SecureString", "value": "%s"}, "sslMode": 0, "authenticationType": "Basic"}}}"""
                    .formatted(postgres.port(), postgres.user(), postgres.password()), """
                    {"name": "from", "properties": {"type": "PostgreSqlV2Table", "linkedServiceName": {"referenceName": "store", "type": "LinkedServiceReference"},
                     "typeProperties": {"schema": "public", "table": "flights"}}}""", "{\"type\": \"PostgreSqlV2Source\"}");
            var ours = new ArrayList<Double>();
            var peer = new ArrayList<Double>();
            for (int round = 0; round < rounds; round++) {
                ours.add(megabytes / copyInto(factory, rows).seconds());
                peer.add(megabytes / (Benchmark.milliseconds(() -> {
                    try (var connection = postgres.connect(); var text = Files.newBufferedWriter(file)) {
                        new CopyManager(connection.unwrap(BaseConnection.class)).copyOut("COPY flights TO STDOUT (FORMAT csv)", text);
                    }
                    load(folder, "SELECT * FROM read_csv('" + file + "', header = false)");
                }) / 1e3));
            }
            figures.accept(Figure.of(String.format(Locale.ROOT, "copy: a PostgreSQL table of %.0f MB", megabytes), ours, peer,
                    "PostgreSQL writing CSV and DuckDB reading it", "MB/s"));
        } finally {
            TemporaryFolder.delete(folder);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void load(Path folder, String reading) throws Exception {
        var database = folder.resolve("peer.duckdb");
        try (var duck = DriverManager.getConnection("jdbc:duckdb:" + database); var statement = duck.createStatement()) {
            statement.execute("CREATE TABLE flights AS " + reading);
            statement.execute("CHECKPOINT");
        } finally {
            Files.deleteIfExists(database);
        }
    }
}
