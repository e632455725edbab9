package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Limits;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageTest {
    @TempDir
    Path folder;

    private DuckInstance duck;
    private Storage storage;

    @BeforeEach
    void open() {
        var config = new EngineConfig(
                Optional.of(folder.resolve("data")),
                folder.resolve("staging"),
                List.of(),
                List.of("Lab"),
                Limits.ofThisMachine().withMemoryBytes(512L << 20),
                InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z")));
        duck = DuckInstance.open(config);
        storage = Storage.open(config, duck);
    }

    @AfterEach
    void close() {
        storage.close();
        duck.close();
    }

    private void reopen() {
        close();
        open();
    }

    private Table table(String name) {
        return storage.snapshot().database("Lab").orElseThrow().table(name).orElseThrow();
    }

    private Table create(String name, ColumnSchema... columns) {
        return storage.writer("Lab").change(tx -> tx.createTable(name, List.of(columns), "", ""));
    }

    private static ColumnSchema column(String name, Type type) {
        return new ColumnSchema(name, type);
    }

    private void append(Table table, String select, String... tags) {
        storage.writer("Lab").load(table.id(), tx -> tx.extents().open(table, Set.of(tags), tx.now())
                .append(select, table.columns(), 10));
    }

    private List<String> rows(Table table) throws SQLException {
        return rows(table, "*");
    }

    private List<String> rows(Table table, String items) throws SQLException {
        try (var connection = duck.connect();
                var reading = storage.read(connection);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT " + items + " FROM " + reading.relation(table.id()) + " AS q")) {
            var list = new ArrayList<String>();
            while (rows.next()) {
                var cells = new ArrayList<String>();
                int count = items.equals("*") ? table.columns().size() : rows.getMetaData().getColumnCount();
                for (int i = 1; i <= count; i++) {
                    cells.add(String.valueOf(rows.getObject(i)));
                }
                list.add(String.join("|", cells));
            }
            return list;
        }
    }

    @Test
    void theDefaultDatabaseAlwaysExists() {
        assertThat(storage.snapshot().database("netdefaultdb")).isPresent();
        assertThatThrownBy(() -> storage.dropDatabase("NetDefaultDB")).isInstanceOf(KustoException.class);
    }

    @Test
    void rowsAndSchemaAreThereAfterReopening() throws SQLException {
        Table table = create("T", column("a", Type.LONG), column("A", Type.STRING), column("g", Type.GUID));
        append(table, "SELECT 1, 'x', CAST('00000000-0000-0000-0000-000000000001' AS UUID)", "t1");
        reopen();

        assertThat(table("T").schema()).isEqualTo(table.schema());
        assertThat(rows(table("T"))).containsExactly("1|x|00000000-0000-0000-0000-000000000001");
        assertThat(storage.extents(table("T"))).singleElement().satisfies(extent -> {
            assertThat(extent.rowCount()).isEqualTo(1);
            assertThat(extent.tags()).containsExactly("t1");
        });
    }

    @Test
    void everyRowTellsItsExtent() throws SQLException {
        Table table = create("T", column("a", Type.LONG));
        append(table, "SELECT 1");
        append(table, "SELECT 2");

        List<Extent> extents = storage.extents(table);

        assertThat(rows(table, "x_extent, c1"))
                .containsExactlyInAnyOrder(extents.get(0).id() + "|1", extents.get(1).id() + "|2");
    }

    @Test
    void droppedExtentsTakeTheirRowsAlong() throws SQLException {
        Table table = create("T", column("a", Type.LONG));
        append(table, "SELECT 1");
        append(table, "SELECT 2");

        storage.writer("Lab").change(tx -> {
            tx.extents().drop(table, tx.extents().of(table).subList(0, 1));
            return 0;
        });

        assertThat(rows(table)).containsExactly("2");
    }

    @Test
    void aColumnAddedLaterIsEmptyInOlderRows() throws SQLException {
        Table table = create("T", column("a", Type.LONG));
        append(table, "SELECT 1");

        Table wider = storage.writer("Lab").reshape(table.id(), tx ->
                tx.addColumns(table, List.of(column("a", Type.LONG), column("s", Type.STRING), column("d", Type.DYNAMIC))));

        assertThat(wider.schema()).extracting(ColumnSchema::name).containsExactly("a", "s", "d");
        assertThat(rows(wider)).containsExactly("1||null");
    }

    @Test
    void aRetypedColumnStartsEmpty() throws SQLException {
        Table table = create("T", column("a", Type.LONG), column("b", Type.LONG));
        append(table, "SELECT 1, 2");

        Table after = storage.writer("Lab").reshape(table.id(), tx -> tx.alterColumnType(table, "a", Type.REAL));

        assertThat(after.column("a").orElseThrow().type()).isEqualTo(Type.REAL);
        assertThat(rows(after)).containsExactly("null|2");
    }

    @Test
    void columnsAreRenamedDroppedAndReorderedWithoutTouchingRows() throws SQLException {
        Table table = create("T", column("a", Type.LONG), column("b", Type.STRING), column("c", Type.REAL));
        append(table, "SELECT 1, 'x', 2.5");

        Table after = storage.writer("Lab").change(tx -> {
            Table renamed = tx.renameColumn(table, "a", "b.2");
            Table dropped = tx.dropColumns(renamed, List.of("b"));
            return tx.setColumns(dropped, List.of(column("c", Type.REAL), column("b.2", Type.LONG)));
        });

        assertThat(after.schema()).containsExactly(column("c", Type.REAL), column("b.2", Type.LONG));
        assertThat(rows(after)).containsExactly("2.5|1");
        reopen();
        assertThat(rows(table("T"))).containsExactly("2.5|1");
    }

    @Test
    void aReaderKeepsTheRowsThatAreReplacedMeanwhile() throws SQLException {
        Table table = create("T", column("a", Type.LONG));
        append(table, "SELECT 1");
        try (var connection = duck.connect();
                var reading = storage.read(connection)) {
            Table replaced = storage.writer("Lab").loadAlone(table.id(), tx -> {
                Table empty = tx.clearRows(table);
                tx.extents().open(empty, Set.of(), tx.now()).append("SELECT 7", empty.columns(), 1);
                return empty;
            });
            create("Other", column("a", Type.LONG));

            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("SELECT c1 FROM " + reading.relation(table.id()))) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getLong(1)).isEqualTo(1);
            }
            assertThat(rows(replaced)).containsExactly("7");
        }
        assertThat(rows(table("T"))).containsExactly("7");
        reopen();
        assertThat(rows(table("T"))).containsExactly("7");
    }

    @Test
    void aFailedChangeLeavesNothingAndDoesNotDisturbOthers() throws Exception {
        Table table = create("T", column("a", Type.LONG));
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 20; i++) {
            int n = i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    storage.writer("Lab").change(tx -> {
                        tx.extents().open(table, Set.of(), tx.now()).append("SELECT " + n, table.columns(), 1);
                        if (n % 5 == 0) {
                            throw new IllegalArgumentException("no");
                        }
                        return 0;
                    });
                } catch (IllegalArgumentException expected) {
                    assertThat(expected).hasMessage("no");
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(rows(table)).hasSize(16).doesNotContain("0", "5", "10", "15");
    }

    @Test
    void aSourceIsRememberedWithItsRows() throws SQLException {
        Table table = create("T", column("a", Type.LONG));
        storage.writer("Lab").load(table.id(), tx -> {
            ExtentWriter extent = tx.extents().open(table, Set.of(), tx.now());
            extent.append("SELECT 1", table.columns(), 1);
            tx.extents().recordSource(table, "message-1", Optional.of(extent.extent()));
            return 0;
        });
        reopen();

        Optional<UUID> known = storage.writer("Lab").change(tx -> tx.extents().ofSource(table("T"), "message-1"));
        Optional<UUID> unknown = storage.writer("Lab").change(tx -> tx.extents().ofSource(table("T"), "message-2"));

        assertThat(known).contains(storage.extents(table("T")).getFirst().id());
        assertThat(unknown).isEmpty();
    }

    @Test
    void namesFollowKustosRules() {
        create("a b.c-d_1", column("é", Type.LONG));
        create("T".repeat(1_024), column("a", Type.LONG));
        assertThatThrownBy(() -> create("T".repeat(1_025), column("a", Type.LONG))).hasMessageContaining("1024");
        assertThatThrownBy(() -> create("a'b", column("a", Type.LONG))).hasMessageContaining("''' at position 2");
        assertThatThrownBy(() -> create("__x", column("a", Type.LONG))).hasMessageContaining("reserved");
        assertThatThrownBy(() -> create("x", column("", Type.LONG))).isInstanceOf(KustoException.class);
        assertThatThrownBy(() -> create("x", column("a", Type.LONG), column("a", Type.INT))).hasMessageContaining("twice");
    }

    @Test
    void namesThatDifferInCaseAreDifferentTables() throws SQLException {
        append(create("T", column("a", Type.LONG)), "SELECT 1");
        append(create("t", column("a", Type.LONG)), "SELECT 2");

        assertThat(rows(table("T"))).containsExactly("1");
        assertThat(rows(table("t"))).containsExactly("2");
        assertThatThrownBy(() -> create("T", column("a", Type.LONG))).hasMessageContaining("already exists");
    }

    @Test
    void policiesMappingsFunctionsAndRolesAreThereAfterReopening() {
        Table table = create("T", column("a", Type.LONG));
        storage.writer("Lab").change(tx -> {
            tx.setPolicy(PolicyKind.STREAMING_INGESTION, Optional.of("{\"IsEnabled\":true}"));
            tx.setPolicy(table, PolicyKind.RETENTION, Optional.of("{}"));
            tx.putMapping(table, MappingKind.JSON, "m", "[]");
            tx.putFunction(new StoredFunction("f", "()", "{ 1 }", "", "", false));
            tx.putFunction(new StoredFunction("v", "()", "{ T }", "", "", true));
            tx.setGrants(List.of(new Grant(Role.VIEWER, "aaduser=a@b", "a", "")));
            return 0;
        });
        reopen();

        Database database = storage.snapshot().database("LAB").orElseThrow();
        assertThat(database.effectivePolicy(table("T"), PolicyKind.STREAMING_INGESTION)).contains("{\"IsEnabled\":true}");
        assertThat(table("T").policy(PolicyKind.RETENTION)).contains("{}");
        assertThat(table("T").mapping(MappingKind.JSON, "m")).isPresent();
        assertThat(database.function("f")).hasValueSatisfying(f -> assertThat(f.isView()).isFalse());
        assertThat(database.function("v")).hasValueSatisfying(v -> assertThat(v.isView()).isTrue());
        assertThat(database.grants()).hasSize(1);
    }

    @Test
    void aDroppedDatabaseIsGone() {
        storage.dropDatabase("lab");
        assertThat(storage.snapshot().database("Lab")).isEmpty();
        storage.createDatabase("Lab");
        reopen();
        assertThat(storage.snapshot().database("Lab").orElseThrow().tables()).isEmpty();
    }

    @Test
    void aDroppedDatabaseStaysGoneWhenAChangeWasUnderWay() throws Exception {
        var id = storage.snapshot().database("Lab").orElseThrow().id();
        var hasBegun = new CountDownLatch(1);
        var isDropped = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var change = threads.submit(() -> storage.writer("Lab").change(tx -> {
                hasBegun.countDown();
                awaited(isDropped);
                return tx.createTable("Late", List.of(column("a", Type.LONG)), "", "");
            }));
            hasBegun.await();
            var drop = threads.submit(() -> storage.dropDatabase("Lab"));
            while (storage.snapshot().database("Lab").isPresent()) {
                Thread.onSpinWait();
            }
            isDropped.countDown();
            change.get();
            drop.get();
        }
        assertThat(storage.snapshot().database("Lab")).isEmpty();
        try (var files = Files.list(folder.resolve("data/databases"))) {
            assertThat(files.map(f -> f.getFileName().toString())).noneMatch(file -> file.startsWith(id));
        }
    }

    @Test
    void aChangeWhoseCallerWasToldThatItFailedIsNotRepeated() throws Exception {
        var hasBegun = new CountDownLatch(1);
        var othersWait = new CountDownLatch(1);
        var runs = new AtomicInteger();
        var first = changing(tx -> {
            hasBegun.countDown();
            awaited(othersWait);
            return tx.createTable("First", List.of(column("a", Type.LONG)), "", "");
        });
        hasBegun.await();
        var refused = changing(tx -> {
            runs.incrementAndGet();
            throw new IllegalStateException("refused before it writes");
        });
        var made = changing(tx -> tx.createTable("Made", List.of(column("a", Type.LONG)), "", ""));
        var broken = changing(tx -> {
            tx.createTable("Broken", List.of(column("a", Type.LONG)), "", "");
            throw new IllegalStateException("fails after it wrote");
        });
        othersWait.countDown();
        for (var thread : List.of(first, refused, made, broken)) {
            thread.join();
        }

        assertThat(runs).hasValue(1);
        assertThat(storage.snapshot().database("Lab").orElseThrow().tables()).extracting(Table::name)
                .containsExactlyInAnyOrder("First", "Made");
    }

    /// A thread that waits for its change, which is queued.
    private Thread changing(Change<?> change) {
        var thread = Thread.ofPlatform().start(() -> {
            try {
                storage.writer("Lab").change(change);
            } catch (IllegalStateException _) {
                // What the test asked for.
            }
        });
        while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
            Thread.onSpinWait();
        }
        return thread;
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void otherToolsFindTheRealNames() throws Exception {
        Table table = create("My table", column("When", Type.DATETIME), column("when", Type.TIMESPAN), column("s", Type.STRING));
        append(table, "SELECT 621355968000000000 + 12345670, 36000000000, 'x'");
        create("my table", column("a", Type.LONG));
        close();

        List<Path> files;
        try (var all = Files.list(folder.resolve("data/databases"))) {
            files = all.filter(f -> f.toString().endsWith(".duckdb")).toList();
        }
        var found = new ArrayList<String>();
        for (Path file : files) {
            try (var connection = DriverManager.getConnection("jdbc:duckdb:" + file);
                    var statement = connection.createStatement()) {
                try (var views = statement.executeQuery("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1")) {
                    while (views.next()) {
                        found.add(views.getString(1));
                    }
                }
                if (found.size() == 2) {
                    try (var rows = statement.executeQuery("SELECT CAST(\"When\" AS VARCHAR), CAST(when_2 AS VARCHAR), s FROM \"My table\"")) {
                        rows.next();
                        found.add(rows.getString(1) + "|" + rows.getString(2) + "|" + rows.getString(3));
                    }
                }
            }
        }
        open();

        assertThat(found).containsExactly("My table", "my table_2", "1970-01-01 00:00:01.234567|01:00:00|x");
        assertThat(rows(table("My table"))).hasSize(1);
    }

    @Test
    void aDatabaseThatWasDroppedIsNotOpenedAgain() {
        storage.createDatabase("Gone");
        OpenDatabase dropped = storage.openDatabase("Gone");
        storage.dropDatabase("Gone");

        storage.reopen(dropped);

        assertThat(storage.snapshot().database("Gone")).isEmpty();
        assertThat(storage.snapshot().whyUnavailable("Gone")).isEmpty();
        assertThat(storage.openDatabases()).doesNotContain(dropped);
        assertThat(storage.createDatabase("Gone").name()).isEqualTo("Gone");
    }

    @Test
    void aDatabaseThatIsOpenedAgainHasWhatItHad() throws SQLException {
        create("T", column("a", Type.LONG));
        append(table("T"), "SELECT 1, 1");
        OpenDatabase before = storage.openDatabase("Lab");

        storage.reopen(before);

        assertThat(storage.openDatabase("Lab")).isNotSameAs(before);
        assertThat(rows(table("T"))).hasSize(1);
        storage.dropDatabase("Lab");
        assertThat(storage.snapshot().database("Lab")).isEmpty();
    }
}
