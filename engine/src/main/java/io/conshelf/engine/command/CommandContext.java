package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.store.Change;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.DatabaseWriter;
import io.conshelf.engine.store.Snapshot;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.command.CommandMatcher;
import java.util.Optional;

/// What a handler works with: the request, the storage, and the rest of the engine.
public record CommandContext(Request request, CommandMatch match, Storage storage, CommandServices services) {

    Snapshot snapshot() {
        return storage.snapshot();
    }

    /// The database that the command names, else the request's.
    Database database() {
        return database(databaseName());
    }

    Database database(String name) {
        return snapshot().database(name).orElseThrow(() -> new KustoException(StorageErrors.databaseNotFound(name)));
    }

    private String databaseName() {
        return match.find("DatabaseName").map(a -> a.text())
                .or(() -> path("TableName").flatMap(Path::database))
                .orElse(request.database());
    }

    /// The table that the command's `TableName` names.
    Table table() {
        return table(tableName());
    }

    Table table(String name) {
        return findTable(name).orElseThrow(() -> new KustoException(StorageErrors.tableNotFound(name)));
    }

    Optional<Table> findTable(String name) {
        return database().table(name);
    }

    String tableName() {
        return path("TableName").orElseThrow().name();
    }

    private Optional<Path> path(String argument) {
        return match.find(argument).map(a -> Path.of(a.text()));
    }

    /// Makes a small change to the command's database.
    <R> R change(Change<R> change) {
        return writer().change(change);
    }

    /// Makes a change that may add columns to a table: it waits for loads into it.
    <R> R reshape(Table table, Change<R> change) {
        return writer().reshape(table.id(), change);
    }

    DatabaseWriter writer() {
        return storage.writer(database().name());
    }

    TableStatistics statistics(Table table) {
        return TableStatistics.of(storage.extents(table));
    }

    /// A `with (…)` property's text.
    Optional<String> property(String name) {
        return Optional.ofNullable(match.properties().get(name)).map(a -> a.text());
    }

    /// `Db.T` or `T`.
    private record Path(Optional<String> database, String name) {
        static Path of(String text) {
            int separator = text.indexOf(CommandMatcher.PATH_SEPARATOR);
            return separator < 0
                    ? new Path(Optional.empty(), text)
                    : new Path(Optional.of(text.substring(0, separator)), text.substring(separator + 1));
        }
    }
}
