package io.conshelf.engine.store;

import io.conshelf.kql.type.Type;
import java.util.List;

/// Which columns the batches of a request have. Batches of one schema share the object, so that readers work out once how
/// it maps to the columns they want.
public record RowLayout(List<String> columnIds, List<Type> types) {
    public RowLayout {
        columnIds = List.copyOf(columnIds);
        types = List.copyOf(types);
    }

    public static RowLayout of(List<TableColumn> columns) {
        return new RowLayout(
                columns.stream().map(TableColumn::id).toList(),
                columns.stream().map(TableColumn::type).toList());
    }

    int position(String columnId) {
        return columnIds.indexOf(columnId);
    }
}
