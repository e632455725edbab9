package io.conshelf.kql.type;

/// A column of a stored table or of a result: what people see of it.
public record ColumnSchema(String name, Type type) {
    @Override
    public String toString() {
        return name + ":" + type;
    }
}
