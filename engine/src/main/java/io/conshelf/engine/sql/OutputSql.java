package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;

/// The columns that a statement gives, in the types that its reader knows.
final class OutputSql {
    private final Plan plan;
    private final VersionNumbers versions = new VersionNumbers();

    OutputSql(Plan plan) {
        this.plan = plan;
    }

    String of(Column column, String sql) {
        String type = switch (column.type()) {
            // The chunk reader knows no UUID vectors.
            case GUID -> "VARCHAR";
            case BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, STRING, DYNAMIC -> versions.type(plan, column);
        };
        return "CAST(" + sql + " AS " + type + ")";
    }
}
