package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.nio.file.Files;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A data folder opens, however large it is; how long that takes is printed. With `-Dconshelf.full=true` the large file is ten times as large.
class OpeningTest {
    private static final List<ColumnSchema> COLUMNS = IntStream.range(0, 10)
            .mapToObj(i -> new ColumnSchema("Column" + i, i % 2 == 0 ? Type.LONG : Type.STRING)).toList();

    @TempDir
    private Path folder;

    private final Map<String, Long> took = new LinkedHashMap<>();

    private final Map<String, Long> cpu = new LinkedHashMap<>();

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private interface Filling {
        void in(Storage storage) throws Exception;
    }

    @Test
    void manyTables() throws Exception {
        opens("2,000 tables", List.of("Lab"), storage -> {
            for (int group = 0; group < 20; group++) {
                int first = group * 100;
                storage.writer("Lab").change(tx -> {
                    for (int i = first; i < first + 100; i++) {
                        tx.createTable("Table" + i, COLUMNS, "folder", "what it is for");
                    }
                    return 0;
                });
            }
        });
    }

    @Test
    void manyDatabases() throws Exception {
        opens("50 databases", IntStream.range(0, 50).mapToObj(i -> "Database" + i).toList(), storage -> {
            for (int i = 0; i < 50; i++) {
                storage.writer("Database" + i).change(tx -> tx.createTable("T", COLUMNS, "", ""));
            }
        });
    }

    @Test
    void manyExtentsAndSources() throws Exception {
        opens("100,000 extents and sources", List.of("Lab"), storage -> {
            Table table = storage.writer("Lab").change(tx -> tx.createTable("T", COLUMNS, "", ""));
            storage.writer("Lab").change(tx -> {
                Connection connection = tx.connection();
                String id = table.id().databaseId();
                Jdbc.execute(connection, "INSERT INTO " + id + ".data." + table.rows()
                        + " SELECT i, 'a', i, 'b', i, 'c', i, 'd', i, 'e', i + 1, i, i FROM range(100000) AS r(i)");
                Jdbc.execute(connection, "INSERT INTO " + id + ".conshelf.extents SELECT '" + table.rows()
                        + "', i + 1, 638000000000000000 + i, 1, 10, ['drop-by:' || i], NULL FROM range(100000) AS r(i)");
                Jdbc.execute(connection, "INSERT INTO " + id + ".conshelf.sources SELECT '" + table.id().tableId()
                        + "', 'source-' || i, " + Moments.ticks(InstantSource.system().instant()) + " + i, i FROM range(100000) AS r(i)");
                return 0;
            });
        });
    }

    @Test
    void aLongRowLog() throws Exception {
        // What may wait to be sealed, as a kill leaves it.
        var config = config(List.of("Lab"));
        Table table;
        try (var duck = DuckInstance.open(config); var storage = Storage.open(config, duck)) {
            table = storage.writer("Lab").change(tx -> tx.createTable("T", COLUMNS, "", ""));
        }
        var records = new ArrayList<RowRecord>();
        for (int i = 0; i < 600; i++) {
            records.add(record(table, 200, 1_000_000 + i));
        }
        RowLogSegment.write(folder.resolve("data/databases").resolve(table.id().databaseId() + ".rows.5"), records);
        open("a row log of " + mebibytes() + " MiB", List.of("Lab"));
        print();
    }

    private static RowRecord record(Table table, int count, long commit) {
        var layout = new RowLayout(
                table.columns().stream().map(TableColumn::id).toList(), table.columns().stream().map(TableColumn::type).toList());
        List<RowColumn> columns = Rows.columnsFor(layout);
        for (int row = 0; row < count; row++) {
            for (RowColumn column : columns) {
                if (column.type() == Type.LONG) {
                    column.int64(row, row);
                } else {
                    column.text(row, "x".repeat(100));
                }
            }
        }
        return new RowRecord(
                table.id().tableId(), table.rows(), List.of(new Rows(layout, columns, count)), 110_000, commit, commit, "source-" + commit);
    }

    @Test
    void aLargeFile() throws Exception {
        int loads = Boolean.getBoolean("conshelf.full") ? 10 : 1;
        opens("a file of " + loads * 100 + " MB", List.of("Lab"), storage -> {
            Table table = storage.writer("Lab").change(tx -> tx.createTable("T", COLUMNS, "", ""));
            for (int i = 0; i < loads; i++) {
                storage.writer("Lab").load(table.id(), tx -> tx.extents().open(table, Set.of(), tx.now()).append(
                        "SELECT i * 31, md5(i::VARCHAR), i * 77 % 1001, md5((i + 1)::VARCHAR), i, 'x', i, 'y', i, 'z' FROM range(1200000) AS r(i)",
                        table.columns(), 10));
            }
        });
    }

    private void opens(String what, List<String> databases, Filling filling) throws Exception {
        var config = config(databases);
        try (var duck = DuckInstance.open(config)) {
            long before;
            try (var storage = Storage.open(config, duck)) {
                filling.in(storage);
                before = System.nanoTime();
            }
            took.put("closing " + what, Duration.ofNanos(System.nanoTime() - before).toMillis());
        }
        open(what, databases);
        open(what + " again", databases);
        print();
    }

    private void open(String what, List<String> databases) {
        var config = config(databases);
        try (var duck = DuckInstance.open(config)) {
            long before = System.nanoTime();
            long cpuBefore = cpuNanos();
            try (var storage = Storage.open(config, duck)) {
                took.put(what, Duration.ofNanos(System.nanoTime() - before).toMillis());
                cpu.put(what, Duration.ofNanos(cpuNanos() - cpuBefore).toMillis());
                assertThat(storage.snapshot().unavailable()).isEmpty();
            }
        }
    }

    private void print() {
        System.out.println("opened in ms: " + took + ", of the processors: " + cpu);
    }

    private long mebibytes() throws IOException {
        try (var files = Files.list(folder.resolve("data/databases"))) {
            return files.filter(f -> f.toString().contains(".rows.")).mapToLong(f -> f.toFile().length()).sum() >> 20;
        }
    }

    private EngineConfig config(List<String> databases) {
        return new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), databases,
                Limits.ofThisMachine().withMemoryBytes(1L << 30), InstantSource.system());
    }
}
