package io.conshelf.engine.store;

import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.plan.Plan.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a database's file holds besides rows, and how it is read and written. All SQL over the schema `conshelf` that is not
/// about extents stands here.
///
/// | schema | holds |
/// |---|---|
/// | `conshelf` | what the database knows: entities, extents, ingested sources, sealed log positions |
/// | `data` | the rows, one table an id |
final class DatabaseFile {
    private DatabaseFile() {}

    /// Lays out a new file, within the caller's transaction: as the first format, and then as [FileFormat#DATABASE] goes on.
    static void create(Connection connection, Database database) throws SQLException {
        String alias = database.id();
        try (var statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + alias + ".conshelf");
            statement.execute("CREATE SCHEMA " + alias + ".data");
            statement.execute("CREATE TABLE " + alias + ".conshelf.format (version INTEGER)");
            statement.execute("INSERT INTO " + alias + ".conshelf.format VALUES (1)");
            statement.execute("CREATE TABLE " + alias + ".conshelf.entities "
                    + "(kind VARCHAR, id VARCHAR, json VARCHAR, version BIGINT)");
            statement.execute("CREATE TABLE " + alias + ".conshelf.extents (storage VARCHAR, number BIGINT, "
                    + "created_on BIGINT, row_count BIGINT, original_bytes BIGINT, tags VARCHAR[])");
            statement.execute("CREATE TABLE " + alias
                    + ".conshelf.sources (table_id VARCHAR, id VARCHAR, committed_on BIGINT, extent BIGINT)");
            statement.execute("CREATE TABLE " + alias + ".conshelf.sealed (first_unsealed_segment BIGINT)");
            statement.execute("INSERT INTO " + alias + ".conshelf.sealed VALUES (0)");
        }
        FileFormat.DATABASE.bringUp(connection, alias, 1);
        put(connection, alias, "database", alias, Optional.of(SchemaDocument.of(database)), 0);
    }

    /// Which database the file is of.
    static Optional<String> id(Connection connection, String alias) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT id FROM " + alias + ".conshelf.entities WHERE kind = 'database' LIMIT 1")) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }

    /// The latest document of each entity.
    ///
    /// @param hasObsolete whether there are earlier ones as well
    record Loaded(Database database, boolean hasObsolete) {}

    private record Document(long version, String json) {}

    private record EntityKey(String kind, String id) {}

    static Loaded load(Connection connection, String alias) throws SQLException {
        var latest = new HashMap<EntityKey, Document>();
        int count = 0;
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT kind, id, json, version FROM " + alias + ".conshelf.entities")) {
            for (; rows.next(); count++) {
                latest.merge(
                        new EntityKey(rows.getString(1), rows.getString(2)),
                        new Document(rows.getLong(4), Optional.ofNullable(rows.getString(3)).orElse("")),
                        (x, y) -> x.version() > y.version() ? x : y);
            }
        }
        return new Loaded(database(alias, latest), count > latest.size());
    }

    private static Database database(String alias, Map<EntityKey, Document> documents) {
        Optional<Database> database = Optional.empty();
        SortedMap<String, Table> tables = new TreeMap<>();
        SortedMap<String, StoredFunction> functions = new TreeMap<>();
        for (var entity : documents.entrySet()) {
            String id = entity.getKey().id();
            String json = entity.getValue().json();
            if (json.isEmpty()) {
                continue; // it is gone
            }
            switch (entity.getKey().kind()) {
                case "database" -> database = Optional.of(SchemaDocument.database(alias, json));
                case "table" -> {
                    Table table = SchemaDocument.table(alias, id, json);
                    tables.put(table.name(), table);
                }
                case "function" -> functions.put(id, SchemaDocument.function(id, json));
                default -> throw new IllegalStateException(
                        "Database file '" + alias + "' holds an entity of unknown kind '" + entity.getKey().kind() + "'");
            }
        }
        return database
                .orElseThrow(() -> new IllegalStateException("Database file '" + alias + "' does not say which database it is"))
                .withTables(tables).withFunctions(functions);
    }

    /// Writes an entity down, or that it is gone. Documents are only ever added, the latest version counts: a change never
    /// meets another one's, though a load commits long after it began.
    static void put(Connection connection, String alias, String kind, String id, Optional<String> json, long version)
            throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO " + alias + ".conshelf.entities VALUES (?, ?, ?, ?)")) {
            insert.setString(1, kind);
            insert.setString(2, id);
            insert.setString(3, json.orElse(null));
            insert.setLong(4, version);
            insert.executeUpdate();
        }
    }

    /// A change that changes nothing.
    static void touch(Connection connection, String alias) throws SQLException {
        Jdbc.execute(connection, "UPDATE " + alias + ".conshelf.sealed SET first_unsealed_segment = first_unsealed_segment");
    }

    /// Forgets documents that later ones have replaced.
    static void compact(Connection connection, String alias) throws SQLException {
        Jdbc.execute(connection, "DELETE FROM " + alias + ".conshelf.entities AS old WHERE EXISTS (SELECT 1 FROM " + alias
                + ".conshelf.entities AS new WHERE new.kind = old.kind AND new.id = old.id AND new.version > old.version)");
    }

    /// The first segment of the row log whose rows are not in the tables.
    static long firstUnsealedSegment(Connection connection, String alias) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT first_unsealed_segment FROM " + alias + ".conshelf.sealed")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    static void setFirstUnsealedSegment(Connection connection, String alias, long segment) throws SQLException {
        Jdbc.execute(connection, "UPDATE " + alias + ".conshelf.sealed SET first_unsealed_segment = " + segment);
    }

    /// The greatest number any commit or extent was given.
    static long lastCommit(Connection connection, String alias) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT greatest((SELECT coalesce(max(number), 0) FROM " + alias
                        + ".conshelf.extents), (SELECT coalesce(max(committed_on), 0) FROM " + alias
                        + ".conshelf.sources), (SELECT max(version) FROM " + alias + ".conshelf.entities), (SELECT coalesce(max(cursor), 0) FROM "
                        + alias + ".conshelf.views))")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /// Remembers the greatest number of an extent, before extents go: a number that a cursor may hold is not given again.
    static void keepLastCommit(Connection connection, String alias) throws SQLException {
        Jdbc.execute(connection, "INSERT INTO " + alias + ".conshelf.entities SELECT 'clock', 'last', NULL, max(number) FROM "
                + alias + ".conshelf.extents HAVING max(number) > (SELECT coalesce(max(version), 0) FROM " + alias
                + ".conshelf.entities)");
    }

    /// The storage tables of all attached databases, by alias: asked for at once, because DuckDB looks at all of them each time.
    static Map<String, List<String>> storedTables(Connection connection) throws SQLException {
        var tables = new HashMap<String, List<String>>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT database_name, table_name FROM duckdb_tables() WHERE schema_name = 'data'")) {
            while (rows.next()) {
                tables.computeIfAbsent(rows.getString(1), _ -> new ArrayList<>()).add(rows.getString(2));
            }
        }
        return tables;
    }

    /// Drops rows and extents that the schema no longer names: what was dropped or replaced while queries still read it.
    static void dropUnreferenced(Connection connection, Database database, List<String> storedTables) throws SQLException {
        Set<String> referenced = referencedRows(database);
        try (var statement = connection.createStatement()) {
            var gone = new ArrayList<String>();
            try (var rows = statement.executeQuery("SELECT DISTINCT storage FROM " + database.id() + ".conshelf.extents")) {
                while (rows.next()) {
                    if (!referenced.contains(rows.getString(1))) {
                        gone.add(Sql.text(rows.getString(1)));
                    }
                }
            }
            if (!gone.isEmpty()) {
                statement.execute("DELETE FROM " + database.id() + ".conshelf.extents WHERE storage IN (" + String.join(", ", gone) + ")");
            }
            for (String stored : storedTables) {
                if (!referenced.contains(stored)) {
                    statement.execute("DROP TABLE " + database.id() + ".data." + stored);
                }
            }
        }
    }

    /// The storage tables that the schema names.
    static Set<String> referencedRows(Database database) {
        Set<String> referenced = new HashSet<>();
        database.tables().forEach(t -> referenced.add(t.rows()));
        database.upkeep().resultsByName().values().forEach(r -> referenced.add(r.table().rows()));
        database.viewsByName().values().forEach(view -> view.part().ifPresent(part -> referenced.add(part.rows())));
        database.graphs().tables().forEach(table -> referenced.add(table.rows()));
        return referenced;
    }

    /// Forgets the ids of sources that nobody will send again.
    static void forgetSources(Connection connection, String alias, long beforeTicks) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT coalesce(min(committed_on), " + beforeTicks + ") FROM " + alias + ".conshelf.sources")) {
            rows.next();
            if (rows.getLong(1) >= beforeTicks) {
                return;
            }
        }
        Jdbc.execute(connection, "DELETE FROM " + alias + ".conshelf.sources WHERE committed_on < " + beforeTicks);
    }

    static void createRows(Connection connection, TableId id, String rows, List<TableColumn> columns)
            throws SQLException {
        var sql = new StringBuilder("CREATE TABLE " + id.databaseId() + ".data." + rows + " (");
        for (TableColumn column : columns) {
            sql.append(StorageTypes.definition(column)).append(", ");
        }
        sql.append(Table.EXTENT_COLUMN + " BIGINT, " + Table.INGESTED_COLUMN + " BIGINT, " + Table.COMMIT_COLUMN
                + " BIGINT)");
        try (var statement = connection.createStatement()) {
            statement.execute(sql.toString());
        }
    }
}
