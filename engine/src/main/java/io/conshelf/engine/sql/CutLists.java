package io.conshelf.engine.sql;

import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Lists that end after a number of values, as `make_list(x, 10)`. DuckDB's have all values of a group, in memory, before they are cut. So rows
/// whose values would be thrown away are left out before: a list by itself reads only as many rows as it has values, and beside other
/// aggregates, or in groups, the rows are counted first, which DuckDB does by way of its disk.
///
/// The lists are cut nevertheless, as a row may have several values.
final class CutLists {
    /// What is collected, of which rows, and the last place that stays.
    private static final Pattern LIST = Pattern.compile("list\\((.+?) \\{order}\\) FILTER \\(WHERE (.+?)\\)\\[1:(?:(\\d+)|any_value\\(\\{(\\d)}\\))]");

    /// Where lists end if nobody says where. Groups have more rows too rarely to count all rows for it.
    private static final long UNLESS_TOLD = 1_048_576;

    private final PlanWriter plans;
    private final Select input;
    private final List<Column> columns;
    private final List<Expr> keys;
    private final boolean isNumbered;
    private final Map<String, Column> counts = new LinkedHashMap<>();

    private CutLists(PlanWriter plans, Select input, List<Column> columns, List<Expr> keys, boolean isNumbered) {
        this.plans = plans;
        this.input = input;
        this.columns = columns;
        this.keys = keys;
        this.isNumbered = isNumbered;
    }

    /// The rows that are left, and what is computed of them.
    record Cut(Select rows, List<Expr> expressions) {}

    /// @param rows whose values it collects, as a template of its arguments
    private record Found(Expr.Aggregate list, String rows, long max) {}

    /// @param expressions the keys of the groups, then what is computed of each
    /// @param isNumbered  whether the lists are in the order of the column `o`
    static Cut cut(PlanWriter plans, Select input, Plan.Aggregate aggregate, List<Expr> expressions, boolean isNumbered) {
        int keys = aggregate.keys().size();
        List<Expr.Aggregate> all = aggregates(expressions);
        // Beside the rows of another SELECT there are few.
        if (plans.isLateral() || all.stream().noneMatch(one -> found(one).isPresent()) || References.askQueries(expressions)) {
            return new Cut(input, expressions);
        }
        var lists = new CutLists(plans, input, aggregate.input().columns(), expressions.subList(0, keys), isNumbered);
        return keys == 0 && all.size() == 1 ? lists.first(found(all.getFirst()).orElseThrow(), expressions) : lists.counted(expressions);
    }

    private static List<Expr.Aggregate> aggregates(List<Expr> expressions) {
        var all = new ArrayList<Expr.Aggregate>();
        for (Expr expression : expressions) {
            switch (expression) {
                case Expr.Aggregate aggregate -> all.add(aggregate);
                case Expr.Call call -> all.addAll(aggregates(call.arguments()));
                case Expr.InQuery _, Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> {}
            }
        }
        return all;
    }

    private static Optional<Found> found(Expr.Aggregate aggregate) {
        Matcher list = LIST.matcher(aggregate.template());
        if (!list.find()) {
            return Optional.empty();
        }
        List<Expr> arguments = aggregate.arguments();
        Optional<Long> max = list.group(3) != null ? Optional.of(Long.valueOf(list.group(3))) : number(arguments.get(Integer.parseInt(list.group(4))));
        // Of arrays the list of all elements is cut, by the last argument.
        Optional<Long> elements = arguments.size() > 1 ? number(arguments.getLast()) : Optional.empty();
        return max.map(rows -> Math.min(rows, elements.orElse(rows))).filter(rows -> rows > 0)
                .map(rows -> new Found(aggregate, list.group(2), rows));
    }

    private static Optional<Long> number(Expr expression) {
        return expression instanceof Expr.Constant(Type _, Number number) ? Optional.of(number.longValue()) : Optional.empty();
    }

    private Cut first(Found list, List<Expr> expressions) {
        String rows = rowsOf(list);
        if (!mayHaveMoreRows(list) || PlanWriter.isVolatile(rows)) {
            return new Cut(input, expressions);
        }
        // Numbered rows pass by in their order.
        Select first = input.and(rows).limitedTo(Long.toString(list.max()));
        return new Cut(nested(first, ""), expressions.stream().map(CutLists::withConstantEnd).toList());
    }

    /// Behind a limit of many rows one thread reads them, in their order. Where nobody asked for it, rows are chosen by all threads instead.
    private boolean mayHaveMoreRows(Found list) {
        long known = plans.tableRows(input.from());
        return known > 0 ? known > list.max() && (list.max() < UNLESS_TOLD || input.where().isEmpty()) : list.max() < UNLESS_TOLD || isNumbered;
    }

    /// Where no row is left, none tells the end of its list.
    private static Expr withConstantEnd(Expr expression) {
        return withAggregates(expression, list -> {
            int last = list.arguments().size() - 1;
            return new Expr.Aggregate(list.function(), list.template().replace("any_value({" + last + "})", "{" + last + "}"), list.arguments(), list.type());
        });
    }

    private Cut counted(List<Expr> expressions) {
        List<Expr> replaced = expressions.stream().map(expression -> withAggregates(expression, this::counted)).toList();
        if (counts.isEmpty()) {
            return new Cut(input, expressions);
        }
        var items = new StringBuilder();
        counts.forEach((count, column) -> items.append(", ").append(count).append(" AS ").append(Select.name(column.id())));
        Select rows = nested(input, items.toString());
        var values = new LinkedHashMap<>(rows.values());
        counts.values().forEach(column -> values.put(column.id(), Select.name(column.id())));
        return new Cut(rows.withValues(values), replaced);
    }

    private Expr.Aggregate counted(Expr.Aggregate aggregate) {
        Optional<Found> list = found(aggregate).filter(found -> found.max() < UNLESS_TOLD);
        if (list.isEmpty()) {
            return aggregate;
        }
        String rows = rowsOf(list.get());
        String groups = String.join(", ", plans.expressions(input).writeAll(keys));
        if (PlanWriter.isVolatileToDuckDb(rows + groups)) {
            return aggregate;
        }
        // Without groups rows are counted as they pass by, which they do in their order.
        String each = keys.isEmpty() ? "" : "PARTITION BY " + groups + (isNumbered ? " ORDER BY o " : " ");
        String count = "count(CASE WHEN " + rows + " THEN 1 END) OVER (" + each + "ROWS UNBOUNDED PRECEDING)";
        Column column = counts.computeIfAbsent(count, _ -> plans.temporary(Type.LONG));
        var arguments = new ArrayList<>(aggregate.arguments());
        arguments.add(new Expr.Ref(column));
        String within = "{" + (arguments.size() - 1) + "} <= " + list.get().max() + " AND ";
        return new Expr.Aggregate(aggregate.function(), aggregate.template().replace("FILTER (WHERE ", "FILTER (WHERE " + within), arguments, aggregate.type());
    }

    private String rowsOf(Found list) {
        return Template.fill(list.rows(), plans.expressions(input).writeAll(list.list().arguments()));
    }

    private Select nested(Select rows, String items) {
        String all = rows.items(columns) + (isNumbered ? ", o" : "") + items;
        return Select.from("(" + rows.sqlSelecting(all) + ") AS " + plans.alias("q"), rows.plainValues(columns));
    }

    private static Expr withAggregates(Expr expression, UnaryOperator<Expr.Aggregate> change) {
        return switch (expression) {
            case Expr.Aggregate aggregate -> change.apply(aggregate);
            case Expr.Call call -> new Expr.Call(call.function(), call.lowering(),
                    call.arguments().stream().map(argument -> withAggregates(argument, change)).toList(), call.type());
            case Expr.InQuery _, Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> expression;
        };
    }
}
