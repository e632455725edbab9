package io.conshelf.cli.bench;

import io.conshelf.cli.TemporaryFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// From starting the process to its ready line: `conshelf up` on a data folder, beside a JVM that opens the folder's own
/// DuckDB file and asks it one question.
public final class StartupBenchmark implements Benchmark {
    private static final String READY = "ready";

    @Override
    public void run(Effort effort, Consumer<Figure> figures) {
        var home = Path.of(System.getProperty("conshelf.home", ".")).toAbsolutePath();
        Path data;
        try {
            data = Files.createTempDirectory("conshelf-bench-");
        } catch (IOException e) {
            throw new IllegalStateException("there is no temporary folder: " + e.getMessage(), e);
        }
        try {
            var up = List.of(home.resolve("conshelf").toString(), "up", "--port", "0", "--data", data.toString());
            untilReady(up); // makes the databases, and the class data archive if there is none yet
            var file = databaseFile(data);
            var open = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp", System.getProperty("java.class.path"), StartupBenchmark.class.getName(), file.toString());
            var ours = new ArrayList<Double>();
            var peer = new ArrayList<Double>();
            for (int round = 0; round < effort.rounds(); round++) {
                ours.add(untilReady(up));
                peer.add(untilReady(open));
            }
            figures.accept(Figure.of("startup: until ready", ours, peer, "a JVM opening the DuckDB file", "ms"));
        } finally {
            TemporaryFolder.delete(data);
        }
    }

    private static Path databaseFile(Path data) {
        try (var files = Files.list(data.resolve("databases"))) {
            return files.filter(f -> f.toString().endsWith(".duckdb")).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new IllegalStateException("no database in " + data + ": " + e.getMessage(), e);
        }
    }

    /// Milliseconds from starting a process to its first line, after which it is stopped.
    private static double untilReady(List<String> command) {
        long started = System.nanoTime();
        try {
            var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                var line = lines.readLine();
                double elapsed = (System.nanoTime() - started) / 1e6;
                if (line == null || !line.startsWith(READY)) {
                    throw new IllegalStateException(command + " did not become ready: " + line);
                }
                process.destroy();
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
                return elapsed;
            }
        } catch (IOException e) {
            throw new IllegalStateException(command + " does not start: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// The peer's process.
    public static void main(String[] arguments) throws Exception {
        try (var duck = DriverManager.getConnection("jdbc:duckdb:" + arguments[0]);
                var statement = duck.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM duckdb_tables()")) {
            rows.next();
            System.out.println(READY + " " + rows.getLong(1));
        }
    }
}
