package io.conshelf.engine.store;

import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.UUID;

/// What is to become a table, a view's part or the rows of a result.
record NewTable(String name, List<ColumnSchema> columns, String folder, String docString, boolean isHidden) {
    /// Makes its storage, with ids of its own for it and its columns.
    Table create(Connection connection, CommitClock clock, String databaseId, Instant now) throws SQLException {
        String id = "t" + Long.toString(clock.next(), Character.MAX_RADIX);
        var tableColumns = new ArrayList<TableColumn>();
        for (ColumnSchema column : columns) {
            tableColumns.add(new TableColumn("c" + (tableColumns.size() + 1), column.name(), column.type(), ""));
        }
        var table = new Table(
                new TableId(databaseId, id, name), id, UUID.randomUUID(), tableColumns, tableColumns.size() + 1, folder, docString, now,
                new EnumMap<>(PolicyKind.class), List.of(), List.of(), isHidden);
        DatabaseFile.createRows(connection, table.id(), table.rows(), tableColumns);
        return table;
    }
}
