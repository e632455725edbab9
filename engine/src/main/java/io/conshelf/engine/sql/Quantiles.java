package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Percentiles of one value become one aggregate: DuckDB keeps the values of a group once for all of them.
final class Quantiles {
    private static final String SINGLE = "quantile_disc({0}, CAST({1} AS DOUBLE) / 100)";

    private Quantiles() {}

    static List<Expr> together(List<Expr> expressions) {
        Map<Expr, List<Expr>> percentages = new HashMap<>();
        for (Expr expression : expressions) {
            if (isPercentile(expression) && expression instanceof Expr.Aggregate single) {
                percentages.computeIfAbsent(single.arguments().getFirst(), _ -> new ArrayList<>()).add(single.arguments().getLast());
            }
        }
        return expressions.stream().map(expression -> isPercentile(expression) && expression instanceof Expr.Aggregate single
                ? one(single, percentages.getOrDefault(single.arguments().getFirst(), List.of())) : expression).toList();
    }

    private static boolean isPercentile(Expr expression) {
        return expression instanceof Expr.Aggregate aggregate && aggregate.template().contains(SINGLE);
    }

    private static Expr one(Expr.Aggregate single, List<Expr> all) {
        List<Expr> distinct = all.stream().distinct().toList();
        if (distinct.size() < 2) {
            return single;
        }
        var template = new StringBuilder("(quantile_disc({0}, [");
        for (int i = 1; i <= distinct.size(); i++) {
            template.append(i > 1 ? ", " : "").append("CAST({").append(i).append("} AS DOUBLE) / 100");
        }
        template.append("]))[").append(distinct.indexOf(single.arguments().getLast()) + 1).append(']');
        var arguments = new ArrayList<>(single.arguments().subList(0, 1));
        arguments.addAll(distinct);
        return new Expr.Aggregate(single.function(), single.template().replace(SINGLE, template), arguments, single.type());
    }
}
