package io.conshelf.cli.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// The sample flights as CSV without a header: what benchmarks of ingestion send.
final class FlightsCsv {
    static final String KUSTO_COLUMNS = "(['date']:datetime, delay:int, distance:int, origin:string, destination:string)";
    static final String SQL_COLUMNS = "(date TIMESTAMP, delay INTEGER, distance INTEGER, origin VARCHAR, destination VARCHAR)";

    private FlightsCsv() {}

    /// Writes the first rows to a file.
    static void write(Path file, long rows) throws SQLException {
        var flights = Benchmark.sampleData().resolve("flights-3m.parquet");
        try (var duck = DriverManager.getConnection("jdbc:duckdb:"); var statement = duck.createStatement()) {
            statement.execute("COPY (SELECT date, delay, distance, origin, destination FROM read_parquet('" + flights
                    + "') LIMIT " + rows + ") TO '" + file + "' (FORMAT csv, HEADER false)");
        }
    }

    /// Pieces of so many rows each.
    static List<byte[]> batches(int count, int rowsEach) throws SQLException, IOException {
        var file = Files.createTempFile("conshelf-bench-", ".csv");
        try {
            write(file, (long) count * rowsEach);
            var batches = new ArrayList<byte[]>();
            try (var lines = Files.newBufferedReader(file)) {
                for (int batch = 0; batch < count; batch++) {
                    var text = new StringBuilder();
                    for (int row = 0; row < rowsEach; row++) {
                        text.append(lines.readLine()).append('\n');
                    }
                    batches.add(text.toString().getBytes(StandardCharsets.UTF_8));
                }
            }
            return batches;
        } finally {
            Files.delete(file);
        }
    }
}
