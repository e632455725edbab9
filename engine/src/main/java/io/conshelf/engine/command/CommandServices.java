package io.conshelf.engine.command;

import io.conshelf.engine.Answer;
import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.RunningQuery;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.MappingKind;
import io.conshelf.engine.store.Snapshot;
import io.conshelf.engine.store.StoredFunction;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.type.ColumnSchema;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/// What handlers need of the engine beside its storage.
public interface CommandServices {
    BatchIngestion.Result ingest(Request request, BatchIngestion ingestion);

    /// Where a handler may put a file for [#ingest].
    Path stagingFolder();

    /// Whether a file lies in a folder that commands may read.
    boolean mayRead(Path file);

    /// Queries and commands that run, then those that have ended, newest first.
    List<RunningQuery> requests();

    int cancel(Principal principal, String clientRequestId);

    /// Runs the query after a bar over a command's result.
    Answer pipe(Request request, String query, CommandResult input);

    /// Binds a query that is part of a command and hands its columns and SQL to `use`, which runs within the query's limits.
    <R> R query(Request request, String csl, Function<BoundQuery, R> use);

    /// The same for the result of a `.show` command in place of a query.
    <R> R commandAsQuery(Request request, String command, Function<BoundQuery, R> use);

    /// Runs a command that is part of another.
    CommandResult run(Request request, CommandMatch command);

    /// The mapping's JSON as it is stored, or the error that says what is wrong with it.
    String checkedMapping(MappingKind kind, String json);

    /// Binds a function's body against the database, so that a function that cannot work is not stored.
    void checkFunction(Request request, Database database, StoredFunction function);

    /// @param columns of its first result
    /// @param sql     one SELECT in the storage types of [io.conshelf.engine.store.Reading], columns in this order; valid on
    ///                a connection that reads the snapshot
    record BoundQuery(List<ColumnSchema> columns, String sql, Snapshot snapshot) {}
}
