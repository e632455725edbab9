package io.conshelf.engine.store;

import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.Sql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.UUID;

/// Copies what is stored into files of their own while it is used: one moment of each file, without those who write waiting for
/// more than that moment.
final class DatabaseBackup {
    private final DuckInstance duck;
    private final Path folder;

    /// @param folder where the files go; DuckDB must be allowed there
    DatabaseBackup(DuckInstance duck, Path folder) {
        this.duck = duck;
        this.folder = folder;
    }

    /// Copies all databases and the system store into a folder, laid out as a data folder is.
    static void write(DuckInstance duck, Storage storage, Path target) throws SQLException, IOException {
        var backup = new DatabaseBackup(duck, Files.createDirectory(target.resolve(Storage.DATABASES)));
        var copied = new ArrayList<String>();
        for (OpenDatabase database : storage.openDatabases()) {
            if (backup.copied(database, storage)) {
                copied.add(Sql.text(database.id()));
            }
        }
        // The list of them last, of those that were there all the time: one that is made meanwhile comes with the next backup.
        new DatabaseBackup(duck, target).copySystemStore(Storage.SYSTEM_FILE, (connection, alias) -> Jdbc.execute(connection,
                "DELETE FROM " + alias + ".main.documents WHERE collection = '" + Storage.DATABASES + "' AND key NOT IN ("
                        + String.join(", ", copied) + ")"));
    }

    /// @return false when it was dropped meanwhile
    private boolean copied(OpenDatabase database, Storage storage) throws SQLException, IOException {
        try {
            copy(database);
            return true;
        } catch (SQLException e) {
            if (storage.openDatabases().contains(database)) {
                throw e;
            }
            Path file = folder.resolve(database.id() + ".duckdb");
            for (Path log : DuckInstance.writeAheadLogs(file)) {
                Files.deleteIfExists(log);
            }
            Files.deleteIfExists(file);
            return false;
        }
    }

    /// Copies a database: its file, and the streamed rows that are not in it yet.
    private void copy(OpenDatabase database) throws SQLException, IOException {
        var unsealed = new ArrayList<RowRecord>();
        copy(database.id() + ".duckdb", (connection, alias) -> {
            StreamIntake.Unsealed now = database.unsealedAt(connection);
            unsealed.addAll(now.records());
            copyAll(connection, database.id(), alias);
            DatabaseFile.setFirstUnsealedSegment(connection, alias, 0);
            for (var sources : now.sources().entrySet()) {
                Extents.recordSources(
                        connection, alias, sources.getKey(), sources.getValue(), database.clock().next(), 0);
            }
        });
        if (!unsealed.isEmpty()) {
            RowLogSegment.write(folder.resolve(database.id() + ".rows.1"), unsealed);
        }
    }

    /// Copies the system store.
    ///
    /// @param change what is different in the copy
    private void copySystemStore(String file, FileFormat.Change change) throws SQLException {
        copy(file, (connection, alias) -> {
            copyAll(connection, SystemStore.ALIAS, alias);
            change.apply(connection, alias);
        });
    }

    private void copy(String file, FileFormat.Change copy) throws SQLException {
        String target = "b" + UUID.randomUUID().toString().replace("-", "");
        duck.attach(folder.resolve(file), target);
        try (Connection connection = duck.connect()) {
            Jdbc.execute(connection, "BEGIN TRANSACTION");
            boolean isCommitted = false;
            try {
                copy.apply(connection, target);
                Jdbc.execute(connection, "COMMIT");
                isCommitted = true;
            } finally {
                if (!isCommitted) {
                    Jdbc.rollback(connection);
                }
            }
        } finally {
            duck.detach(target);
        }
    }

    private static void copyAll(Connection connection, String from, String to) throws SQLException {
        Jdbc.execute(connection, "COPY FROM DATABASE " + from + " TO " + to);
    }
}
