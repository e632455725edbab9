package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Moves scalar queries out of expressions that DuckDB does not take them in: `TRY` refuses subqueries. They become
/// columns of one row that is joined to every row.
final class ScalarQueries {
    private final PlanWriter plans;
    private final Map<Expr.ScalarQuery, Column> found = new LinkedHashMap<>();

    private ScalarQueries(PlanWriter plans) {
        this.plans = plans;
    }

    record Hoisted(Select select, List<Expr> expressions) {}

    static Hoisted hoist(PlanWriter plans, Select select, List<Expr> expressions) {
        if (expressions.stream().noneMatch(expression -> standsInTry(expression, false))) {
            return new Hoisted(select, expressions);
        }
        var queries = new ScalarQueries(plans);
        List<Expr> replaced = expressions.stream().map(queries::replace).toList();
        ExprWriter writer = plans.expressions(Select.from("", Map.of()));
        var items = new ArrayList<String>();
        var values = new LinkedHashMap<>(select.values());
        queries.found.forEach((query, column) -> {
            items.add(writer.write(query) + " AS " + Select.name(column.id()));
            values.put(column.id(), Select.name(column.id()));
        });
        String row = "(SELECT " + String.join(", ", items) + ") AS " + plans.alias("q");
        String from = select.from().isEmpty() ? row : select.from() + ", " + row;
        return new Hoisted(new Select(from, values, select.where(), select.orderBy(), select.limit(), false), replaced);
    }

    private static boolean standsInTry(Expr expression, boolean insideTry) {
        return switch (expression) {
            case Expr.ScalarQuery _ -> insideTry;
            case Expr.Call call -> {
                boolean inside = insideTry || isTry(call);
                yield call.arguments().stream().anyMatch(argument -> standsInTry(argument, inside));
            }
            case Expr.Aggregate aggregate ->
                aggregate.arguments().stream().anyMatch(argument -> standsInTry(argument, insideTry));
            case Expr.InQuery in -> standsInTry(in.needle(), insideTry);
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> false;
        };
    }

    private static boolean isTry(Expr.Call call) {
        return call.lowering() instanceof Lowering.Sql(String template) && template.toLowerCase(java.util.Locale.ROOT).contains("try(");
    }

    /// Whether a part of the expression is null where its computation fails.
    static boolean tries(Expr expression) {
        return switch (expression) {
            case Expr.Call call -> isTry(call) || call.arguments().stream().anyMatch(ScalarQueries::tries);
            case Expr.Aggregate aggregate -> aggregate.arguments().stream().anyMatch(ScalarQueries::tries);
            case Expr.InQuery in -> tries(in.needle());
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> false;
        };
    }

    private Expr replace(Expr expression) {
        return switch (expression) {
            case Expr.ScalarQuery query -> new Expr.Ref(found.computeIfAbsent(query, q -> plans.temporary(q.type())));
            case Expr.Call call -> new Expr.Call(call.function(), call.lowering(),
                    call.arguments().stream().map(this::replace).toList(), call.type());
            case Expr.Aggregate aggregate -> new Expr.Aggregate(aggregate.function(), aggregate.template(),
                    aggregate.arguments().stream().map(this::replace).toList(), aggregate.type());
            case Expr.InQuery in -> new Expr.InQuery(replace(in.needle()), in.plan(), in.ignoreCase());
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> expression;
        };
    }
}
