package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import java.util.List;
import java.util.Map;

/// What an expression is bound in.
///
/// @param operator the operator it stands in, for messages; empty outside of any
/// @param sides    what stands before a dot for rows of its own: `$left` and `$right` in a join's condition, the steps of `scan`
/// @param graph    the elements of a graph's pattern
/// @param extra    where aggregates or window functions may stand, and what becomes of them
record Env(Scope scope, Columns columns, String operator, Map<String, Columns> sides, Calculations extra,
        GraphElements graph) {
    static Env of(Scope scope) {
        return new Env(scope, Columns.NONE, "", Map.of(), Calculations.none(), GraphElements.NONE);
    }

    static Env of(Scope scope, Columns columns, String operator) {
        return new Env(scope, columns, operator, Map.of(), Calculations.none(), GraphElements.NONE);
    }

    Env with(Calculations calculations) {
        return new Env(scope, columns, operator, sides, calculations, graph);
    }

    Env with(Columns newColumns) {
        return new Env(scope, newColumns, operator, sides, extra, graph);
    }

    /// The elements of a graph's pattern.
    Env withElements(Map<String, Columns> elements, GraphElements newGraph) {
        return new Env(scope, columns, operator, Map.copyOf(elements), extra, newGraph);
    }

    Env withSides(List<Column> left, List<Column> right) {
        return new Env(scope, columns, operator,
                Map.of("$left", Columns.of(left, false), "$right", Columns.of(right, false)), extra, graph);
    }

    /// Names that stand before a dot, each with its columns.
    Env withSides(Map<String, Columns> newSides) {
        return new Env(scope, columns, operator, Map.copyOf(newSides), extra, graph);
    }
}
