package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Functions over neighbouring rows. Rows are numbered once in their order; calls inside calls
/// (`row_cumsum(x, g != prev(g))`) become a level each, because SQL does not nest window functions.
final class WindowSql {
    private final PlanWriter plans;
    private final List<Column> columns;
    private Select level;
    private boolean losesOrder;

    private WindowSql(PlanWriter plans, Select level, List<Column> columns) {
        this.plans = plans;
        this.level = level;
        this.columns = new ArrayList<>(columns);
    }

    static Select select(PlanWriter plans, Plan.Window window) {
        List<Column> input = window.input().columns();
        var writer = new WindowSql(plans, plans.numbered(plans.select(window.input()), input), input);
        List<Assignment> assignments = window.assignments();
        while (assignments.stream().anyMatch(assignment -> hasWindow(assignment.value()))) {
            assignments = writer.innermostFirst(assignments);
        }
        ExprWriter expressions = plans.expressions(writer.level);
        Map<Integer, String> values = PlanWriter.plain(input);
        assignments.forEach(a -> values.put(a.column().id(), expressions.write(a.value())));
        Select select = writer.level.withValues(values);
        return writer.losesOrder || plans.isLateral() ? select.orderedBy(List.of("o")) : select;
    }

    // Computes the calls without calls inside as columns of a new level and puts references in their places.
    private List<Assignment> innermostFirst(List<Assignment> assignments) {
        var found = new LinkedHashMap<Expr.Call, Column>();
        List<Assignment> replaced = assignments.stream()
                .map(a -> new Assignment(a.column(), replace(a.value(), found)))
                .toList();
        var segments = new LinkedHashMap<Expr, Column>();
        found.keySet().forEach(call -> restart(call).ifPresent(index -> {
            Expr predicate = call.arguments().get(index);
            if (!(predicate instanceof Expr.Constant(Type _, Object value) && Boolean.FALSE.equals(value))) {
                segments.computeIfAbsent(predicate, _ -> plans.temporary(Type.LONG));
            }
        }));
        if (!segments.isEmpty()) {
            losesOrder = true;
            ExprWriter expressions = plans.expressions(level);
            var items = new LinkedHashMap<Column, String>();
            segments.forEach((predicate, column) -> items.put(column,
                    "count_if(" + expressions.write(predicate) + ") OVER (ORDER BY o)"));
            nextLevel(items);
        }
        ExprWriter expressions = plans.expressions(level);
        var items = new LinkedHashMap<Column, String>();
        found.forEach((call, column) -> {
            var segment = restart(call).stream()
                    .mapToObj(index -> segments.get(call.arguments().get(index)))
                    .filter(java.util.Objects::nonNull)
                    .findFirst();
            String partition = segment.map(s -> "PARTITION BY " + Select.name(s.id()) + " ").orElse("");
            items.put(column, over(call, expressions, "OVER (" + partition + "ORDER BY o)"));
        });
        nextLevel(items);
        return replaced;
    }

    private static String over(Expr.Call call, ExprWriter expressions, String over) {
        String template = ((Lowering.Window) call.lowering()).template().replace("{order}", "o");
        String withOver = template.contains("{over}") ? template.replace("{over}", over) : template + " " + over;
        return Template.fill(withOver, expressions.writeAll(call.arguments()));
    }

    private void nextLevel(Map<Column, String> items) {
        var select = new StringBuilder(PlanWriter.plainItems(columns)).append("o");
        items.forEach((column, sql) -> select.append(", ").append(sql).append(" AS ").append(Select.name(column.id())));
        columns.addAll(items.keySet());
        level = Select.from("(" + level.sqlSelecting(select.toString()) + ") AS " + plans.alias("q"),
                PlanWriter.plain(columns));
    }

    private Expr replace(Expr expression, Map<Expr.Call, Column> found) {
        return switch (expression) {
            case Expr.Call call when isWindow(call) && call.arguments().stream().noneMatch(WindowSql::hasWindow) ->
                new Expr.Ref(found.computeIfAbsent(call, _ -> plans.temporary(call.type())));
            case Expr.Call call -> new Expr.Call(call.function(), call.lowering(),
                    call.arguments().stream().map(argument -> replace(argument, found)).toList(), call.type());
            case Expr.InQuery in -> new Expr.InQuery(replace(in.needle(), found), in.plan(), in.ignoreCase());
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _, Expr.Aggregate _ -> expression;
        };
    }

    private static boolean hasWindow(Expr expression) {
        return switch (expression) {
            case Expr.Call call -> isWindow(call) || call.arguments().stream().anyMatch(WindowSql::hasWindow);
            case Expr.InQuery in -> hasWindow(in.needle());
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _, Expr.Aggregate _ -> false;
        };
    }

    private static boolean isWindow(Expr.Call call) {
        return call.lowering() instanceof Lowering.Window;
    }

    private static OptionalInt restart(Expr.Call call) {
        return ((Lowering.Window) call.lowering()).restart();
    }
}
