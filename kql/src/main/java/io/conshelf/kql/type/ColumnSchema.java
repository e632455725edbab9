package io.conshelf.kql.type;

import java.util.regex.Pattern;

/// A column of a stored table or of a result: what people see of it.
public record ColumnSchema(String name, Type type) {
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /// A name as a query must write it: `a`, `['b c']`.
    public static String written(String name) {
        return PLAIN_NAME.matcher(name).matches() ? name : "['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']";
    }

    @Override
    public String toString() {
        return name + ":" + type;
    }
}
