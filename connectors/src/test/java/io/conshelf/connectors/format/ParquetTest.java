package io.conshelf.connectors.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.LongNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private static void write(Path file, long value) throws Exception {
        try (ParquetWriter writer = new ParquetWriter(Files.newOutputStream(file), COLUMNS, "snappy")) {
            writer.write(List.of(LongNode.valueOf(value)));
        }
    }
}
