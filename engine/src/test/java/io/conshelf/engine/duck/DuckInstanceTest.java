package io.conshelf.engine.duck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuckInstanceTest {
    @TempDir
    Path folder;

    @Test
    void queriesReachNoFileOutsideTheEnginesFolders() throws Exception {
        Path secret = Files.writeString(Files.createTempFile("outside", ".csv"), "a\n1\n");
        try (var duck = DuckInstance.open(EngineConfig.inMemory(folder))) {
            assertThatThrownBy(() -> run(duck, "SELECT * FROM read_csv(" + Sql.text(secret.toString()) + ")"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("disabled by configuration");
        } finally {
            Files.delete(secret);
        }
    }

    @Test
    void stagedFilesAreReadable() throws Exception {
        Path staged = Files.writeString(folder.resolve("staged.csv"), "a\n1\n");
        try (var duck = DuckInstance.open(EngineConfig.inMemory(folder))) {
            assertThat(number(duck, "SELECT sum(a) FROM read_csv(" + Sql.text(staged.toString()) + ")")).isEqualTo(1);
        }
    }

    @Test
    void configurationIsLocked() {
        try (var duck = DuckInstance.open(EngineConfig.inMemory(folder))) {
            assertThatThrownBy(() -> run(duck, "SET threads = 1")).hasMessageContaining("locked");
            assertThatThrownBy(() -> run(duck, "SET enable_external_access = true")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void onlyTheConnectionThatAsksForItPlansAsWritten() throws Exception {
        String asked = "SELECT CAST(current_setting('enable_optimizer') AS BIGINT)";
        try (var duck = DuckInstance.open(EngineConfig.inMemory(folder)); var asWritten = duck.connect()) {
            DuckInstance.planAsWritten(asWritten);
            try (var statement = asWritten.createStatement(); var rows = statement.executeQuery(asked)) {
                rows.next();
                assertThat(rows.getLong(1)).isZero();
            }
            assertThat(number(duck, asked)).isEqualTo(1);
        }
    }

    @Test
    void attachedDatabasesKeepTheirRows() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        var config = new EngineConfig(Optional.of(data), folder, List.of(), List.of(),
                Limits.ofThisMachine(), InstantSource.system());
        try (var duck = DuckInstance.open(config)) {
            duck.attach(data.resolve("one.duckdb"), "d1");
            run(duck, "CREATE TABLE d1.t1 AS SELECT 42 AS c1");
        }
        try (var duck = DuckInstance.open(config)) {
            duck.attach(data.resolve("one.duckdb"), "d1");
            assertThat(number(duck, "SELECT c1 FROM d1.t1")).isEqualTo(42);
        }
    }

    @Test
    void noCopyOfTheNativeLibraryStaysInTheTemporaryFolder() throws IOException {
        DuckInstance.open(EngineConfig.inMemory(folder)).close();
        try (var files = Files.lines(Path.of("/proc/self/maps"))) {
            assertThat(files.filter(line -> line.contains("libduckdb_java")))
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith("(deleted)"));
        }
    }

    @Test
    void whatIsHeldIsToldAgainOnceThereIsMemoryForTheQuestion() throws Exception {
        var limits = Limits.ofThisMachine().withMemoryBytes(32L << 20).withSpillBytesMax(0).withDuckThreads(1);
        try (var duck = DuckInstance.open(EngineConfig.inMemory(folder).withLimits(limits));
                var memory = duck.memory()) {
            assertThat(memory.held().pinnedBytes()).isLessThan(32L << 20);
            try (DuckDBConnection _ = fullOf(duck)) {
                assertThat(memory.held().pinnedBytes()).isEqualTo(Long.MAX_VALUE);
            }
            assertThat(memory.held().pinnedBytes()).isLessThan(32L << 20);
        }
    }

    @Test
    void aTextIsRunAfterOneThatThereWasNoMemoryFor() throws Exception {
        var limits = Limits.ofThisMachine().withMemoryBytes(32L << 20).withSpillBytesMax(0).withDuckThreads(1);
        try (var duck = DuckInstance.open(EngineConfig.inMemory(folder).withLimits(limits));
                DuckDBConnection connection = duck.connect()) {
            var query = new QueryConnection(connection);
            assertThatThrownBy(() -> {
                        try (var result = query.ofText("SELECT list(range) FROM range(100000000)").query()) {
                            assertThat(result.nextChunk()).isFalse();
                        }
                    })
                    .hasStackTraceContaining("Out of Memory Error");
            try (var result = query.ofText("SELECT 1").query()) {
                assertThat(result.nextChunk()).isTrue();
            }
        }
    }

    /// Rows that stay in memory while the connection is open, and leave room for next to nothing.
    private static DuckDBConnection fullOf(DuckInstance duck) throws SQLException {
        DuckDBConnection connection = duck.connect();
        int tables = 0;
        for (int rows : List.of(200_000, 5_000, 1)) {
            try (var statement = connection.createStatement()) {
                while (true) {
                    statement.execute("CREATE TEMP TABLE t" + tables + " AS SELECT range AS a, repeat('x', 20) AS b FROM range(" + rows + ")");
                    tables++;
                }
            } catch (SQLException e) {
                assertThat(e.getMessage()).contains("Out of Memory Error");
            }
        }
        return connection;
    }

    private static void run(DuckInstance duck, String sql) throws SQLException {
        try (DuckDBConnection connection = duck.connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(DuckInstance duck, String sql) throws SQLException {
        try (DuckDBConnection connection = duck.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getLong(1);
        }
    }
}
