package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import java.util.List;

/// What an expression is bound in.
///
/// @param operator the operator it stands in, for messages; empty outside of any
/// @param sides    `$left` and `$right` in a join's condition
/// @param extra    where aggregates or window functions may stand, and what becomes of them
record Env(Scope scope, Columns columns, String operator, List<Columns> sides, Calculations extra) {
    static Env of(Scope scope) {
        return new Env(scope, Columns.NONE, "", List.of(), Calculations.none());
    }

    static Env of(Scope scope, Columns columns, String operator) {
        return new Env(scope, columns, operator, List.of(), Calculations.none());
    }

    Env with(Calculations calculations) {
        return new Env(scope, columns, operator, sides, calculations);
    }

    Env with(Columns newColumns) {
        return new Env(scope, newColumns, operator, sides, extra);
    }

    Env withSides(List<Column> left, List<Column> right) {
        return new Env(scope, columns, operator, List.of(Columns.of(left, false), Columns.of(right, false)), extra);
    }
}
