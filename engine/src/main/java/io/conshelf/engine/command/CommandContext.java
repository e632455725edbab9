package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Change;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.DatabaseWriter;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Snapshot;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableStatistics;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.command.CommandArgument;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.command.CommandMatcher;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a handler works with: the request, the storage, and the rest of the engine.
public record CommandContext(Request request, CommandMatch match, Storage storage, CommandServices services) {
    private static final Set<String> TABLE_ARGUMENTS = Set.of("TableName", "tableName", "SourceTableName", "DestinationTableName");

    Snapshot snapshot() {
        return storage.snapshot();
    }

    /// The database that the command names, else the request's.
    Database database() {
        return database(databaseName());
    }

    /// All databases that the command names, else the request's.
    List<Database> databases() {
        var named = namedDatabases(match);
        return named.isEmpty() ? List.of(database()) : named.stream().map(this::database).toList();
    }

    /// The database that a command names, by itself or with its table.
    static Optional<String> namedDatabase(CommandMatch match) {
        // A star in place of a name is kept as the word before it.
        return namedDatabases(match).stream().findFirst()
                .or(() -> entity(match).flatMap(Path::database))
                .or(() -> match.arguments().stream()
                        .filter(a -> kind(a).isPresent())
                        .flatMap(a -> Path.of(a.text()).database().stream())
                        .findFirst());
    }

    private static List<String> namedDatabases(CommandMatch match) {
        return match.arguments().stream()
                .filter(a -> a.name().equalsIgnoreCase("DatabaseName") && !a.kind().equals("word") && !a.kind().equals("string"))
                .map(CommandArgument::text)
                .toList();
    }

    Database database(String name) {
        return snapshot().existing(name);
    }

    private String databaseName() {
        return namedDatabase(match).orElse(request.database());
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
        return entity(match).orElseThrow().name();
    }

    /// The functions, materialized views, external tables and graph models that the command names, by themselves or with a
    /// snapshot, whether they exist or not.
    List<EntityId> entities() {
        return match.arguments().stream()
                .flatMap(a -> kind(a).map(kind -> new EntityId(kind, Path.of(a.text()).name())).or(() -> modelOfSnapshots(a)).stream())
                .distinct()
                .toList();
    }

    /// Where all models are meant, or none is named, one that cannot be.
    private static Optional<EntityId> modelOfSnapshots(CommandArgument argument) {
        var text = argument.text();
        return switch (argument.kind()) {
            case "graph_model_snapshot" -> Optional.of(new EntityId(
                    EntityId.Kind.GRAPH_MODEL, text.substring(0, Math.max(0, text.lastIndexOf(CommandMatcher.PATH_SEPARATOR)))));
            case "qualified_wildcarded_name" -> Optional.of(new EntityId(EntityId.Kind.GRAPH_MODEL, text));
            default -> Optional.empty();
        };
    }

    private static Optional<EntityId.Kind> kind(CommandArgument argument) {
        var names = argument.kind().equals("name") ? argument.name().toLowerCase(Locale.ROOT) : argument.kind();
        return switch (names) {
            case "function", "functionname" -> Optional.of(EntityId.Kind.FUNCTION);
            case "materializedview", "database_materializedview", "materializedviewname" ->
                Optional.of(EntityId.Kind.MATERIALIZED_VIEW);
            case "externaltable", "externaltablename" -> Optional.of(EntityId.Kind.EXTERNAL_TABLE);
            case "graph_model", "graphmodelname" -> Optional.of(EntityId.Kind.GRAPH_MODEL);
            default -> Optional.empty();
        };
    }

    /// The one that the command names.
    ///
    /// @throws KustoException when there is none of that name
    EntityId entityId() {
        var entity = entities().getFirst();
        if (!database().has(entity)) {
            throw new KustoException(StorageErrors.entityNotFound(entity.kind().kustoName(), entity.name()));
        }
        return entity;
    }

    /// All tables that the command names, whether they exist or not.
    List<String> tableNames() {
        return tableNames(match);
    }

    static List<String> tableNames(CommandMatch match) {
        return match.arguments().stream().flatMap(a -> entity(a).stream()).map(Path::name).distinct().toList();
    }

    private static Optional<Path> entity(CommandMatch match) {
        return match.arguments().stream().flatMap(a -> entity(a).stream()).findFirst();
    }

    /// What an argument names: a table, or a column together with its table.
    private static Optional<Path> entity(CommandArgument argument) {
        boolean isColumn = argument.kind().endsWith("table_column");
        if (!isColumn && !TABLE_ARGUMENTS.contains(argument.name())) {
            return Optional.empty();
        }
        var text = argument.text();
        return Optional.of(Path.of(isColumn ? text.substring(0, Math.max(0, text.lastIndexOf(CommandMatcher.PATH_SEPARATOR))) : text));
    }

    /// The column of an argument that names it together with its table.
    static String columnName(String path) {
        return path.substring(path.lastIndexOf(CommandMatcher.PATH_SEPARATOR) + 1);
    }

    /// A table just made, with whoever made it as its administrator.
    Table owned(Transaction transaction, Table made) {
        return transaction.setGrants(made, Authorization.ofCreator(request.principal()));
    }

    /// As [#owned(Transaction, Table)], for what is no table.
    void own(Transaction transaction, EntityId made) {
        transaction.setGrants(made, Authorization.ofCreator(request.principal()));
    }

    /// Makes a small change to the command's database.
    <R> R change(Change<R> change) {
        return writer().change(change);
    }

    /// Makes a change that may add columns to a table: it waits for loads into it.
    <R> R reshape(Table table, Change<R> change) {
        return writer().reshape(table.id(), change);
    }

    /// As [#reshape(Table, Change)], for several tables.
    <R> R reshape(List<Table> tables, Change<R> change) {
        return writer().reshape(tables.stream().map(Table::id).toList(), change);
    }

    DatabaseWriter writer() {
        return storage.writer(database().name());
    }

    /// Whether what was done in a database is shown to who asks: everybody sees their own, an administrator all, others what
    /// happened in databases where they hold one of the roles.
    ///
    /// @param doneBy fully qualified
    boolean maySee(String database, String doneBy, Role... anyOf) {
        var principal = request.principal();
        return principal.isAdministrator()
                || principal.fullyQualifiedName().equalsIgnoreCase(doneBy)
                || snapshot().database(database).filter(d -> Authorization.holds(principal, d, anyOf)).isPresent();
    }

    TableStatistics statistics(Table table) {
        return storage.statistics(table);
    }

    /// A `with (…)` property's text.
    Optional<String> property(String name) {
        return Optional.ofNullable(match.properties().get(name)).map(a -> a.text());
    }

    /// Whether a `with (…)` property is there and says true.
    ///
    /// @throws KustoException when it says neither true nor false
    boolean isTrue(String name) {
        var text = property(name).orElse("false");
        if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            throw new KustoException(CommandErrors.badArgument(match, name, "'" + text + "' is neither true nor false"));
        }
        return text.equalsIgnoreCase("true");
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
