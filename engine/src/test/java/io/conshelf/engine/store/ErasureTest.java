package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whoever reads a table while what was purged from it is taken out of the file is at a known place in it.
class ErasureTest {
    private static final String SECRET = "SECRETzqXvBnMpLkJh1";

    @TempDir
    private Path folder;

    private DuckInstance duck;
    private Storage storage;
    private Table table;
    private Optional<Reader> reader = Optional.empty();
    private int marks;
    private int pauses;
    private Duration patience = Duration.ofSeconds(5);

    @BeforeEach
    void open() throws IOException {
        start();
        storage.writer("Lab").change(tx -> tx.createTable("T", List.of(new ColumnSchema("a", Type.STRING)), "", ""));
        table = storage.snapshot().existing("Lab").table("T").orElseThrow();
        storage.writer("Lab").load(table.id(), tx -> tx.extents().open(table, Set.of(), tx.now()).append(
                "SELECT CASE WHEN i % 50 = 7 THEN '" + SECRET + "' ELSE 'public' END FROM range(50000) AS r(i)", table.columns(), 10));
        // With a checkpoint the rows go from the log to the blocks.
        stop();
        start();
        assertThat(isInFiles()).isTrue();
    }

    private void start() {
        var config = new EngineConfig(Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of("Lab"),
                Limits.ofThisMachine().withMemoryBytes(512L << 20), InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z")));
        duck = DuckInstance.open(config);
        storage = Storage.open(config, duck);
    }

    @AfterEach
    void stop() {
        endReader();
        storage.close();
        duck.close();
    }

    private void purge() {
        storage.writer("Lab").loadAlone(table.id(), tx -> {
            try (var reading = storage.readNumbered(tx, table)) {
                return tx.rows().purge(table, "SELECT " + Table.EXTENT_COLUMN + " FROM " + reading.relation(table.id()) + " AS q WHERE "
                        + table.columns().getFirst().id() + " = '" + SECRET + "'");
            }
        });
    }

    /// A query that has sent its first row and stands.
    private record Reader(Connection connection, Reading reading, Statement statement, ResultSet rows) {}

    private void beginReader() {
        try {
            var connection = duck.connect();
            var reading = storage.read(connection);
            var statement = connection.createStatement();
            var rows = statement.executeQuery("SELECT * FROM " + reading.relation(table.id()) + " AS q");
            assertThat(rows.next()).isTrue();
            reader = Optional.of(new Reader(connection, reading, statement, rows));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void endReader() {
        end(reader);
        reader = Optional.empty();
    }

    private static void end(Optional<Reader> reader) {
        reader.ifPresent(open -> {
            try (var _ = open.connection(); var _ = open.reading(); var _ = open.statement(); var _ = open.rows()) {
                // Nothing else is left of it.
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private boolean isInFiles() throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(SECRET)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean erase(Runnable marked, Runnable paused) {
        return storage.erase("Lab", patience, new Erasure.Steps() {
            @Override
            public void marked() {
                marks++;
                marked.run();
            }

            @Override
            public void pause() throws InterruptedException {
                pauses++;
                paused.run();
                if (reader.isEmpty()) {
                    // What the storage does by itself is waited for as ever.
                    Erasure.Steps.super.pause();
                }
            }
        });
    }

    /// One begins between the first mark and its checkpoint.
    private boolean eraseWithReaderOfOldBlocks(Runnable paused) {
        return erase(() -> {
            if (marks == 1) {
                beginReader();
            }
        }, paused);
    }

    @Test
    void whereNobodyReadsNothingIsLeft() throws IOException {
        purge();
        assertThat(erase(() -> {}, () -> {})).isTrue();
        assertThat(isInFiles()).isFalse();
    }

    @Test
    void aReaderFromBeforeThePurgeIsWaitedFor() throws IOException {
        beginReader();
        purge();
        assertThat(erase(() -> {}, this::endReader)).isTrue();
        assertThat(pauses).isPositive();
        assertThat(isInFiles()).isFalse();
    }

    /// It sees nothing of what was purged, and yet keeps the blocks in which that is from being free when the checkpoint comes.
    @Test
    void aReaderFromBetweenAMarkAndItsCheckpointIsWaitedFor() throws IOException {
        purge();
        assertThat(eraseWithReaderOfOldBlocks(this::endReader)).isTrue();
        assertThat(pauses).isPositive();
        assertThat(isInFiles()).isFalse();
    }

    /// Each begins before the one ahead of it ends.
    @Test
    void readersThatTakeTurnsWithoutAGapAreWaitedFor() throws IOException {
        beginReader();
        purge();
        assertThat(erase(() -> {}, () -> {
            var before = reader;
            beginReader();
            end(before);
        })).isTrue();
        assertThat(pauses).isPositive();
        endReader();
        assertThat(isInFiles()).isFalse();
    }

    @Test
    void forAReaderThatDoesNotEndTheNextRunWaits() throws IOException {
        beginReader();
        purge();
        assertThat(erase(() -> {}, () -> {})).isFalse();
        assertThat(isInFiles()).isTrue();
        endReader();
        assertThat(erase(() -> {}, () -> {})).isTrue();
        assertThat(isInFiles()).isFalse();
    }

    @Test
    void aReaderThatTakesItsTimeIsWaitedForByOneWithPatience() throws IOException {
        beginReader();
        purge();
        Runnable endsLate = () -> {
            if (pauses == 150) {
                endReader();
            }
        };
        assertThat(erase(() -> {}, endsLate)).isFalse();
        pauses = 0;
        patience = Duration.ofSeconds(20);
        assertThat(erase(() -> {}, endsLate)).isTrue();
        assertThat(isInFiles()).isFalse();
    }

    @Test
    void forAReaderOfTheOldBlocksThatDoesNotEndTheNextRunWaits() throws IOException {
        purge();
        assertThat(eraseWithReaderOfOldBlocks(() -> {})).isFalse();
        endReader();
        assertThat(erase(() -> {}, () -> {})).isTrue();
        assertThat(isInFiles()).isFalse();
    }
}
