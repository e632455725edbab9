package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.Type;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// The rows of all tables at one moment, seen through one connection, with the snapshot of the same moment. While it is
/// open the connection has a transaction; closing ends it. One that was opened without takes it when [#holdMoment] asks for it.
///
/// ```
/// try (Reading reading = storage.read(connection)) {
///     connection.prepare("SELECT c1, c2 FROM " + reading.relation(table) + " AS q WHERE …")
/// }
/// ```
public interface Reading extends AutoCloseable {
    Snapshot snapshot();

    /// Where the connection comes from; it is asked for when something is to be read, and is the same each time.
    interface Source {
        Connection connection() throws SQLException;
    }

    /// Holds all statements from now on to one moment: to be asked for before the first of several.
    default void holdMoment() throws SQLException {}

    /// Whether all statements are held to one moment. After one that fails there is none left that could run.
    default boolean holdsMoment() {
        return false;
    }

    /// A table of the snapshot as an item for `FROM`, without alias. Its columns are the table's column ids
    /// ([TableColumn#id]) in the storage types below and the hidden columns [Table#EXTENT_COLUMN],
    /// [Table#INGESTED_COLUMN] and [Table#COMMIT_COLUMN]. Streamed rows that are not sealed yet are part of it.
    ///
    /// | Kusto | DuckDB |
    /// |---|---|
    /// | `bool` | `BOOLEAN` |
    /// | `int` | `INTEGER` |
    /// | `long`, `datetime`, `timespan` | `BIGINT` |
    /// | `real` | `DOUBLE` |
    /// | `decimal` | `DECIMAL(38,17)` |
    /// | `string` | `VARCHAR`, never null |
    /// | `dynamic` | `VARCHAR`, JSON text |
    /// | `guid` | `UUID` |
    String relation(TableId table);

    /// The same without [Table#EXTENT_COLUMN], which DuckDB plans for even where nothing reads it.
    String rows(TableId table);

    /// The cursor of a database: all its rows with this [Table#COMMIT_COLUMN] or a lower one are part of this reading, and
    /// none will come later. Rows that are ahead of it may be part of it too.
    long cursor(String databaseId);

    /// Rows from elsewhere as an item for `FROM`, without alias, with these columns in the storage types above.
    String relation(List<TableColumn> columns, ForeignRows rows);

    /// What stops the request that reads: rows from elsewhere are let go then.
    WriteStop stop();

    /// What is to be done when nothing is read any more.
    void afterwards(Runnable cleanup);

    /// Is told that DuckDB reads files where they lie.
    void readsFiles();

    /// Whether nothing was asked for so far but what is in databases' files: plans of rows in memory and of files hold on to those.
    boolean isPlain();

    /// Why rows from elsewhere could not be read, if they could not: what DuckDB tells of it is only a text.
    Optional<KustoException> foreignFailure();

    /// How far a view's part goes in this reading.
    ViewState viewState(Table part);

    /// Whether a query has a row.
    boolean hasRows(String sql);

    /// The first rows of a query, every cell as text, nulls as empty ones. Ends when the request does that this thread works for.
    List<List<String>> texts(String sql, List<Type> types, int rowsMax) throws SQLException;

    /// Whether a row of the table has a number where its extent's id would be.
    default boolean numbers(Table table) {
        return false;
    }

    /// How many rows [#rows] of a table has, where that is known without reading them.
    default OptionalLong count(TableId table) {
        return OptionalLong.empty();
    }

    /// Whether it is known that [#rows] of a table have no NaN in a `DOUBLE` column. Asked for large tables.
    default boolean isWithoutNan(TableId table, String column) {
        return false;
    }

    /// From here on what other readings saw of a table may be taken for true of this one. Whoever asks for it asks [#isAsRemembered] later.
    default void relyOnMemory() {}

    /// Whether all is still so that was [remembered][#relyOnMemory] rather than looked up. To be asked when the statement has begun that rests on it,
    /// or after [#holdMoment]; where it is not so, that statement reads rows of which something else holds.
    default boolean isAsRemembered() {
        return true;
    }

    /// What the tables hold that were asked for so far, as of the last commit.
    default Scanned scanned() {
        return Scanned.NOTHING;
    }

    /// The ids of the databases whose tables were asked for so far: a damaged file is one of theirs.
    default Set<String> databasesRead() {
        return Set.of();
    }

    @Override
    void close();
}
