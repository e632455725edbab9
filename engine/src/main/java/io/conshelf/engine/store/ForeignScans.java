package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What one reading has open of [ForeignRows]. Why one failed is kept here, because DuckDB, through which rows are asked for,
/// passes on only its text.
final class ForeignScans {
    private final RowFunction rows;
    private final List<Long> tokens = new ArrayList<>();
    private final List<ForeignRows.Scan> open = new ArrayList<>();
    private Optional<KustoException> failure = Optional.empty();
    private boolean isClosed;

    ForeignScans(RowFunction rows) {
        this.rows = rows;
    }

    /// The rows as an item for `FROM`.
    synchronized String relation(List<TableColumn> columns, ForeignRows foreign) {
        var view = new RowFunction.View(columns, false, OptionalLong.empty(), foreign.threadsMax(), wanted -> scan(foreign, wanted));
        long token = rows.open(view);
        tokens.add(token);
        return "(" + RowFunction.select(view, token) + ")";
    }

    private RowFunction.Source scan(ForeignRows foreign, List<TableColumn> wanted) {
        try {
            var scan = foreign.open(wanted);
            if (!kept(scan)) {
                scan.close();
            }
            return () -> next(scan);
        } catch (KustoException e) {
            fail(e);
            throw e;
        }
    }

    private synchronized boolean kept(ForeignRows.Scan scan) {
        if (!isClosed) {
            open.add(scan);
        }
        return !isClosed;
    }

    private Optional<RowFunction.Part> next(ForeignRows.Scan scan) {
        try {
            return scan.next().map(part -> new RowFunction.Part(part, 0, 0));
        } catch (KustoException e) {
            fail(e);
            throw e;
        }
    }

    private synchronized void fail(KustoException e) {
        if (failure.isEmpty()) {
            failure = Optional.of(e);
        }
    }

    /// Whether rows from elsewhere were asked for.
    synchronized boolean isUsed() {
        return !tokens.isEmpty();
    }

    synchronized Optional<KustoException> failure() {
        return failure;
    }

    /// A thread that is in one of them is let go.
    void close() {
        List<ForeignRows.Scan> left;
        synchronized (this) {
            isClosed = true;
            tokens.forEach(rows::close);
            left = List.copyOf(open);
            open.clear();
        }
        left.forEach(ForeignRows.Scan::close);
    }
}
