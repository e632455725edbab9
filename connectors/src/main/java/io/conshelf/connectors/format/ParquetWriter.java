package io.conshelf.connectors.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowWriter;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/// Writes rows as a Parquet file, by DuckDB. Rows are collected in a file of the temporary folder first, because Parquet is written by columns.
public final class ParquetWriter implements RowWriter {
    private final List<Column> columns;
    private final String codec;
    private final OutputStream target;
    private final Path folder;
    private final Connection duck;
    private final DuckDBAppender appender;

    /// @param codec none, gzip, snappy …
    public ParquetWriter(OutputStream target, List<Column> columns, String codec) throws StoreException {
        this.target = target;
        this.columns = List.copyOf(columns);
        this.codec = codec.equalsIgnoreCase("none") ? "uncompressed" : codec.toLowerCase(Locale.ROOT);
        for (Column column : columns) {
            if (column.name().matches(".*[ ,;{}()\\n\\t=].*")) {
                throw StoreException.user("UserErrorParquetInvalidColumnName", "A Parquet column's name has no blanks and none of ,;{}()=, found '"
                        + column.name() + "'");
            }
        }
        try {
            this.folder = Files.createTempDirectory("conshelf-parquet-");
        } catch (IOException failure) {
            throw unwritable(failure);
        }
        try {
            this.duck = Duck.open("Parquet", folder.resolve("rows.duckdb").toString());
        } catch (StoreException failure) {
            clear();
            throw failure;
        }
        try {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                names.add("c" + i + " VARCHAR");
            }
            try (Statement statement = duck.createStatement()) {
                statement.execute("CREATE TABLE r (" + String.join(", ", names) + ")");
            }
            this.appender = duck.unwrap(DuckDBConnection.class).createAppender(DuckDBConnection.DEFAULT_SCHEMA, "r");
        } catch (SQLException failure) {
            discard();
            throw unwritable(failure);
        }
    }

    @Override
    public void write(List<JsonNode> row) throws StoreException {
        try {
            appender.beginRow();
            for (int i = 0; i < columns.size(); i++) {
                JsonNode cell = row.get(i);
                if (cell.isNull() || cell.isMissingNode()) {
                    appender.appendNull();
                } else {
                    appender.append(cell.isValueNode() ? cell.asText() : cell.toString());
                }
            }
            appender.endRow();
        } catch (SQLException failure) {
            throw unwritable(failure);
        }
    }

    private static String duckType(ValueType type) {
        return switch (type) {
            case BOOL -> "BOOLEAN";
            case INT -> "INTEGER";
            case LONG -> "BIGINT";
            case REAL -> "DOUBLE";
            case DECIMAL -> "DECIMAL(38, 18)";
            case DATETIME -> "TIMESTAMP";
            case STRING, TIMESPAN, GUID, DYNAMIC -> "VARCHAR";
        };
    }

    @Override
    public void close() throws StoreException {
        Path file = folder.resolve("rows.parquet");
        try {
            appender.close();
            List<String> selected = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                selected.add("c" + i + "::" + duckType(columns.get(i).type()) + " AS " + Duck.name(columns.get(i).name()));
            }
            try (Statement statement = duck.createStatement()) {
                statement.execute("COPY (SELECT " + String.join(", ", selected) + " FROM r) TO " + Duck.literal(file.toString())
                        + " (FORMAT parquet, COMPRESSION " + Duck.literal(codec) + ")");
            }
            Files.copy(file, target);
            target.close();
        } catch (SQLException failure) {
            throw StoreException.user("UserErrorParquetWriteFailure", "Rows cannot be written as Parquet: " + Duck.sentence(failure));
        } catch (IOException failure) {
            throw unwritable(failure);
        } finally {
            discard();
        }
    }

    @Override
    public void discard() throws StoreException {
        try {
            duck.close();
        } catch (SQLException failure) {
            throw unwritable(failure);
        } finally {
            clear();
        }
    }

    private void clear() throws StoreException {
        try {
            if (!Files.isDirectory(folder)) {
                return; // closed before
            }
            try (var left = Files.list(folder)) {
                for (Path file : left.toList()) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(folder);
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private static StoreException unwritable(Exception failure) {
        return StoreException.system("UserErrorFileWriteFailure", "Parquet cannot be written: " + Duck.sentence(failure), failure);
    }
}
