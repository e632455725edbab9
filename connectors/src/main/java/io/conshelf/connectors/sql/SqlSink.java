package io.conshelf.connectors.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.NamedRows;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowTarget;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A table that rows are written to. Each batch is one transaction: all of its rows are there, or none.
public final class SqlSink implements RowTarget {
    private static final int CHUNK_ROWS = 10_000;
    private static final long CHUNK_BYTES = 8L << 20;
    private static final long CELL_BYTES = 16;
    /// What a script stands for where batches are noted.
    private static final String SCRIPT = "preCopyScript";

    private final SqlDatabase database;
    private final Settings settings;
    private Target target;
    private TakenBatches taken;

    /// @param preCopyScript runs once, before any row is written, and is committed by itself
    /// @param createsTable  whether a table that is not there is made
    /// @param batchRows     what is sent at a time; the sink's own measure where nothing is said
    /// @param batchTimeout  how long the server may take for what is sent at a time
    public record Settings(SqlTableName table, Optional<String> preCopyScript, boolean createsTable, SqlWrite write, Optional<Integer> batchRows,
            Duration batchTimeout, boolean locksTable) {}

    /// The table, the columns that are written in the order of the rows, and the key of an upsert.
    record Target(SqlTable table, List<Column> source, List<TableColumn> columns, List<String> keys) {}

    public SqlSink(SqlDatabase database, Settings settings) {
        this.database = database;
        this.settings = settings;
        this.taken = TakenBatches.none(database.dialect());
    }

    @Override
    public void begin(BatchId copy, List<Column> columns) throws StoreException {
        try (SqlDatabase.Session session = database.session()) {
            session.spend();
            session.connection().setNetworkTimeout(Runnable::run, millis());
            taken = TakenBatches.open(session.connection(), database.target(), settings.table());
            if (settings.preCopyScript().isPresent()) {
                prepare(session.connection(), copy, settings.preCopyScript().get());
            }
            if (settings.write() instanceof SqlWrite.Procedure procedure) {
                check(procedure);
                target = new Target(new SqlTable(database.dialect(), "", procedure.name(), List.of()), columns, List.of(), List.of());
                return;
            }
            if (columns.isEmpty()) {
                return;
            }
            Optional<SqlTable> found = SqlTable.find(session.connection(), database.dialect(), settings.table());
            if (found.isEmpty() && settings.createsTable()) {
                SqlTable.create(session.connection(), database.dialect(), settings.table(), columns);
            }
            SqlTable table = found.isPresent() ? found.get() : SqlTable.require(session.connection(), database.target(), settings.table());
            target = new Target(table, columns, targets(table, columns), keys(session, table, columns));
        } catch (SQLException failure) {
            throw SqlFailure.running(database.target(), "Opening table '" + settings.table() + "'", failure);
        }
    }

    /// Runs the script unless an earlier attempt has: what it deletes would be rows that this copy wrote and does not write again.
    private void prepare(Connection connection, BatchId copy, String script) throws StoreException, SQLException {
        BatchId batch = BatchId.of(copy.text(), List.of("preCopyScript", script));
        connection.setAutoCommit(false);
        if (taken.claim(connection, batch, SCRIPT).isPresent()) {
            connection.rollback();
            connection.setAutoCommit(true);
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(script);
            connection.commit();
            connection.setAutoCommit(true);
        } catch (SQLException failure) {
            connection.rollback();
            connection.setAutoCommit(true);
            if (!SqlFailure.refusesTransactions(failure)) {
                throw SqlFailure.running(database.target(), "The preCopyScript", failure);
            }
            outsideOfTransactions(connection, script);
        }
        // The script may have made the schema, or ended the transaction, or dropped what stood there.
        taken = TakenBatches.open(connection, database.target(), settings.table());
        taken.claim(connection, batch, SCRIPT);
    }

    private void outsideOfTransactions(Connection connection, String script) throws StoreException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(script);
        } catch (SQLException failure) {
            throw SqlFailure.running(database.target(), "The preCopyScript", failure);
        }
    }

    private void check(SqlWrite.Procedure procedure) throws StoreException {
        if (database.dialect() != SqlDialect.SQL_SERVER) {
            throw StoreException.user("SqlInvalidDbStoredProcedure", "Only SQL Server writes through a stored procedure: " + database.dialect().title()
                    + " has no parameters that are tables");
        }
        try {
            SqlServerBatch.callText(procedure);
        } catch (IllegalArgumentException wrong) {
            throw StoreException.user("SqlInvalidDbStoredProcedure", "The stored procedure '" + procedure.name() + "': " + wrong.getMessage());
        }
    }

    private List<TableColumn> targets(SqlTable table, List<Column> columns) throws StoreException {
        List<TableColumn> targets = new ArrayList<>();
        for (Column column : columns) {
            TableColumn found = table.column(column.name()).orElseThrow(() -> StoreException.user("SqlInvalidColumnName", "Table '" + table.name()
                    + "' has no column '" + column.name() + "'; it has " + table.columns().stream().map(TableColumn::name).toList()));
            if (targets.contains(found)) {
                throw StoreException.user("SqlInvalidColumnName", "Two columns of the source go into '" + found.name() + "' of table '" + table.name() + "'");
            }
            targets.add(found);
        }
        return targets;
    }

    private List<String> keys(SqlDatabase.Session session, SqlTable table, List<Column> columns) throws SQLException, StoreException {
        if (!(settings.write() instanceof SqlWrite.Upsert(List<String> stated, var _))) {
            return List.of();
        }
        List<String> keys = new ArrayList<>();
        for (String name : stated.isEmpty() ? table.primaryKey(session.connection()) : stated) {
            keys.add(table.column(name).orElseThrow(() -> StoreException.user("SqlInvalidColumnName", "The key '" + name + "' is no column of table '"
                    + table.name() + "'")).name());
        }
        if (keys.isEmpty()) {
            throw StoreException.user("SqlUpsertNoKey", "Table '" + table.name() + "' has no primary key to upsert by; name the columns in 'keys'");
        }
        requireKeys(keys, targets(table, columns));
        return keys;
    }

    /// What rows of these columns are written to: files of one copy may have their columns in another order, or other ones.
    private Target into(List<Column> columns) throws StoreException {
        if (target.source().equals(columns) || settings.write() instanceof SqlWrite.Procedure) {
            return target;
        }
        List<TableColumn> written = targets(target.table(), columns);
        requireKeys(target.keys(), written);
        return new Target(target.table(), columns, written, target.keys());
    }

    private static void requireKeys(List<String> keys, List<TableColumn> written) throws StoreException {
        for (String key : keys) {
            if (written.stream().noneMatch(column -> column.name().equals(key))) {
                throw StoreException.user("SqlUpsertNoKey", "The rows have no column '" + key + "', which they are upserted by");
            }
        }
    }

    @Override
    public Written write(BatchId batch, RowReader rows, Rejects rejects) throws StoreException, InterruptedException {
        SqlDatabase.Session session = database.session();
        boolean isDone = false;
        try {
            session.connection().setAutoCommit(false);
            session.connection().setNetworkTimeout(Runnable::run, millis());
            String name = target.table().sql();
            OptionalLong before = taken.claim(session.connection(), batch, name);
            if (before.isPresent()) {
                isDone = true;
                return new Written(before.getAsLong(), false);
            }
            RowReader own = settings.write() instanceof SqlWrite.Procedure ? NamedRows.onto(target.source(), rows, "the rows") : rows;
            Target into = into(own.columns());
            SqlBatch writer = switch (database.dialect()) {
                case POSTGRESQL -> new PostgresBatch(session, into, settings);
                case SQL_SERVER -> new SqlServerBatch(session, into, settings);
            };
            long written = write(session, writer, own, rejects);
            writer.finish();
            taken.brought(session.connection(), batch, name, written);
            session.connection().commit();
            isDone = true;
            return new Written(written, true);
        } catch (SQLException failure) {
            throw SqlFailure.running(database.target(), "Writing to '" + settings.table() + "'", failure);
        } finally {
            if (!isDone) {
                session.cancel();
            }
            session.close();
        }
    }

    private long write(SqlDatabase.Session session, SqlBatch writer, RowReader rows, Rejects rejects)
            throws StoreException, SQLException, InterruptedException {
        int rowsMax = settings.batchRows().orElse(CHUNK_ROWS);
        long written = 0;
        List<List<JsonNode>> chunk = new ArrayList<>();
        long bytes = 0;
        for (Optional<List<JsonNode>> row = rows.next(); row.isPresent(); row = rows.next()) {
            chunk.add(row.get());
            for (JsonNode cell : row.get()) {
                bytes += CELL_BYTES + (cell.isTextual() ? cell.textValue().length() : 0);
            }
            if (chunk.size() >= rowsMax || bytes >= CHUNK_BYTES) {
                written += send(session, writer, chunk, rejects);
                chunk.clear();
                bytes = 0;
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
        return written + (chunk.isEmpty() ? 0 : send(session, writer, chunk, rejects));
    }

    /// Sends rows, and when the server does not take them, halves of them, until the row is found that it does not take.
    private long send(SqlDatabase.Session session, SqlBatch writer, List<List<JsonNode>> rows, Rejects rejects) throws StoreException, SQLException {
        Savepoint before = session.connection().setSavepoint();
        try {
            writer.send(rows);
            if (database.dialect() == SqlDialect.POSTGRESQL) {
                session.connection().releaseSavepoint(before);
            }
            return rows.size();
        } catch (SQLException failure) {
            if (!SqlFailure.isOfData(failure)) {
                throw failure;
            }
            session.connection().rollback(before);
            if (rows.size() == 1) {
                rejects.row(rows.getFirst(), refused(failure));
                return 0;
            }
            int half = rows.size() / 2;
            return send(session, writer, rows.subList(0, half), rejects) + send(session, writer, rows.subList(half, rows.size()), rejects);
        }
    }

    private StoreException refused(SQLException failure) {
        return new StoreException("SqlBatchWriteRowFailed", StoreException.Fault.USER, "Table '" + settings.table() + "' does not take a row: "
                + SqlFailure.message(failure), failure);
    }

    private int millis() {
        return (int) Math.min(Integer.MAX_VALUE, settings.batchTimeout().toMillis());
    }

    @Override
    public List<String> remarks() {
        return taken.areNoted() ? List.of() : List.of("The login may not make or write the table " + TakenBatches.TABLE + " beside the target, where a copy "
                + "notes which parts it has written: should this activity be run again in place of this run, it writes everything again");
    }

    @Override
    public void finish() {
        // Every batch is committed by itself.
    }

    @Override
    public void close() {
        // Connections belong to the database.
    }
}
