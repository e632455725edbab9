package io.conshelf.engine.store;

import java.util.List;

/// Rows that are not in storage, for SQL to read: files being parsed, or a table of a SQL server. They are read anew for
/// every scan.
@FunctionalInterface
public interface ForeignRows {
    /// @param wanted the columns whose cells are read; rows may leave out others
    Scan open(List<TableColumn> wanted);

    /// One reading, asked by several threads at once; closed when the request ends, or before.
    interface Scan extends RowFeed, AutoCloseable {
        @Override
        void close();
    }
}
