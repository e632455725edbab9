package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Expr;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What rows are grouped by. A value rounded down to a multiple is grouped by its quotient: DuckDB knows from its statistics
/// how few of them there can be, and groups those by position instead of by hash.
final class GroupKeys {
    private static final String QUOTIENT = "{0} // {1}";

    private final Map<Integer, Expr> factors = new LinkedHashMap<>();

    /// The expression that rows are grouped by in place of a key.
    Expr grouping(int columnId, Expr key) {
        if (!(key instanceof Expr.Call(String function, Lowering.Sql(String template), List<Expr> arguments, var type))
                || !template.equals(Lowering.MULTIPLE)) {
            return key;
        }
        factors.put(columnId, arguments.getLast());
        return new Expr.Call(function, new Lowering.Sql(QUOTIENT), arguments, type);
    }

    /// The keys as they were, over the columns of the groups.
    Map<Integer, String> restored(Map<Integer, String> groups, ExprWriter writer) {
        var values = new LinkedHashMap<>(groups);
        factors.forEach((id, factor) -> values.merge(id, Template.atom(writer.write(factor)), (quotient, size) -> quotient + " * " + size));
        return values;
    }
}
