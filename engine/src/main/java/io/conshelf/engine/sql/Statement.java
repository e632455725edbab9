package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import java.util.List;

/// One SQL query and what its columns mean, in order. Guids come out as text, everything else as it is stored.
///
/// @param before statements to run before it, in its transaction: they make what it and later ones of the request read
public record Statement(List<String> before, String sql, List<Column> columns) {
    public Statement {
        before = List.copyOf(before);
        columns = List.copyOf(columns);
    }

    Statement after(List<String> statements) {
        return new Statement(statements, sql, columns);
    }
}
