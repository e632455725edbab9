package io.conshelf.cli.bench.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.cli.bench.Benchmark;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;

/// The Python package of this name, which translates KQL for DuckDB as well, in a process of its own: a line of KQL in, a
/// line of JSON out. It takes its own time, so that the pipe between is not counted.
final class DuckdbKql implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String SCRIPT = """
            import json, sys, time
            import duckdb_kql
            connection = duckdb_kql.connect()
            connection.execute("SET enable_progress_bar = false")
            connection.sql("CREATE TABLE Flights AS SELECT * REPLACE (legs::JSON AS legs) FROM read_parquet('" + sys.argv[1] + "')")
            connection.sql("CREATE TABLE Airports AS SELECT * FROM read_csv('" + sys.argv[2] + "')")
            print("{}", flush=True)
            for line in sys.stdin:
                try:
                    started, cpu = time.perf_counter(), time.process_time()
                    rows = duckdb_kql.query(connection, line).fetchall()
                    answer = {"ms": (time.perf_counter() - started) * 1000, "cpu": (time.process_time() - cpu) * 1000, "rows": len(rows)}
                except Exception as e:
                    answer = {"error": str(e).split("\\n")[0]}
                print(json.dumps(answer), flush=True)
            """;

    private final Process process;
    private final BufferedWriter queries;
    private final BufferedReader answers;

    DuckdbKql(Path flights, Path airports) throws IOException {
        process = new ProcessBuilder("python3", "-c", SCRIPT, flights.toString(), airports.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        queries = process.outputWriter();
        answers = process.inputReader();
        if (answers.readLine() == null) {
            throw Benchmark.missing("it needs the Python package duckdb-kql: pip install 'duckdb-kql[duckdb]', and its python3 first on PATH");
        }
    }

    /// What a query took (`ms`, `cpu`) and how many `rows` came, or the `error`.
    JsonNode ask(String kql) throws IOException {
        queries.write(kql.replace('\n', ' '));
        queries.newLine();
        queries.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("duckdb-kql ended at: " + kql);
        }
        return JSON.readTree(answer);
    }

    @Override
    public void close() {
        process.destroy();
    }
}
