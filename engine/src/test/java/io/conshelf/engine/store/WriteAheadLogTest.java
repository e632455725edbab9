package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteAheadLogTest {
    @TempDir
    private Path folder;

    private Path log;

    /// As a kill leaves it.
    @BeforeEach
    void write() throws Exception {
        log = folder.resolve("copy.wal");
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement()) {
            statement.execute("ATTACH '" + folder.resolve("x.duckdb") + "' AS x");
            statement.execute("CREATE TABLE x.t (a BIGINT)");
            for (int i = 0; i < 5; i++) {
                statement.execute("INSERT INTO x.t SELECT range % 100 FROM range(5000)");
            }
            Files.copy(folder.resolve("x.duckdb.wal"), log);
        }
    }

    @Test
    void aWholeLogHasNoDamage() throws IOException {
        assertThat(WriteAheadLog.damage(log)).isEmpty();
        assertThat(WriteAheadLog.damage(folder.resolve("absent"))).isEmpty();
        assertThat(WriteAheadLog.damage(Files.createFile(folder.resolve("empty")))).isEmpty();
    }

    @Test
    void aTornEndIsNoDamage() throws IOException {
        byte[] whole = Files.readAllBytes(log);
        Files.write(log, Arrays.copyOf(whole, whole.length - 9));
        assertThat(WriteAheadLog.damage(log)).isEmpty();
    }

    @Test
    void aDamagedEntryBeforeWholeOnesIsFound() throws IOException {
        byte[] bytes = Files.readAllBytes(log);
        bytes[bytes.length / 2] ^= 1;
        Files.write(log, bytes);
        assertThat(WriteAheadLog.damage(log)).isPresent();
        assertThat(WriteAheadLog.damage(log).getAsInt()).isLessThan(bytes.length / 2);
    }

    /// Each of these numbers could be the length of an entry.
    @Test
    void aLongTornEndOfSmallNumbersIsLookedThrough() throws IOException {
        var end = ByteBuffer.allocate(16 << 20).order(ByteOrder.LITTLE_ENDIAN);
        end.putLong(1L << 40).putLong(0);
        while (end.hasRemaining()) {
            end.putLong(1 + end.position() % (1 << 20));
        }
        Files.write(log, end.array(), StandardOpenOption.APPEND);
        assertThat(WriteAheadLog.damage(log)).isEmpty();
    }

    /// Each is as long as half of it, has the first field of an entry and the mark at the end.
    @Test
    void aTornEndOfWhatLooksLikeEntriesIsLookedThrough() throws IOException {
        var end = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        end.putLong(1L << 40).putLong(0);
        while (end.remaining() >= 32) {
            end.putLong((1 << 19) + 5).putLong(0).putShort((short) 100).put((byte) 1).putShort((short) 0xFFFF);
            end.put(new byte[11]);
        }
        Files.write(log, end.array(), StandardOpenOption.APPEND);
        assertThat(WriteAheadLog.damage(log)).isEmpty();
    }
}
