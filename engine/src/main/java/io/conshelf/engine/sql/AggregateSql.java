package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `summarize`: one SELECT with its groups, or what [PackedBags] makes of it.
final class AggregateSql {
    private AggregateSql() {}

    static Select select(PlanWriter plans, Plan.Aggregate aggregate) {
        return PackedBags.select(plans, aggregate).orElseGet(() -> selectOfGroups(plans, aggregate));
    }

    private static Select selectOfGroups(PlanWriter plans, Plan.Aggregate aggregate) {
        List<Expr> computed = new ArrayList<>();
        aggregate.keys().forEach(key -> computed.add(key.value()));
        computed.addAll(Quantiles.together(aggregate.aggregates().stream().map(Assignment::value).toList()));
        boolean needsOrder = SortSql.isOrdered(aggregate.input()) && computed.stream().anyMatch(AggregateSql::keepsOrder);
        Select rows = needsOrder
                ? plans.numbered(plans.select(aggregate.input()), aggregate.input().columns())
                : plans.foldable(aggregate.input(), computed).orderedBy(List.of());
        Optional<String> order = needsOrder ? Optional.of("o") : Optional.empty();
        var cut = CutLists.cut(plans, rows, aggregate, computed, needsOrder);
        List<Expr> expressions = cut.expressions();
        Select input = plans.withAround(cut.rows(), aggregate.input().columns(), expressions, needsOrder);
        var scalars = ScalarQueries.hoist(plans, input, expressions);
        ExprWriter writer = plans.expressions(scalars.select(), order);
        List<Column> columns = aggregate.columns();
        var values = new LinkedHashMap<Integer, String>();
        var keys = new GroupKeys();
        for (int i = 0; i < columns.size(); i++) {
            int id = columns.get(i).id();
            Expr expression = scalars.expressions().get(i);
            values.put(id, writer.write(i < aggregate.keys().size() ? keys.grouping(id, expression) : expression));
        }
        String sql = scalars.select().withValues(values).sql(columns);
        String from = "(" + sql + groups(plans, aggregate, values) + ") AS " + plans.alias("q");
        return Select.from(from, keys.restored(PlanWriter.plain(columns), writer));
    }

    private static String groups(PlanWriter plans, Plan.Aggregate aggregate, Map<Integer, String> values) {
        if (aggregate.keys().isEmpty()) {
            return "";
        }
        // Beside each row of another SELECT, DuckDB fails where rows of an aggregate are grouped by constants alone: that is one group, if there are rows.
        if (plans.isLateral() && References.count(aggregate.keys().stream().map(Assignment::value).toList()).isEmpty()
                && aggregate.keys().stream().map(key -> values.get(key.column().id())).noneMatch(PlanWriter::isVolatileToDuckDb)) {
            return " HAVING count(*) > 0";
        }
        return Select.groupBy(aggregate.keys().size());
    }

    private static boolean keepsOrder(Expr expression) {
        return switch (expression) {
            case Expr.Aggregate aggregate -> aggregate.template().contains("{order}");
            case Expr.Call call -> call.arguments().stream().anyMatch(AggregateSql::keepsOrder);
            case Expr.InQuery in -> keepsOrder(in.needle());
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> false;
        };
    }
}
