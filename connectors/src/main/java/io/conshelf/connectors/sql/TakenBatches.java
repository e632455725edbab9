package io.conshelf.connectors.sql;

import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Which batches a database has taken: a table of Conshelf's in the schema of the target's. A batch is noted in the transaction of its own rows,
/// so it is known as taken if and only if its rows are there, whenever the process ends.
///
/// Who may not make that table, or not write to it, copies without it; then nobody can tell what an attempt has written that was killed.
final class TakenBatches {
    static final String TABLE = "conshelf_batches";
    /// As long as runs are remembered.
    private static final int DAYS = 45;
    private static final Set<String> COLUMNS = Set.of("batch", "into_table", "row_count", "taken_at");
    private static final String NO_RIGHT = "42501";
    /// SQL Server: CREATE TABLE denied; no such right on an object; no right on a schema.
    private static final Set<Integer> NO_RIGHT_NUMBERS = Set.of(262, 229, 2760);
    private static final int DUPLICATE_KEY = 2627;

    private final SqlDialect dialect;
    private final String table;

    TakenBatches(SqlDialect dialect, String table) {
        this.dialect = dialect;
        this.table = table;
    }

    /// Where nothing is noted.
    static TakenBatches none(SqlDialect dialect) {
        return new TakenBatches(dialect, "");
    }

    boolean areNoted() {
        return !table.isEmpty();
    }

    /// Finds the table, or makes it, and forgets what is too old to be asked for. The connection commits by itself.
    ///
    /// @param beside the table that is written to
    static TakenBatches open(Connection connection, SqlTarget target, SqlTableName beside) throws SQLException, StoreException {
        Optional<String> schema = schema(connection, target.dialect(), beside);
        if (schema.isEmpty()) {
            return none(target.dialect());
        }
        TakenBatches batches = new TakenBatches(target.dialect(), target.dialect().quote(schema.get()) + "." + target.dialect().quote(TABLE));
        SqlTableName name = SqlTableName.of(schema.get(), TABLE);
        Optional<SqlTable> found = SqlTable.find(connection, target.dialect(), name);
        if (found.isEmpty()) {
            if (!batches.isMade(connection)) {
                return none(target.dialect());
            }
            found = SqlTable.find(connection, target.dialect(), name);
        }
        List<String> columns = found.stream().flatMap(table -> table.columns().stream()).map(TableColumn::name).toList();
        if (!columns.containsAll(COLUMNS)) {
            throw StoreException.user("SqlBatchTableInvalid", "The table " + batches.table + " in " + target + " is where copies note which batches it has "
                    + "taken, and has other columns: " + columns + "; rename it, and it is made anew");
        }
        if (!batches.mayBeWritten(connection)) {
            return none(target.dialect());
        }
        batches.forget(connection);
        return batches;
    }

    /// The schema that a name means; empty where it is not there.
    private static Optional<String> schema(Connection connection, SqlDialect dialect, SqlTableName beside) throws SQLException {
        String stated = beside.schema().orElse("");
        String sql = switch (dialect) {
            case POSTGRESQL -> stated.isEmpty() ? "SELECT current_schema()"
                    : "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname IN (?, ?) ORDER BY nspname = ? DESC LIMIT 1";
            case SQL_SERVER -> stated.isEmpty() ? "SELECT SCHEMA_NAME()" : "SELECT name FROM sys.schemas WHERE name IN (?, ?) ORDER BY CASE name WHEN ? THEN 0 ELSE 1 END";
        };
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            if (!stated.isEmpty()) {
                query.setString(1, stated);
                query.setString(2, beside.folded().schema().orElse(stated));
                query.setString(3, stated);
            }
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
            }
        }
    }

    private boolean isMade(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(createText());
            return true;
        } catch (SQLException failure) {
            if (lacksRight(failure)) {
                return false;
            }
            if (isThereAlready(failure)) {
                return true;
            }
            throw failure;
        }
    }

    String createText() {
        return switch (dialect) {
            case POSTGRESQL -> "CREATE TABLE " + table + " (batch varchar(64) PRIMARY KEY, into_table text NOT NULL, row_count bigint NOT NULL, "
                    + "taken_at timestamp with time zone NOT NULL DEFAULT now())";
            case SQL_SERVER -> "CREATE TABLE " + table + " (batch varchar(64) NOT NULL PRIMARY KEY, into_table nvarchar(600) NOT NULL, row_count bigint NOT NULL, "
                    + "taken_at datetime2(3) NOT NULL DEFAULT SYSUTCDATETIME())";
        };
    }

    private boolean lacksRight(SQLException failure) {
        return dialect == SqlDialect.POSTGRESQL ? NO_RIGHT.equals(failure.getSQLState()) : NO_RIGHT_NUMBERS.contains(failure.getErrorCode());
    }

    // Another copy made it in the meantime.
    private boolean isThereAlready(SQLException failure) {
        return dialect == SqlDialect.POSTGRESQL ? List.of("42P07", "23505").contains(failure.getSQLState()) : failure.getErrorCode() == 2714;
    }

    private boolean mayBeWritten(Connection connection) throws SQLException {
        for (String right : List.of("SELECT", "INSERT", "UPDATE", "DELETE")) {
            String sql = dialect == SqlDialect.POSTGRESQL ? "SELECT CASE WHEN has_table_privilege(?, ?) THEN 1 ELSE 0 END"
                    : "SELECT HAS_PERMS_BY_NAME(?, 'OBJECT', ?)";
            try (PreparedStatement query = connection.prepareStatement(sql)) {
                query.setString(1, table);
                query.setString(2, right);
                try (ResultSet rows = query.executeQuery()) {
                    if (!rows.next() || rows.getInt(1) != 1) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private void forget(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM " + table + " WHERE taken_at < " + (dialect == SqlDialect.POSTGRESQL ? "now() - interval '" + DAYS + " days'"
                    : "DATEADD(day, -" + DAYS + ", SYSUTCDATETIME())"));
        }
    }

    /// Notes a batch in the transaction that is open, which then has it alone: another that holds it ends first.
    ///
    /// @return how many rows it brought, where it was taken before
    OptionalLong claim(Connection connection, BatchId batch, String into) throws SQLException {
        if (!areNoted()) {
            return OptionalLong.empty();
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table + " (batch, into_table, row_count) VALUES (?, ?, 0)"
                + (dialect == SqlDialect.POSTGRESQL ? " ON CONFLICT DO NOTHING" : ""))) {
            insert.setString(1, key(batch, into));
            insert.setString(2, into);
            if (insert.executeUpdate() == 1) {
                return OptionalLong.empty();
            }
        } catch (SQLException failure) {
            if (dialect != SqlDialect.SQL_SERVER || failure.getErrorCode() != DUPLICATE_KEY) {
                throw failure;
            }
        }
        return rows(connection, key(batch, into));
    }

    private OptionalLong rows(Connection connection, String key) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT row_count FROM " + table + " WHERE batch = ?")) {
            query.setString(1, key);
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next()) {
                    throw new SQLException("the note of a batch in " + table + " was deleted while it was asked for");
                }
                return OptionalLong.of(rows.getLong(1));
            }
        }
    }

    /// What a claimed batch brought.
    void brought(Connection connection, BatchId batch, String into, long rows) throws SQLException {
        if (!areNoted()) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement("UPDATE " + table + " SET row_count = ? WHERE batch = ?")) {
            update.setLong(1, rows);
            update.setString(2, key(batch, into));
            update.executeUpdate();
        }
    }

    /// A run in place of another may have been told to write elsewhere.
    private static String key(BatchId batch, String into) {
        return BatchId.of(batch.text(), List.of(into)).text();
    }
}
