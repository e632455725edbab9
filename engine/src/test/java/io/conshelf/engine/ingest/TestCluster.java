package io.conshelf.engine.ingest;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Folders;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Principal;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.TimeSpanText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Storage and ingestion over one folder, for tests.
final class TestCluster implements AutoCloseable {
    static final String DATABASE = "Lab";

    private final Optional<Path> ownFolder;
    final Path staging;
    final DuckInstance duck;
    final Storage storage;
    final Ingestion ingestion;

    private TestCluster(Optional<Path> ownFolder, EngineConfig config) {
        this.ownFolder = ownFolder;
        staging = config.stagingFolder();
        duck = DuckInstance.open(config);
        storage = Storage.open(config, duck);
        ingestion = Ingestion.open(config, duck, storage);
        storage.writer(DATABASE).change(tx -> {
            tx.setPolicy(PolicyKind.STREAMING_INGESTION, Optional.of("{\"IsEnabled\":true}"));
            return 0;
        });
    }

    /// It keeps nothing but what is staged, in a folder that goes when it is closed.
    static TestCluster inMemory() {
        try {
            Path folder = Files.createTempDirectory("cluster");
            return new TestCluster(Optional.of(folder), config(Optional.empty(), folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static TestCluster inFolder(Path folder) {
        return new TestCluster(Optional.empty(), config(Optional.of(folder.resolve("data")), folder));
    }

    private static EngineConfig config(Optional<Path> data, Path folder) {
        return new EngineConfig(
                data, folder.resolve("staging"), List.of(), List.of(DATABASE),
                Limits.ofThisMachine().withMemoryBytes(1L << 30),
                InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z")));
    }

    /// @param schema `a:long, b:string`
    Table create(String name, String schema) {
        var columns = new ArrayList<ColumnSchema>();
        for (String column : schema.split(",")) {
            int colon = column.lastIndexOf(':');
            columns.add(new ColumnSchema(
                    column.substring(0, colon).strip(), Type.named(column.substring(colon + 1).strip()).orElseThrow()));
        }
        return storage.writer(DATABASE).change(tx -> tx.createTable(name, columns, "", ""));
    }

    Table table(String name) {
        return storage.snapshot().database(DATABASE).orElseThrow().table(name).orElseThrow();
    }

    Path stage(String name, byte[] content) {
        try {
            return Files.write(staging.resolve(name), content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    BatchIngestion.Source source(String name, byte[] content) {
        return new BatchIngestion.Source(name, stage(name, content), false, content.length);
    }

    static BatchIngestion batch(String table, String format, BatchIngestion.Mapping mapping, BatchIngestion.Source... sources) {
        return new BatchIngestion(
                DATABASE, table, format, List.of(sources), mapping, Set.of(), Set.of(), Optional.empty(), false,
                new BatchIngestion.Validation(BatchIngestion.Validation.Check.CONSTANT_COLUMNS, false), Optional.empty());
    }

    BatchIngestion.Result load(BatchIngestion request) {
        return ingestion.batch(Principal.LOCAL_ADMINISTRATOR, request);
    }

    StreamingIngestion.Result stream(String table, String format, Optional<String> mapping, byte[] content) {
        return ingestion.stream(Principal.LOCAL_ADMINISTRATOR, new StreamingIngestion(
                DATABASE, table, format, mapping, new ByteArrayInputStream(content), Optional.empty()));
    }

    /// The rows as text, cells joined with `|`; nulls as `null`.
    List<String> rows(String tableName) {
        Table table = table(tableName);
        try (var connection = duck.connect();
                var reading = storage.read(connection);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT * FROM " + reading.relation(table.id()) + " AS q")) {
            var list = new ArrayList<String>();
            while (rows.next()) {
                var cells = new ArrayList<String>();
                for (int i = 0; i < table.columns().size(); i++) {
                    cells.add(cell(rows, table.columns().get(i), i + 1));
                }
                list.add(String.join("|", cells));
            }
            return list;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    long count(String tableName) {
        try (var connection = duck.connect();
                var reading = storage.read(connection);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM " + reading.relation(table(tableName).id()))) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static String cell(ResultSet rows, TableColumn column, int position) throws SQLException {
        Object value = rows.getObject(position);
        if (value == null) {
            return "null";
        }
        return switch (column.type()) {
            case DATETIME -> DateTimeText.format((Long) value);
            case TIMESPAN -> TimeSpanText.format((Long) value);
            case DECIMAL -> ((java.math.BigDecimal) value).stripTrailingZeros().toPlainString();
            case BOOL, INT, LONG, REAL, STRING, GUID, DYNAMIC -> value.toString();
        };
    }

    @Override
    public void close() {
        ingestion.close();
        storage.close();
        duck.close();
        ownFolder.ifPresent(folder -> {
            try {
                Folders.delete(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
