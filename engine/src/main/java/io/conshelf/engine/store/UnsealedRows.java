package io.conshelf.engine.store;

import io.conshelf.kql.type.Type;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBLogicalType;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;

/// The DuckDB table function through which SQL reads batches of the row store: `conshelf_unsealed(token)`. A token stands for
/// the batches and columns one reader sees.
final class UnsealedRows implements DuckDBTableFunction<UnsealedRows.View, UnsealedRows.Scan, Object> {
    private static final String NAME = "conshelf_unsealed";
    private static final int SCAN_THREADS_MAX = 4;

    private final AtomicLong tokens = new AtomicLong();
    private final Map<Long, View> views = new ConcurrentHashMap<>();

    static UnsealedRows register(Connection connection) throws SQLException {
        var function = new UnsealedRows();
        try (var builder = DuckDBFunctions.tableFunction()) {
            builder.withName(NAME)
                    .withParameter(DuckDBColumnType.BIGINT)
                    .withProjectionPushdown()
                    .withFunction(function)
                    .register(connection);
        }
        return function;
    }

    /// What a reader sees; the hidden columns follow `columns`.
    record View(List<TableColumn> columns, List<RowBatch> batches) {}

    long open(View view) {
        long token = tokens.incrementAndGet();
        views.put(token, view);
        return token;
    }

    void close(long token) {
        views.remove(token);
    }

    /// The columns of a view, as a query over it: the columns' ids, then when the rows were ingested and committed.
    static String select(List<TableColumn> columns, long token) {
        var items = new ArrayList<String>();
        for (TableColumn column : columns) {
            // Java functions have no vectors of UUIDs.
            items.add(column.type() == Type.GUID
                    ? "CAST(" + column.id() + " AS UUID) AS " + column.id()
                    : column.id());
        }
        items.add(Table.INGESTED_COLUMN);
        items.add(Table.COMMIT_COLUMN);
        return "SELECT " + String.join(", ", items) + " FROM " + NAME + "(" + token + ")";
    }

    @Override
    public View bind(DuckDBTableFunctionBindInfo info) throws SQLException {
        long token;
        try (var parameter = info.getParameter(0)) {
            token = parameter.getLong();
        }
        View view = views.get(token);
        if (view == null) {
            throw new SQLException("The reading " + token + " of the row store is closed");
        }
        for (TableColumn column : view.columns()) {
            addColumn(info, column);
        }
        info.addResultColumn(Table.INGESTED_COLUMN, DuckDBColumnType.BIGINT);
        info.addResultColumn(Table.COMMIT_COLUMN, DuckDBColumnType.BIGINT);
        info.setCardinality(view.batches().stream().mapToLong(RowBatch::rowCount).sum(), true);
        return view;
    }

    private static void addColumn(DuckDBTableFunctionBindInfo info, TableColumn column) throws SQLException {
        switch (column.type()) {
            case BOOL -> info.addResultColumn(column.id(), DuckDBColumnType.BOOLEAN);
            case INT -> info.addResultColumn(column.id(), DuckDBColumnType.INTEGER);
            case LONG, DATETIME, TIMESPAN -> info.addResultColumn(column.id(), DuckDBColumnType.BIGINT);
            case REAL -> info.addResultColumn(column.id(), DuckDBColumnType.DOUBLE);
            case STRING, DYNAMIC, GUID -> info.addResultColumn(column.id(), DuckDBColumnType.VARCHAR);
            case DECIMAL -> {
                try (var decimal = DuckDBLogicalType.decimal(38, 17)) {
                    info.addResultColumn(column.id(), decimal);
                }
            }
        }
    }

    @Override
    public Scan init(DuckDBTableFunctionInitInfo info) {
        View view = info.getBindData();
        info.setMaxThreads(SCAN_THREADS_MAX);
        int[] wanted = new int[(int) info.getColumnCount()];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = (int) info.getColumnIndex(i);
        }
        return new Scan(view, wanted);
    }

    @Override
    public long apply(DuckDBTableFunctionCallInfo call, DuckDBDataChunkWriter out) {
        Scan scan = call.getInitData();
        List<Slice> slices = scan.next((int) out.capacity());
        int at = 0;
        for (Slice slice : slices) {
            for (int i = 0; i < scan.wanted.length; i++) {
                scan.copy(slice, scan.wanted[i], out.vector(i), at);
            }
            at += slice.count();
        }
        return at;
    }

    private record Slice(RowBatch batch, int[] positions, int from, int count) {}

    /// One scan of a view, shared by the threads that work on it.
    static final class Scan {
        private final View view;
        private final int[] wanted;
        private final Map<RowLayout, int[]> positions = new IdentityHashMap<>();
        private int batch;
        private int row;

        Scan(View view, int[] wanted) {
            this.view = view;
            this.wanted = wanted;
        }

        private synchronized List<Slice> next(int capacity) {
            var slices = new ArrayList<Slice>();
            int left = capacity;
            while (left > 0 && batch < view.batches().size()) {
                RowBatch current = view.batches().get(batch);
                int count = Math.min(left, current.rowCount() - row);
                slices.add(new Slice(current, positions.computeIfAbsent(current.layout(), this::positions), row, count));
                left -= count;
                row += count;
                if (row == current.rowCount()) {
                    batch++;
                    row = 0;
                }
            }
            return slices;
        }

        // Where each of the view's columns is in a batch; -1 where the batch is older than the column.
        private int[] positions(RowLayout layout) {
            return view.columns().stream().mapToInt(c -> layout.position(c.id())).toArray();
        }

        private void copy(Slice slice, int column, org.duckdb.DuckDBWritableVector target, int at) {
            int columns = view.columns().size();
            if (column >= columns) {
                long value = column == columns ? slice.batch().ingestedTicks() : slice.batch().commit();
                for (int i = 0; i < slice.count(); i++) {
                    target.setLong(at + i, value);
                }
                return;
            }
            int position = slice.positions()[column];
            if (position >= 0) {
                slice.batch().columns().get(position).copy(slice.from(), slice.count(), target, at);
                return;
            }
            boolean isString = view.columns().get(column).type() == Type.STRING;
            for (int i = 0; i < slice.count(); i++) {
                if (isString) {
                    target.setString(at + i, "");
                } else {
                    target.setNull(at + i);
                }
            }
        }
    }
}
