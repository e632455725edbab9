package io.conshelf.engine.store;

import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;

/// A column of a stored table.
///
/// @param id unique in its table for ever and safe in SQL: `c3`
public record TableColumn(String id, String name, Type type, String docString) {
    public ColumnSchema schema() {
        return new ColumnSchema(name, type);
    }
}
