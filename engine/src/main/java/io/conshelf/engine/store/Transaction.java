package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/// Everything that can be changed in a database, to be committed together: what [DatabaseWriter] hands to a [Change].
///
/// Each operation sees those before it. An error thrown out of the change undoes all of it.
public final class Transaction {
    private final Connection connection;
    private final CommitClock clock;
    private final DatabaseRoom room;
    private final long nowTicks;
    private final List<UnaryOperator<Database>> edits = new ArrayList<>();
    private final Set<String> changedTables = new LinkedHashSet<>();
    private final Set<String> changedFunctions = new LinkedHashSet<>();
    private final ExtentChanges extents;
    private final Set<String> discardedRows = new HashSet<>();
    private final Set<String> replacedTables = new HashSet<>();
    private final List<Runnable> afterCommit = new ArrayList<>();
    private final TransactionLog log;
    private Database database;
    private boolean hasWritten;
    private boolean hasFreed;

    Transaction(
            Connection connection, CommitClock clock, CommitHorizon horizon, RowFunction rowFunction, DatabaseRoom room,
            Database database, TransactionLog log) {
        this.connection = connection;
        this.clock = clock;
        this.room = room;
        this.database = database;
        this.log = log;
        long commit = clock.next();
        this.nowTicks = clock.nowTicks();
        this.extents = new ExtentChanges(
                this, connection, new ExtentChanges.Numbers(clock, horizon, commit, nowTicks), rowFunction, room, log);
    }

    /// The database with the changes so far.
    public Database database() {
        return database;
    }

    /// The moment of the change.
    public Instant now() {
        return Moments.instant(nowTicks);
    }

    /// The table, or the service's error.
    public Table table(String name) {
        return database.table(name).orElseThrow(() -> new KustoException(StorageErrors.tableNotFound(name)));
    }

    public Table createTable(String name, List<ColumnSchema> columns, String folder, String docString)
            throws SQLException {
        EntityNames.checked("table", name);
        if (isTaken(name)) {
            throw new KustoException(StorageErrors.entityExists("Table", name));
        }
        TableShape.check(columns);
        Table table = newTable(new NewTable(name, columns, folder, docString, false));
        edit(table, db -> {
            if (db.table(name).isPresent()) {
                throw new KustoException(StorageErrors.entityExists("Table", name));
            }
            return db.withTable(table);
        });
        return table;
    }

    /// Adds what is missing at the end, as `alter-merge` does. A column of the same name must have the same type.
    public Table addColumns(Table table, List<ColumnSchema> columns) throws SQLException {
        return reshape(table, TableShape.merged(table, columns));
    }

    /// Makes the columns exactly these, in this order, as `.alter table` does. Columns keep their rows by name.
    public Table setColumns(Table table, List<ColumnSchema> columns) throws SQLException {
        return reshape(table, TableShape.replaced(table, columns));
    }

    /// Gives a column another type. Its values are gone, as in Kusto.
    public Table alterColumnType(Table table, String column, Type type) throws SQLException {
        return reshape(table, TableShape.retyped(table, column, type));
    }

    public Table dropColumns(Table table, Collection<String> columns) throws SQLException {
        return reshape(table, TableShape.without(table, columns));
    }

    public Table renameColumn(Table table, String from, String to) throws SQLException {
        return reshape(table, TableShape.renamed(table, from, to));
    }

    public Table describeColumn(Table table, String column, String docString) throws SQLException {
        return reshape(table, TableShape.described(table, column, docString));
    }

    public void dropTable(Table table) {
        hasWritten = true;
        discardedRows.add(table.rows());
        edit(table, db -> db.withoutTable(current(db, table)).withoutRulesOfColumns(table));
    }

    /// Gives tables each other's or new names at once.
    ///
    /// @param names the new name of each table
    public void renameTables(Map<Table, String> names) {
        var taken = new HashSet<String>();
        names.values().forEach(name -> {
            EntityNames.checked("table", name);
            boolean isFreed = names.keySet().stream().anyMatch(t -> t.name().equals(name));
            if (!taken.add(name) || isTaken(name) && !isFreed) {
                throw new KustoException(StorageErrors.entityExists("Table", name));
            }
        });
        names.keySet().forEach(table -> changedTables.add(table.id().tableId()));
        edit(db -> {
            var tables = new TreeMap<>(db.tablesByName());
            names.keySet().forEach(table -> tables.remove(current(db, table).name()));
            names.forEach((table, name) -> {
                if (tables.put(name, current(db, table).withName(name)) != null) {
                    throw new KustoException(StorageErrors.entityExists("Table", name));
                }
            });
            return db.withTables(tables);
        });
    }

    /// Whether a table of any kind has the name.
    private boolean isTaken(String name) {
        return database.table(name).isPresent() || database.view(name).isPresent() || database.externals().table(name).isPresent();
    }

    public Table setFolder(Table table, String folder) {
        return edit(table, db -> db.withTable(current(db, table).withFolder(folder)));
    }

    public Table setDocString(Table table, String docString) {
        return edit(table, db -> db.withTable(current(db, table).withDocString(docString)));
    }

    public Table setHidden(Table table, boolean isHidden) {
        return edit(table, db -> db.withTable(current(db, table).withHidden(isHidden)));
    }

    /// Takes all rows away at once; queries that read them go on.
    ///
    /// @return the table with its empty storage, to be filled in the same transaction
    public Table clearRows(Table table) throws SQLException {
        hasWritten = true;
        String rows = "t" + Long.toString(clock.next(), Character.MAX_RADIX);
        DatabaseFile.createRows(connection, table.id(), rows, table.columns());
        discardedRows.add(table.rows());
        replacedTables.add(table.id().tableId());
        return edit(table, db -> db.withTable(current(db, table).withRows(rows)));
    }

    public void setPolicy(PolicyKind kind, Optional<String> policy) {
        edit(db -> db.withPolicies(with(db.policies(), kind, policy)));
    }

    public Table setPolicy(Table table, PolicyKind kind, Optional<String> policy) {
        return edit(table, db -> {
            Table now = current(db, table);
            return db.withTable(now.withPolicies(with(now.policies(), kind, policy)));
        });
    }

    /// Creates a mapping of the database, or replaces the one of its kind and name.
    public Mapping putMapping(MappingKind kind, String name, String json) {
        Mapping mapping = new Mapping(EntityNames.checked("mapping", name), kind, json, now());
        edit(db -> db.withMappings(with(db.mappings(), mapping)));
        return mapping;
    }

    /// Creates a mapping of a table, or replaces the one of its kind and name.
    public Mapping putMapping(Table table, MappingKind kind, String name, String json) {
        Mapping mapping = new Mapping(EntityNames.checked("mapping", name), kind, json, now());
        edit(table, db -> {
            Table now = current(db, table);
            return db.withTable(now.withMappings(with(now.mappings(), mapping)));
        });
        return mapping;
    }

    public void dropMapping(Mapping mapping) {
        edit(db -> db.withMappings(without(db.mappings(), mapping)));
    }

    public void dropMapping(Table table, Mapping mapping) {
        edit(table, db -> {
            Table now = current(db, table);
            return db.withTable(now.withMappings(without(now.mappings(), mapping)));
        });
    }

    /// Creates a function or replaces the one of its name.
    public void putFunction(StoredFunction function) {
        EntityNames.checked("function", function.name());
        changedFunctions.add(function.name());
        edit(db -> {
            var functions = new TreeMap<>(db.functionsByName());
            functions.put(function.name(), function);
            return db.withFunctions(functions);
        });
    }

    public void dropFunction(String name) {
        if (database.function(name).isEmpty()) {
            throw new KustoException(StorageErrors.entityNotFound("Function", name));
        }
        changedFunctions.add(name);
        edit(db -> {
            var functions = new TreeMap<>(db.functionsByName());
            functions.remove(name);
            return db.withFunctions(functions);
        });
        dropRules(new EntityId(EntityId.Kind.FUNCTION, name));
    }

    /// Creates an entity group, replaces the one of its name, or takes it away.
    public void setEntityGroup(String name, Optional<List<String>> entities) {
        EntityNames.checked("entity group", name);
        edit(db -> {
            var groups = new TreeMap<>(db.entityGroups());
            entities.ifPresentOrElse(e -> groups.put(name, List.copyOf(e)), () -> groups.remove(name));
            return db.withEntityGroups(groups);
        });
    }

    /// Materialized views.
    public ViewChanges views() {
        return new ViewChanges(this, connection);
    }

    /// Gives an entity a policy, or takes it away.
    public void setPolicy(EntityId entity, PolicyKind kind, Optional<String> policy) {
        edit(db -> db.withRules(entity, db.rules(entity).withPolicy(kind, policy)));
    }

    /// Replaces who holds which role on an entity.
    public void setGrants(EntityId entity, List<Grant> grants) {
        edit(db -> db.withRules(entity, db.rules(entity).withGrants(grants)));
    }

    /// Lets what is set on an entity go on under its new name. Whoever renames an entity calls this.
    public void moveRules(EntityId from, EntityId to) {
        edit(db -> db.withRules(to, db.rules(from)).withRules(from, EntityRules.NONE));
    }

    /// Forgets what is set on an entity. Whoever drops an entity calls this: the next one of its name starts anew.
    public void dropRules(EntityId entity) {
        edit(db -> db.withRules(entity, EntityRules.NONE));
    }

    /// Changes what is kept for a while.
    public void setUpkeep(UnaryOperator<Upkeep> change) {
        edit(db -> db.withUpkeep(change.apply(db.upkeep())));
    }

    /// Storage for the rows of a query's result, which becomes part of the database with [#setUpkeep].
    public Table resultRows(String name, List<ColumnSchema> columns) throws SQLException {
        TableShape.check(columns);
        return newTable(new NewTable(name, columns, "", "", true));
    }

    /// Storage for the nodes or the edges of a graph, which becomes part of the database with [#setGraphs]. Columns may have any
    /// names, as no command names them.
    public Table graphRows(String name, List<ColumnSchema> columns) throws SQLException {
        return newTable(new NewTable(name, columns, "", "", true));
    }

    /// Changes graph models.
    public void setGraphs(UnaryOperator<GraphModels> change) {
        edit(db -> db.withGraphs(change.apply(db.graphs())));
    }

    /// Changes graph models by what else is in the database then.
    public void setGraphs(BiFunction<Database, GraphModels, GraphModels> change) {
        edit(db -> db.withGraphs(change.apply(db, db.graphs())));
    }

    /// Gives up the rows of a graph that is dropped; queries that read them go on.
    public void discard(GraphSnapshot snapshot) {
        hasWritten = true;
        snapshot.tables().forEach(table -> discardedRows.add(table.rows()));
    }

    /// Makes the storage of a table, which becomes part of the database with an edit.
    Table newTable(NewTable table) throws SQLException {
        hasWritten = true;
        return table.create(connection, clock, database.id(), now());
    }

    /// What is written now is to be committed.
    void writes() {
        hasWritten = true;
    }

    /// Rows are taken away now.
    void frees() {
        hasWritten = true;
        hasFreed = true;
    }

    /// Whether rows leave room in the file once this is committed.
    boolean hasFreed() {
        return hasFreed || !discardedRows.isEmpty();
    }

    long nextNumber() {
        return clock.next();
    }

    /// Gives up the rows of a result that is dropped; queries that read them go on.
    public void discard(StoredResult result) {
        hasWritten = true;
        discardedRows.add(result.table().rows());
    }

    /// Changes external tables and continuous exports.
    public void setExternals(UnaryOperator<Externals> change) {
        edit(db -> db.withExternals(change.apply(db.externals())));
    }

    /// Replaces who holds which role on the database.
    public void setGrants(List<Grant> grants) {
        edit(db -> db.withGrants(grants));
    }

    /// Replaces who holds which role on a table.
    public Table setGrants(Table table, List<Grant> grants) {
        return edit(table, db -> db.withTable(current(db, table).withGrants(grants)));
    }

    public void setPrettyName(String prettyName) {
        edit(db -> db.withPrettyName(prettyName));
    }

    /// Extents, and the sources that they came from.
    public ExtentChanges extents() {
        return extents;
    }

    /// Whether the table's rows were taken away in this transaction.
    public boolean hasReplaced(Table table) {
        return replacedTables.contains(table.id().tableId());
    }

    /// Rows that go one by one.
    public RowChanges rows() {
        return new RowChanges(this, connection, room);
    }

    /// To be called when what it wrote can be seen, or never will be.
    void end(boolean isCommitted) {
        extents.end(isCommitted);
    }

    /// For what the engine adds to the transaction. Reading is free; what is written must lie in this database.
    public Connection connection() {
        hasWritten = true;
        return connection;
    }

    void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    List<Runnable> afterCommit() {
        return afterCommit;
    }

    /// Storage tables whose rows nobody can reach once this is committed.
    Set<String> discardedRows() {
        return discardedRows;
    }

    boolean hasWritten() {
        return hasWritten || !edits.isEmpty();
    }

    boolean hasEdits() {
        return !edits.isEmpty();
    }

    /// The new extents are those of another kind of work than the transaction's origin usually does.
    void makes(DataOperation.Kind kind) {
        log.makes(kind);
    }

    /// Extents opened from now on follow from those before.
    void derives() {
        log.derivesFrom(extents.opened().size());
    }

    /// What was changed is durable.
    void committed() {
        if (hasWritten()) {
            log.committed(database);
        }
    }

    /// Writes down what was changed, on top of what others committed meanwhile.
    Database finish(Database before) throws SQLException {
        Database after = change(before);
        if (hasWritten()) {
            log.write(connection, before, after, changedTables, changedFunctions, extents.opened());
        }
        return after;
    }

    private Database change(Database before) throws SQLException {
        for (Table table : extents.recorded()) {
            requireThere(before, table);
        }
        if (edits.isEmpty()) {
            return before;
        }
        Database after = before;
        for (UnaryOperator<Database> edit : edits) {
            after = edit.apply(after);
        }
        after = after.withVersion(before.version() + 1);
        String alias = after.id();
        // Given only now, in the order of commits.
        long version = clock.next();
        DatabaseFile.put(connection, alias, "database", alias, Optional.of(SchemaDocument.of(after)), version);
        for (String id : changedTables) {
            Optional<String> table = after.table(new TableId(alias, id, "")).map(SchemaDocument::of);
            DatabaseFile.put(connection, alias, "table", id, table, version);
        }
        for (String name : changedFunctions) {
            Optional<String> function = after.function(name).map(SchemaDocument::of);
            DatabaseFile.put(connection, alias, "function", name, function, version);
        }
        return after;
    }

    private void requireThere(Database before, Table target) {
        boolean isThere = (edits.isEmpty() ? before : database)
                .table(target.id())
                .filter(t -> t.rows().equals(target.rows()))
                .isPresent();
        if (!isThere) {
            throw new KustoException(StorageErrors.changedMeanwhile(target.name()));
        }
    }

    private Table reshape(Table table, TableShape shape) throws SQLException {
        addColumns(table, shape);
        return edit(table, db -> db.withTable(current(db, table).withColumns(shape.columns(), shape.nextColumn())));
    }

    void addColumns(Table table, TableShape shape) throws SQLException {
        for (TableColumn added : shape.added()) {
            hasWritten = true;
            try (var statement = connection.createStatement()) {
                statement.execute("ALTER TABLE " + database.id() + ".data." + table.rows() + " ADD COLUMN "
                        + StorageTypes.definition(added));
            }
        }
    }

    void edit(UnaryOperator<Database> edit) {
        database = edit.apply(database);
        edits.add(edit);
    }

    // The table as it is after the edit; a dropped one as it was.
    private Table edit(Table table, UnaryOperator<Database> edit) {
        changedTables.add(table.id().tableId());
        edit(edit);
        return database.table(table.id()).orElse(table);
    }

    private static Table current(Database db, Table table) {
        return db.table(table.id())
                .orElseThrow(() -> new KustoException(StorageErrors.tableNotFound(table.name())));
    }

    private static Map<PolicyKind, String> with(
            Map<PolicyKind, String> policies, PolicyKind kind, Optional<String> policy) {
        var changed = new EnumMap<PolicyKind, String>(PolicyKind.class);
        changed.putAll(policies);
        policy.ifPresentOrElse(text -> changed.put(kind, text), () -> changed.remove(kind));
        return changed;
    }

    private static List<Mapping> with(List<Mapping> mappings, Mapping mapping) {
        var changed = new ArrayList<>(without(mappings, mapping));
        changed.add(mapping);
        return changed;
    }

    private static List<Mapping> without(List<Mapping> mappings, Mapping mapping) {
        return mappings.stream()
                .filter(m -> m.kind() != mapping.kind() || !m.name().equals(mapping.name()))
                .toList();
    }
}
