package io.conshelf.connectors.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.LongNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetTest {
    private static final List<Column> COLUMNS = List.of(new Column("i", ValueType.LONG));

    @TempDir
    Path folder;

    @Test
    void aFileIsReadAsItselfWhateverItsPath() throws Exception {
        Path partition = Files.createDirectories(folder.resolve("year=2024"));
        write(partition.resolve("a[1].parquet"), 1);
        write(partition.resolve("a1.parquet"), 2);
        try (ParquetReader rows = new ParquetReader("a[1].parquet", partition.resolve("a[1].parquet"))) {
            assertThat(rows.columns()).isEqualTo(COLUMNS);
            assertThat(rows.next().orElseThrow().getFirst()).isEqualTo(LongNode.valueOf(1));
            assertThat(rows.next()).isEmpty();
        }
    }

    @Test
    void aFileWhosePathLooksLikeAPatternNeedsNoOtherThatItMatches() throws Exception {
        for (String name : List.of("report[1].parquet", "what?.parquet", "all*.parquet")) {
            Path alone = Files.createDirectories(folder.resolve("of " + name)).resolve(name);
            write(alone, 1);
            try (ParquetReader rows = new ParquetReader(name, alone)) {
                assertThat(rows.next().orElseThrow().getFirst()).isEqualTo(LongNode.valueOf(1));
                assertThat(rows.next()).isEmpty();
            }
        }
    }

    @Test
    void moreRowsThanAnybodyWaitsForAreRefusedByName() throws Exception {
        Path file = folder.resolve("alike.parquet");
        try (var duck = DriverManager.getConnection("jdbc:duckdb:"); var statement = duck.createStatement()) {
            statement.execute("SET threads = 2");
            statement.execute("COPY (SELECT true AS a, true AS b, true AS c, true AS d, true AS e, true AS f FROM range(17000000)) TO '" + file
                    + "' (FORMAT parquet, ROW_GROUP_SIZE 17000000, COMPRESSION zstd)");
        }
        assertThatThrownBy(() -> new ParquetReader("alike.parquet", file))
                .isInstanceOfSatisfying(StoreException.class, refused -> assertThat(refused.code()).isEqualTo("UserErrorParquetTooLarge"))
                .hasMessageContaining("'alike.parquet' states 102000000 values in " + Files.size(file) + " bytes");
    }

    private static void write(Path file, long value) throws Exception {
        try (ParquetWriter writer = new ParquetWriter(Files.newOutputStream(file), COLUMNS, "snappy")) {
            writer.write(List.of(LongNode.valueOf(value)));
        }
    }
}
