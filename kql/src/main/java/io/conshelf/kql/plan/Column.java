package io.conshelf.kql.plan;

import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;

/// A column inside a plan. The id is unique in the plan and is the column's identity: names may repeat across inputs and
/// differ only in case, ids never collide, and SQL is written with ids alone.
public record Column(int id, String name, Type type) {
    public ColumnSchema schema() {
        return new ColumnSchema(name, type);
    }

    @Override
    public String toString() {
        return name + "#" + id;
    }
}
