package io.conshelf.connectors.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.conshelf.connectors.file.FileSelection;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.connectors.file.StoredFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetFooterTest {
    @TempDir
    Path folder;

    private Path written(String query) throws Exception {
        Path file = folder.resolve("a.parquet");
        try (Connection duck = Duck.open("test"); Statement statement = duck.createStatement()) {
            statement.execute("COPY (" + query + ") TO " + Duck.literal(file.toString()) + " (FORMAT parquet)");
        }
        return file;
    }

    private StoredFile stored() throws Exception {
        return new LocalFiles(folder).find(FileSelection.of("", "a.parquet")).getFirst();
    }

    @Test
    void columnsAreThoseOfTheFileAndNotWhatStandsInThem() throws Exception {
        written("SELECT 1 AS id, {'a': 1, 'b': [{'c': 2}]} AS nested, [1, 2] AS list, map {'k': 1} AS entries, 'x' AS \"odd name ü\", 1.5::DECIMAL(9, 2) AS d");
        assertThat(ParquetFooter.columns(new LocalFiles(folder), stored())).contains(List.of("id", "nested", "list", "entries", "odd name ü", "d"));
    }

    @Test
    void whatIsNoParquetHasNone() throws Exception {
        for (String text : List.of("", "PAR1", "PAR1 something that is not PAR1", "no mark at all here")) {
            Files.writeString(folder.resolve("a.parquet"), text);
            assertThat(ParquetFooter.columns(new LocalFiles(folder), stored())).as(text).isEmpty();
        }
    }

    @Test
    void brokenDescriptionsEndTheReading() throws Exception {
        byte[] whole = Files.readAllBytes(written("SELECT 1 AS id, {'a': [1]} AS nested FROM range(10)"));
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            byte[] changed = whole.clone();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            int from = random.nextInt(changed.length);
            assertThatCode(() -> ParquetFooter.columns(ByteBuffer.wrap(changed, from, changed.length - from))).as("seed %d", seed).doesNotThrowAnyException();
        }
    }
}
