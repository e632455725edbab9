package io.conshelf.engine.store;

import java.util.List;

/// Rows that are not in storage, for SQL to read: files being parsed, or a table of a SQL server. They are read anew for
/// every scan.
@FunctionalInterface
public interface ForeignRows {
    int THREADS_MAX = 4;

    /// @param wanted the columns whose cells are read; rows may leave out others
    Scan open(List<TableColumn> wanted);

    /// How many threads ask one reading at once. DuckDB's threads work for all requests: where they would wait for each other, and all of
    /// them for one server, one is enough.
    default int threadsMax() {
        return THREADS_MAX;
    }

    /// One reading, asked by several threads at once; closed when the request ends, or before.
    interface Scan extends RowFeed, AutoCloseable {
        @Override
        void close();
    }
}
