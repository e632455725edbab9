package io.conshelf.engine.duck;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.EngineConfig;
import java.nio.file.Path;
import java.sql.SQLException;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBPreparedStatement;
import org.duckdb.DuckDBReadableVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Texts of vectors are what the driver says they are, and are read without it.
class VectorTextsTest {
    /// Texts of 0 to 40 characters, of one to four bytes each, behind a null.
    private static final String TEXTS = """
            SELECT CASE WHEN i >= 0 THEN repeat(['a', 'é', '€', '😀'][i % 4 + 1], i // 4) END AS c FROM range(-1, 164) AS r(i)""";

    @TempDir
    private Path folder;

    @Test
    void textsAreThoseOfTheDriver() throws SQLException {
        assertTexts(TEXTS);
        assertTexts(TEXTS + " ORDER BY c DESC");
        assertTexts("SELECT 'the same in all rows, and long' FROM range(100)");
    }

    private void assertTexts(String sql) throws SQLException {
        try (var duck = DuckInstance.open(EngineConfig.inMemory(folder));
                DuckDBConnection connection = duck.connect();
                var statement = connection.prepareStatement(sql).unwrap(DuckDBPreparedStatement.class);
                var result = statement.query()) {
            int compared = 0;
            while (result.nextChunk()) {
                DuckDBReadableVector vector = result.chunk().vector(0);
                var texts = new VectorTexts(vector);
                for (int row = 0; row < result.chunk().rowCount(); row++) {
                    if (!vector.isNull(row)) {
                        assertThat(texts.text(row)).isEqualTo(vector.getString(row));
                        compared++;
                    }
                }
                assertThat(texts.readsCells()).as("the driver keeps texts as this release expects").isTrue();
            }
            assertThat(compared).isGreaterThanOrEqualTo(100);
        }
    }
}
