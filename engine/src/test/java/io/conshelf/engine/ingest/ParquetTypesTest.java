package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.BatchIngestion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/// Every physical and logical type of Parquet into every type of a column: `parquet/matrix.txt` has what becomes of each, and
/// `parquet/make.py` made the files.
class ParquetTypesTest {
    private static final List<String> TYPES =
            List.of("bool", "int", "long", "real", "decimal", "datetime", "timespan", "string", "guid", "dynamic");

    @AutoClose
    private final TestCluster cluster = TestCluster.inMemory();

    @Test
    void everyTypeBecomesWhatTheMatrixSays() throws Exception {
        var lines = new ArrayList<String>();
        lines.add("parquet | " + String.join(" | ", TYPES));
        for (String file : List.of("types", "int96")) {
            Path staged = staged(file);
            for (String field : fields(staged)) {
                lines.add(field + " | " + String.join(" | ", converted(staged, field)));
            }
        }
        Path named = cluster.staging.resolve("enum.parquet");
        duck("COPY (SELECT CAST('red' AS ENUM ('red', 'blue')) AS enum_of_duckdb UNION ALL SELECT NULL) TO '" + named + "' (FORMAT parquet)");
        lines.add("enum_of_duckdb | " + String.join(" | ", converted(named, "enum_of_duckdb")));

        assertThat(lines).containsExactlyElementsOf(resource("matrix.txt").lines().toList());
    }

    /// The value's row as texts; the null of each type is null, but for `string`, which has none.
    private List<String> converted(Path file, String field) {
        String table = "T_" + field;
        var columns = TYPES.stream().map(type -> "c_" + type + ":" + type).toList();
        cluster.create(table, String.join(", ", columns));
        var mapping = TYPES.stream()
                .map(type -> "{\"Column\":\"c_" + type + "\",\"Properties\":{\"Path\":\"$." + field + "\"}}")
                .toList();
        var outcome = cluster.load(TestCluster.batch(
                        table, "parquet", new BatchIngestion.Mapping.Inline(mapping.toString()),
                        new BatchIngestion.Source(field, file, false, 0)))
                .outcomes().getFirst();
        assertThat(outcome.error()).as(field).isEmpty();
        var rows = cluster.rows(table);
        assertThat(rows).as(field).hasSize(2).contains("null|null|null|null|null|null|null||null|null");
        var values = rows.get(0).startsWith("null|null|null|null|null|null|null||null") ? rows.get(1) : rows.get(0);
        return List.of(values.split("\\|", -1));
    }

    private Path staged(String name) throws IOException {
        Path file = cluster.staging.resolve(name + ".parquet");
        try (var in = ParquetTypesTest.class.getResourceAsStream("/parquet/" + name + ".parquet")) {
            Files.copy(in, file);
        }
        return file;
    }

    private static String resource(String name) throws IOException {
        try (var in = ParquetTypesTest.class.getResourceAsStream("/parquet/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> fields(Path file) throws Exception {
        var fields = new ArrayList<String>();
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var rows = connection.createStatement().executeQuery("DESCRIBE SELECT * FROM '" + file + "'")) {
            while (rows.next()) {
                fields.add(rows.getString(1));
            }
        }
        return fields;
    }

    private static void duck(String sql) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:duckdb:"); var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
