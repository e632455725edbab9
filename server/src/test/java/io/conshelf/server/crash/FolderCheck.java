package io.conshelf.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.server.storage.SigningKey;
import io.conshelf.server.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// That what a stopped server left in its data folder agrees with itself, and that it left nothing else.
final class FolderCheck {
    private FolderCheck() {}

    static void check(Path data) throws Exception {
        try (var files = Files.newDirectoryStream(data.resolve("databases"))) {
            for (Path file : files) {
                assertThat(file.getFileName().toString()).as("a file of a stopped server").matches("d[0-9a-f]{32}\\.duckdb");
                database(file);
            }
        }
        assertThat(filesBelow(data.resolve("spill"))).as("spilled files").isEmpty();
        assertThat(filesBelow(data.resolve("storage/blobs"))).as("staged files, as many as there are blobs")
                .hasSize(blobs(data));
    }

    /// Those that a kill left without a message, or after their message was gone; the server sweeps them in its time.
    private static int blobs(Path data) throws IOException {
        var key = SigningKey.loadOrCreate(data.resolve("storage.key"));
        try (Storage storage = Storage.open(Storage.Options.durable(data.resolve("storage"), key))) {
            assertThat(storage.queues().approximateCount("ready-0")).as("messages left in the queue").isZero();
            return storage.blobs().list("temp-0", "", "", "", 5_000).blobs().size();
        }
    }

    private static List<Path> filesBelow(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void database(Path file) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file)) {
            List<String> named = strings(connection, "SELECT json->>'rows' FROM (SELECT *, row_number() OVER (PARTITION BY kind, id "
                    + "ORDER BY version DESC) AS r FROM conshelf.entities) WHERE r = 1 AND kind = 'table' AND json IS NOT NULL");
            List<String> stored = strings(connection, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'data'");
            assertThat(stored).as("storage tables of %s", file).containsExactlyInAnyOrderElementsOf(named);
            assertThat(strings(connection, "SELECT DISTINCT storage FROM conshelf.extents")).as("storage with extents").isSubsetOf(stored);
            for (String table : stored) {
                assertThat(strings(connection, "SELECT x_extent || ': ' || count(*) FROM data." + table + " GROUP BY x_extent"))
                        .as("rows by extent of %s in %s", table, file)
                        .containsExactlyInAnyOrderElementsOf(strings(connection,
                                "SELECT number || ': ' || row_count FROM conshelf.extents WHERE storage = '" + table + "'"));
                assertThat(strings(connection, "SELECT DISTINCT x_extent FROM data." + table + " GROUP BY x_extent HAVING min(x_commit) <= 0"))
                        .as("extents of rows without a commit").isEmpty();
            }
            assertThat(strings(connection, "SELECT table_id || ' ' || id FROM conshelf.sources GROUP BY ALL HAVING count(*) > 1"))
                    .as("sources that were taken twice").isEmpty();
        }
    }

    private static List<String> strings(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
            var strings = new ArrayList<String>();
            while (rows.next()) {
                strings.add(rows.getString(1));
            }
            return strings;
        }
    }
}
