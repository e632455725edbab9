package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The columns a table is to have. Column ids are never used twice; a dropped column's values stay unread in storage until
/// the database is opened the next time.
///
/// @param added those that storage does not have yet
record TableShape(List<TableColumn> columns, List<TableColumn> added, int nextColumn) {
    // What Kusto allows is not documented; DuckDB's planning grows with the width of a table.
    private static final int COLUMNS_MAX = 10_000;

    static void check(List<ColumnSchema> columns) {
        if (columns.isEmpty()) {
            throw bad("a table has at least one column");
        }
        if (columns.size() > COLUMNS_MAX) {
            throw bad("a table has at most " + COLUMNS_MAX + " columns, not " + columns.size());
        }
        Set<String> names = new HashSet<>();
        for (ColumnSchema column : columns) {
            EntityNames.checked("column", column.name());
            if (!names.add(column.name())) {
                throw bad("the column '" + column.name() + "' is given twice");
            }
        }
    }

    /// The table's columns, and behind them those of the given ones that it lacks.
    static TableShape merged(Table table, List<ColumnSchema> columns) {
        return shaped(table, columns, true);
    }

    /// The given columns and no others; one that the table has keeps its values.
    static TableShape replaced(Table table, List<ColumnSchema> columns) {
        return shaped(table, columns, false);
    }

    private static TableShape shaped(Table table, List<ColumnSchema> columns, boolean keepsOthers) {
        check(columns);
        var all = new ArrayList<TableColumn>(keepsOthers ? table.columns() : List.of());
        var added = new ArrayList<TableColumn>();
        int next = table.nextColumn();
        for (ColumnSchema column : columns) {
            Optional<TableColumn> present = table.column(column.name());
            if (present.isEmpty()) {
                var fresh = new TableColumn("c" + next++, column.name(), column.type(), "");
                all.add(fresh);
                added.add(fresh);
                continue;
            }
            requireSameType(table, present.get(), column.type());
            if (!keepsOthers) {
                all.add(present.get());
            }
        }
        return new TableShape(all, added, next);
    }

    static TableShape retyped(Table table, String name, Type type) {
        TableColumn column = column(table, name);
        if (column.type() == type) {
            return new TableShape(table.columns(), List.of(), table.nextColumn());
        }
        var fresh = new TableColumn("c" + table.nextColumn(), name, type, column.docString());
        return new TableShape(replace(table, column, fresh), List.of(fresh), table.nextColumn() + 1);
    }

    static TableShape without(Table table, Collection<String> names) {
        var dropped = new HashSet<TableColumn>();
        names.forEach(name -> dropped.add(column(table, name)));
        List<TableColumn> left =
                table.columns().stream().filter(c -> !dropped.contains(c)).toList();
        if (left.isEmpty()) {
            throw bad("the last column of table '" + table.name() + "' cannot be dropped");
        }
        return new TableShape(left, List.of(), table.nextColumn());
    }

    static TableShape renamed(Table table, String from, String to) {
        TableColumn column = column(table, from);
        EntityNames.checked("column", to);
        if (table.column(to).isPresent()) {
            throw new KustoException(StorageErrors.entityExists("Column", to));
        }
        var renamed = new TableColumn(column.id(), to, column.type(), column.docString());
        return new TableShape(replace(table, column, renamed), List.of(), table.nextColumn());
    }

    static TableShape described(Table table, String name, String docString) {
        TableColumn column = column(table, name);
        var described = new TableColumn(column.id(), name, column.type(), docString);
        return new TableShape(replace(table, column, described), List.of(), table.nextColumn());
    }

    private static List<TableColumn> replace(Table table, TableColumn column, TableColumn by) {
        return table.columns().stream().map(c -> c.equals(column) ? by : c).toList();
    }

    private static TableColumn column(Table table, String name) {
        return table.column(name)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("Column", name)));
    }

    private static void requireSameType(Table table, TableColumn column, Type type) {
        if (column.type() != type) {
            throw bad("column '" + column.name() + "' of table '" + table.name() + "' has the type " + column.type()
                    + " and cannot become " + type + "; use '.alter column' to change it");
        }
    }

    private static KustoException bad(String reason) {
        return new KustoException(StorageErrors.badSchema(reason));
    }
}
