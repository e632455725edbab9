package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Functions over neighbouring rows. DuckDB answers them while the rows pass by in their order, sorted once: of windows that name no
/// order and reach from the first row to this one it keeps what it has come to, not the rows. Only runs of what is no exact sum are gathered apart, and the
/// rows sorted again by their number. So are rows that no sort has put into their order just before (those of a union pass by one table after the other, or
/// all at once), and rows that look ahead, which DuckDB may give twice where it makes them of rows that pass by.
///
/// Calls inside calls (`row_cumsum(x, g != prev(g))`) become a level each, because SQL does not nest window functions.
final class WindowSql {
    private static final String PASSING_BY = "OVER (ROWS UNBOUNDED PRECEDING)";
    private static final String BY_NUMBER = "OVER (ORDER BY o)";

    /// In a template: the number of a row.
    private static final String ORDER = "{order}";
    private static final String ROW_NUMBER = "row_number()";

    private final PlanWriter plans;
    private final List<Column> columns;
    private Select level;
    /// Whether the level has the number of each row, `o`.
    private boolean isNumbered;
    /// Whether the rows of the level come in their order.
    private boolean isInOrder;

    private WindowSql(PlanWriter plans, Plan input) {
        this.plans = plans;
        columns = new ArrayList<>(input.columns());
        Select rows = plans.select(input);
        isInOrder = !plans.isLateral() && rows.givesOrder();
        isNumbered = !isInOrder;
        level = isInOrder ? rows.nested(columns, plans.alias("q")) : plans.numbered(rows, columns);
    }

    static Select select(PlanWriter plans, Plan.Window window) {
        var writer = new WindowSql(plans, window.input());
        List<Assignment> assignments = window.assignments();
        while (assignments.stream().anyMatch(assignment -> hasWindow(assignment.value()))) {
            assignments = writer.innermostFirst(assignments);
        }
        ExprWriter expressions = plans.expressions(writer.level);
        Map<Integer, String> values = PlanWriter.plain(window.input().columns());
        assignments.forEach(a -> values.put(a.column().id(), expressions.write(a.value())));
        values.putAll(writer.level.hiddenValues());
        Select select = writer.level.withValues(values);
        return writer.isInOrder ? select.inOrder() : select.orderedBy(List.of("o"));
    }

    // Computes the calls without calls inside as columns of a new level and puts references in their places.
    private List<Assignment> innermostFirst(List<Assignment> assignments) {
        var found = new LinkedHashMap<Expr.Call, Column>();
        List<Assignment> replaced = assignments.stream()
                .map(a -> new Assignment(a.column(), replace(a.value(), found)))
                .toList();
        if (found.keySet().stream().anyMatch(call -> restart(call).isPresent() || lowering(call).template().contains(ORDER))) {
            number();
        }
        if (isInOrder && found.keySet().stream().anyMatch(WindowSql::looksAhead)) {
            number();
            isInOrder = false;
        }
        Map<Expr.Call, String> ofTotals = isInOrder ? ofTotals(found.keySet()) : Map.of();
        Map<Expr, Column> segments = segments(found.keySet().stream().filter(call -> !ofTotals.containsKey(call)).toList());
        ExprWriter expressions = plans.expressions(level);
        var items = new LinkedHashMap<Column, String>();
        found.forEach((call, column) -> items.put(column, ofTotals.containsKey(call)
                ? Template.fill(ofTotals.get(call), expressions.writeAll(call.arguments()))
                : over(lowering(call).template(), call, expressions, restart(call).map(segments::get))));
        nextLevel(items);
        isInOrder &= segments.isEmpty();
        return replaced;
    }

    /// What tells the runs of rows from each other that these calls see alone, by what begins them.
    private Map<Expr, Column> segments(List<Expr.Call> calls) {
        var segments = new LinkedHashMap<Expr, Column>();
        calls.forEach(call -> restart(call).ifPresent(predicate -> segments.computeIfAbsent(predicate, _ -> plans.temporary(Type.LONG))));
        if (!segments.isEmpty()) {
            ExprWriter expressions = plans.expressions(level);
            var items = new LinkedHashMap<Column, String>();
            // DuckDB counts null where there were only nulls yet, and so nothing to begin a run.
            segments.forEach((predicate, column) -> items.put(column, "coalesce(count_if(" + expressions.write(predicate) + ") " + over() + ", 0)"));
            nextLevel(items);
        }
        return segments;
    }

    /// A sum over all rows up to this one, where it is needed from the last row on that begins a run.
    private record Total(String sum, Expr restart) {}

    /// How the calls that restart follow from sums over all rows, as templates over the level that this makes.
    private Map<Expr.Call, String> ofTotals(Collection<Expr.Call> calls) {
        var sums = new LinkedHashMap<String, Column>();
        var runs = new LinkedHashMap<Total, Column>();
        var totals = new LinkedHashMap<Expr.Call, List<Total>>();
        ExprWriter expressions = plans.expressions(level);
        for (Expr.Call call : calls) {
            if (restart(call).isEmpty() || lowering(call).totals().isEmpty()) {
                continue;
            }
            List<Total> needed = lowering(call).totals().get().sums().stream()
                    .map(template -> new Total(over(template, call, expressions, Optional.empty()), restart(call).get()))
                    .toList();
            totals.put(call, needed);
            needed.forEach(total -> {
                sums.computeIfAbsent(total.sum(), _ -> plans.temporary(Type.LONG));
                runs.computeIfAbsent(total, _ -> plans.temporary(Type.LONG));
            });
        }
        if (totals.isEmpty()) {
            return Map.of();
        }
        var items = new LinkedHashMap<Column, String>();
        sums.forEach((sum, column) -> items.put(column, sum));
        nextLevel(items);
        var before = new LinkedHashMap<String, Column>();
        items.clear();
        sums.forEach((sum, column) -> {
            before.put(sum, plans.temporary(Type.LONG));
            items.put(before.get(sum), "coalesce(lag(" + Select.name(column.id()) + ") " + over() + ", 0)");
        });
        nextLevel(items);
        ExprWriter overSums = plans.expressions(level);
        items.clear();
        runs.forEach((total, column) -> items.put(column, "arg_max(" + Select.name(before.get(total.sum()).id()) + ", CASE WHEN "
                + overSums.write(total.restart()) + " THEN o END) " + over()));
        nextLevel(items);
        var templates = new LinkedHashMap<Expr.Call, String>();
        totals.forEach((call, needed) -> {
            String template = lowering(call).totals().orElseThrow().template();
            for (int i = 0; i < needed.size(); i++) {
                Total total = needed.get(i);
                template = template.replace("{total" + i + "}", "(coalesce(" + Select.name(sums.get(total.sum()).id()) + ", 0) - coalesce("
                        + Select.name(runs.get(total).id()) + ", 0))");
            }
            templates.put(call, template);
        });
        return templates;
    }

    private String over() {
        return isInOrder ? PASSING_BY : BY_NUMBER;
    }

    private String over(String template, Expr.Call call, ExprWriter expressions, Optional<Column> segment) {
        String over = segment.map(s -> "OVER (PARTITION BY " + Select.name(s.id()) + " ORDER BY o)").orElseGet(this::over);
        if (isNumbered && segment.isEmpty() && template.endsWith(ROW_NUMBER) && !plans.isLateral()) {
            // What is numbered need not be sorted to be counted once more.
            return Template.fill(template.replace(ROW_NUMBER, "o"), expressions.writeAll(call.arguments()));
        }
        String ordered = template.replace(ORDER, "o");
        String withOver = ordered.contains("{over}") ? ordered.replace("{over}", over) : ordered + " " + over;
        return Template.fill(withOver, expressions.writeAll(call.arguments()));
    }

    private void number() {
        if (!isNumbered) {
            level = level(List.of("row_number() " + over() + " AS o"));
            isNumbered = true;
        }
    }

    private void nextLevel(Map<Column, String> items) {
        List<String> more = items.entrySet().stream().map(item -> item.getValue() + " AS " + Select.name(item.getKey().id())).toList();
        Select next = level(more);
        columns.addAll(items.keySet());
        level = next.withValues(next.plainValues(columns));
    }

    private Select level(List<String> more) {
        var items = new ArrayList<>(List.of(level.items(columns)));
        if (isNumbered) {
            items.add("o");
        }
        items.addAll(more);
        return Select.from("(" + level.sqlSelecting(String.join(", ", items)) + ") AS " + plans.alias("q"), level.plainValues(columns));
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

    private static boolean looksAhead(Expr.Call call) {
        String template = lowering(call).template();
        // Backwards by fewer rows than none is ahead.
        boolean isBack = call.arguments().size() < 2 || call.arguments().get(1) instanceof Expr.Constant(Type _, Number rows) && rows.longValue() >= 0;
        return template.startsWith("lead(") || template.startsWith("lag(") && !isBack;
    }

    private static Lowering.Window lowering(Expr.Call call) {
        return (Lowering.Window) call.lowering();
    }

    /// What begins a new run of rows, unless nothing does.
    private static Optional<Expr> restart(Expr.Call call) {
        OptionalInt restart = lowering(call).restart();
        return restart.isEmpty() ? Optional.empty()
                : Optional.of(call.arguments().get(restart.getAsInt()))
                        .filter(predicate -> !(predicate instanceof Expr.Constant(Type _, Object value) && Boolean.FALSE.equals(value)));
    }
}
