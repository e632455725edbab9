package io.conshelf.engine.command;

import io.conshelf.engine.command.CommandServices.BoundQuery;
import io.conshelf.engine.command.ExportCommands.ExportSink;
import io.conshelf.engine.duck.Sql;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// Writes rows as Parquet, by DuckDB. It measures an artifact by what it has written, compressed.
final class ParquetExport {
    private final WriteStop stop = WriteStop.current();
    private final Connection connection;
    private final BoundQuery query;
    private final ExportOptions options;
    private final Path scratch;

    ParquetExport(Connection connection, BoundQuery query, ExportOptions options, Path scratch) {
        this.connection = connection;
        this.query = query;
        this.options = options;
        this.scratch = scratch;
    }

    void write(ExportSink sink) throws SQLException, IOException {
        Path folder = scratch.resolve("export-" + UUID.randomUUID());
        try (var statement = connection.createStatement()) {
            String copy = "COPY (" + select() + ") TO " + Sql.text(folder.toString()) + " (FORMAT parquet, COMPRESSION "
                    + options.compression() + ", ROW_GROUP_SIZE " + options.rowGroupRows() + ", FILE_SIZE_BYTES "
                    + options.sizeLimitBytes() + ", PER_THREAD_OUTPUT false)";
            stop.during(statement, () -> statement.execute(copy));
            for (Path file : files(folder)) {
                long records;
                try (var rows = statement.executeQuery(
                        "SELECT num_rows FROM parquet_file_metadata(" + Sql.text(file.toString()) + ")")) {
                    rows.next();
                    records = rows.getLong(1);
                }
                stop.check();
                if (records > 0) {
                    sink.take(file, records);
                }
            }
        } finally {
            if (Files.exists(folder)) {
                for (Path file : files(folder)) {
                    Files.delete(file);
                }
                Files.delete(folder);
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted(Comparator.comparing((Path file) -> file.toString().length()).thenComparing(Path::toString))
                    .toList();
        }
    }

    private String select() {
        var values = new ArrayList<String>();
        for (int i = 0; i < query.columns().size(); i++) {
            var column = query.columns().get(i);
            values.add(value("v" + i, column.type()) + " AS " + Sql.columnOfFile(column.name()));
        }
        return ExportCommands.select(query, values);
    }

    private String value(String value, Type type) {
        return switch (type) {
            case BOOL, INT, LONG, REAL, STRING, DECIMAL, TIMESPAN -> value;
            case GUID -> "CAST(" + value + " AS VARCHAR)";
            case DYNAMIC -> "kql_plain_json(" + value + ")";
            case DATETIME -> {
                // Rounded towards the past, before 1970 too.
                String ticks = "(" + value + " - " + Ticks.UNIX_EPOCH + ")";
                String unit = options.isMillisecond() ? Long.toString(Ticks.MILLISECOND) : Long.toString(Ticks.MICROSECOND);
                String micros = "make_timestamp((" + ticks + " - (" + ticks + " % " + unit + " + " + unit + ") % " + unit + ") // "
                        + Ticks.MICROSECOND + ")";
                yield options.isMillisecond() ? "CAST(" + micros + " AS TIMESTAMP_MS)" : micros;
            }
        };
    }
}
