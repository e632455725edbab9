package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import java.util.List;

/// One SQL query and what its columns mean, in order. Guids come out as text, everything else as it is stored.
public record Statement(String sql, List<Column> columns) {
    public Statement {
        columns = List.copyOf(columns);
    }
}
