package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.Type;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A reading in which each row of one table has a number of its own where its extent's id would be, so that a query can say
/// which rows it means. Rows that are not in an extent yet are not part of it.
record NumberedRows(Reading reading, Table table) implements Reading {
    /// The number of a row of storage, as SQL.
    static final String NUMBER = "CAST(lpad(lower(to_hex(rowid)), 32, '0') AS UUID)";

    @Override
    public Snapshot snapshot() {
        return reading.snapshot();
    }

    @Override
    public long cursor(String databaseId) {
        return reading.cursor(databaseId);
    }

    @Override
    public boolean numbers(Table other) {
        return other.id().tableId().equals(table.id().tableId());
    }

    @Override
    public WriteStop stop() {
        return reading.stop();
    }

    @Override
    public void afterwards(Runnable cleanup) {
        reading.afterwards(cleanup);
    }

    @Override
    public void readsFiles() {
        reading.readsFiles();
    }

    @Override
    public boolean isPlain() {
        return reading.isPlain();
    }

    @Override
    public ViewState viewState(Table part) {
        return reading.viewState(part);
    }

    @Override
    public Set<String> databasesRead() {
        return reading.databasesRead();
    }

    @Override
    public boolean hasRows(String sql) {
        return reading.hasRows(sql);
    }

    @Override
    public List<List<String>> texts(String sql, List<Type> types, int rowsMax) throws SQLException {
        return reading.texts(sql, types, rowsMax);
    }

    @Override
    public String relation(TableId id) {
        if (!id.tableId().equals(table.id().tableId())) {
            return reading.relation(id);
        }
        var columns = String.join(", ", table.columns().stream().map(TableColumn::id).toList());
        return "(SELECT " + columns + ", " + NUMBER + " AS " + Table.EXTENT_COLUMN + ", " + Table.INGESTED_COLUMN + ", "
                + Table.COMMIT_COLUMN + " FROM " + id.databaseId() + ".data." + table.rows() + ")";
    }

    @Override
    public String rows(TableId id) {
        return reading.rows(id);
    }

    @Override
    public String relation(List<TableColumn> columns, ForeignRows rows) {
        return reading.relation(columns, rows);
    }

    @Override
    public Optional<KustoException> foreignFailure() {
        return reading.foreignFailure();
    }

    @Override
    public void close() {
        reading.close();
    }
}
