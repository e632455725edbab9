package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What a query can name: one immutable snapshot of the databases of a cluster, given by the engine.
///
/// Database names are compared without regard to case, all other names with it.
public interface Catalog {
    /// The database that unqualified names are looked up in.
    String currentDatabase();

    /// Whether `cluster('…')` with this text means the cluster the query runs on.
    boolean isThisCluster(String nameOrUri);

    /// The database's own spelling of its name, or nothing where there is no such database.
    Optional<String> database(String name);

    /// The names of all databases; empty where a query is kept and asked again by others, who see other ones than who wrote it.
    default Optional<List<String>> databases() {
        return Optional.of(List.of(currentDatabase()));
    }

    /// A table, materialized view, external table or stored result by its name. `database` is as [#database] gave it.
    Optional<Table> table(String database, TableKind kind, String name);

    /// An external table whose files are to be read by one of its mappings, which whoever reads them looks up.
    default Optional<Table> externalTable(String database, String name, String mapping) {
        return table(database, TableKind.EXTERNAL, name);
    }

    /// What `materialized_view('name')` reads: the materialized part of a view.
    ///
    /// @param ageMaxTicks if the part is older than this, it is the whole view
    default Optional<Table> materializedPart(String database, String name, OptionalLong ageMaxTicks) {
        return table(database, TableKind.MATERIALIZED_VIEW, name);
    }

    /// A graph that the database keeps, or the model that one is made by.
    default Optional<StoredGraph> graph(String database, String name, StoredGraph.Wanted wanted) {
        return Optional.empty();
    }

    /// Everything [#table] can find of a kind, by name: what wildcards, `search` and `find` go through.
    List<Table> tables(String database, TableKind kind);

    Optional<StoredFunction> function(String database, String name);

    /// The names of the functions that are views, in their order: what wildcards, `search` and `find` go through beside the tables.
    default List<String> views(String database) {
        return List.of();
    }

    /// The members of a stored entity group, each as written: `database('d')`, `cluster('c').database('d')`.
    default Optional<List<String>> entityGroup(String database, String name) {
        return Optional.empty();
    }

    /// The rows of a plan as text, where there is data to look at while binding: some plugins make columns of it. Gives
    /// at most `rowsMax` rows; nothing where data cannot be looked at.
    default Optional<List<List<String>>> look(Plan plan, int rowsMax) {
        return Optional.empty();
    }

    /// Whether a plugin that there is may be used.
    default boolean isPluginEnabled(String name) {
        return true;
    }

    /// Rows from beyond the cluster, whose id is of the database [Outside#DATABASE]; nothing where a query is only looked at and
    /// nobody is asked.
    default Optional<Table> outside(Outside wanted) {
        return Optional.empty();
    }

    enum TableKind {
        TABLE, MATERIALIZED_VIEW, EXTERNAL,
        /// What `stored_query_result('…')` reads; never part of a list of tables.
        STORED_RESULT
    }

    /// @param columns     of a view that has a definition they come from that, and are empty here
    /// @param definitions what is read in place of stored rows, from outside in: within one, the table's own name means the next,
    ///                    and within the last the stored rows
    record Table(TableId id, TableKind kind, List<ColumnSchema> columns, List<Definition> definitions) {
        public Table {
            columns = List.copyOf(columns);
            definitions = List.copyOf(definitions);
        }

        public Table(TableId id, TableKind kind, List<ColumnSchema> columns, Optional<Definition> definition) {
            this(id, kind, columns, definition.stream().toList());
        }

        public Table(TableId id, TableKind kind, List<ColumnSchema> columns) {
            this(id, kind, columns, List.of());
        }

        public String name() {
            return id.name();
        }
    }

    /// The query that gives the rows of a view, or those that row-level security lets through.
    record Definition(Purpose purpose, String database, String query) {
        public enum Purpose {
            VIEW,
            ROW_LEVEL_SECURITY,
            /// Of a policy that is switched off: it is read only where a query asks for that.
            ROW_LEVEL_SECURITY_OFF
        }
    }

    /// A function kept in a database, as written: `(a:long, b:string = 'x')` and `{ … }`.
    ///
    /// @param isView whether names with stars mean its rows too
    record StoredFunction(String name, String parameters, String body, boolean isView) {
        public StoredFunction(String name, String parameters, String body) {
            this(name, parameters, body, false);
        }
    }
}
