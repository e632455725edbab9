package io.conshelf.engine.store;

import io.conshelf.kql.type.Type;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
import org.duckdb.DuckDBWritableVector;

/// The DuckDB table function through which SQL reads rows that are in memory: `conshelf_rows(token)`. A token stands for a
/// source of rows and the columns one reader wants of them.
final class RowFunction implements DuckDBTableFunction<RowFunction.View, RowFunction.Scan, RowFunction.Cursor> {
    private static final String NAME = "conshelf_rows";
    private static final byte[] NO_TEXT = {};

    private final AtomicLong tokens = new AtomicLong();
    private final Map<Long, View> views = new ConcurrentHashMap<>();

    static RowFunction register(Connection connection) throws SQLException {
        var function = new RowFunction();
        try (var builder = DuckDBFunctions.tableFunction()) {
            builder.withName(NAME)
                    .withParameter(DuckDBColumnType.BIGINT)
                    .withProjectionPushdown()
                    .withFunction(function)
                    .register(connection);
        }
        return function;
    }

    /// What a reader sees.
    ///
    /// @param hasTimes whether [Table#INGESTED_COLUMN] and [Table#COMMIT_COLUMN] follow the columns
    /// @param threadsMax that read at once
    /// @param opening  begins at the first row whenever it is asked
    record View(List<TableColumn> columns, boolean hasTimes, OptionalLong rowCount, int threadsMax, Opening opening) {
        /// Batches of the row store, with their times.
        static View of(List<TableColumn> columns, List<RowBatch> batches) {
            long rows = batches.stream().mapToLong(b -> b.rows().count()).sum();
            return new View(columns, true, OptionalLong.of(rows), ForeignRows.THREADS_MAX, _ -> RowStore.source(batches));
        }
    }

    /// Begins a scan.
    @FunctionalInterface
    interface Opening {
        /// @param wanted the columns that are read of the view's
        Source open(List<TableColumn> wanted);
    }

    /// Parts of what is read, one after the other; safe to be asked from several threads.
    interface Source {
        Optional<Part> next();
    }

    record Part(Rows rows, long ingestedTicks, long commit) {}

    long open(View view) {
        long token = tokens.incrementAndGet();
        views.put(token, view);
        return token;
    }

    void close(long token) {
        views.remove(token);
    }

    /// A view as a query: its columns' ids and, where it has them, the times.
    static String select(View view, long token) {
        var items = new ArrayList<String>();
        for (TableColumn column : view.columns()) {
            // Java functions have no vectors of UUIDs.
            items.add(column.type() == Type.GUID
                    ? "CAST(" + column.id() + " AS UUID) AS " + column.id()
                    : column.id());
        }
        if (view.hasTimes()) {
            items.add(Table.INGESTED_COLUMN);
            items.add(Table.COMMIT_COLUMN);
        }
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
            throw new SQLException("The rows of token " + token + " are not there any more");
        }
        for (TableColumn column : view.columns()) {
            addColumn(info, column);
        }
        if (view.hasTimes()) {
            info.addResultColumn(Table.INGESTED_COLUMN, DuckDBColumnType.BIGINT);
            info.addResultColumn(Table.COMMIT_COLUMN, DuckDBColumnType.BIGINT);
        }
        view.rowCount().ifPresent(count -> info.setCardinality(count, true));
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
        info.setMaxThreads(view.threadsMax());
        int[] wanted = new int[(int) info.getColumnCount()];
        Arrays.setAll(wanted, i -> (int) info.getColumnIndex(i));
        var columns = Arrays.stream(wanted).filter(i -> i < view.columns().size()).mapToObj(view.columns()::get).toList();
        return new Scan(view, view.opening().open(columns), wanted);
    }

    @Override
    public Cursor localInit(DuckDBTableFunctionInitInfo info) {
        return new Cursor();
    }

    @Override
    public long apply(DuckDBTableFunctionCallInfo call, DuckDBDataChunkWriter out) {
        Scan scan = call.getInitData();
        Cursor cursor = call.getLocalInitData();
        int capacity = (int) out.capacity();
        int at = 0;
        while (at < capacity && cursor.advance(scan)) {
            int count = Math.min(capacity - at, cursor.part.rows().count() - cursor.row);
            int[] positions = cursor.positions(scan);
            for (int i = 0; i < scan.wanted().length; i++) {
                copy(scan, cursor, positions, scan.wanted()[i], count, out.vector(i), at);
            }
            cursor.row += count;
            at += count;
        }
        return at;
    }

    private static void copy(
            Scan scan, Cursor cursor, int[] positions, int column, int count, DuckDBWritableVector target, int at) {
        List<TableColumn> columns = scan.view().columns();
        if (column >= columns.size()) {
            long value = column == columns.size() ? cursor.part.ingestedTicks() : cursor.part.commit();
            for (int i = 0; i < count; i++) {
                target.setLong(at + i, value);
            }
        } else if (positions[column] >= 0) {
            cursor.part.rows().columns().get(positions[column]).copy(cursor.row, count, target, at);
        } else if (columns.get(column).type() == Type.STRING) {
            byte[][] empty = new byte[count][];
            Arrays.fill(empty, NO_TEXT);
            target.setStringUtf8Batch(at, empty);
        } else {
            for (int i = 0; i < count; i++) {
                target.setNull(at + i);
            }
        }
    }

    /// One scan of a view, shared by the threads that work on it.
    record Scan(View view, Source source, int[] wanted) {}

    /// Where one thread is in its part of a scan.
    static final class Cursor {
        private final Map<RowLayout, int[]> positionsByLayout = new IdentityHashMap<>();
        private Part part;
        private int row;

        private boolean advance(Scan scan) {
            while (part == null || row == part.rows().count()) {
                Optional<Part> next = scan.source().next();
                if (next.isEmpty()) {
                    return false;
                }
                part = next.get();
                row = 0;
            }
            return true;
        }

        // Where each of the view's columns is in the part; -1 where the part is older than the column.
        private int[] positions(Scan scan) {
            return positionsByLayout.computeIfAbsent(part.rows().layout(), layout -> scan.view().columns().stream()
                    .mapToInt(c -> layout.position(c.id()))
                    .toArray());
        }
    }
}
