package io.conshelf.engine.sql;

import io.conshelf.kql.function.Conversions;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Lowering.IntrinsicFunction;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Series;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `make-series`: aggregates by key and bin, spread over a grid of every key and every bin, gathered into arrays.
final class MakeSeriesSql {
    /// As an array has at most so many elements.
    private static final int BINS_MAX = 1_048_576;

    private final PlanWriter plans;
    private final Plan.MakeSeries series;
    private final String rows;
    private final String bounds;
    private final String groups;
    private final String grid;
    private final Column axis;

    private MakeSeriesSql(PlanWriter plans, Plan.MakeSeries series) {
        this.plans = plans;
        this.series = series;
        rows = plans.alias("m");
        bounds = plans.alias("m");
        groups = plans.alias("m");
        grid = plans.alias("m");
        axis = plans.temporary(series.axis().column().type() == Type.DYNAMIC
                ? series.axis().value().type()
                : series.axis().column().type());
    }

    static Select select(PlanWriter plans, Plan.MakeSeries series) {
        return new MakeSeriesSql(plans, series).select();
    }

    private Select select() {
        List<Column> columns = series.input().columns();
        Select input = plans.nest(plans.select(series.input()), series.input());
        String axisSql = plans.expressions(input).write(series.axis().value());
        String rowsSql = input.sqlSelecting(PlanWriter.plainItems(columns) + axisSql + " AS a");
        if (!isFixed()) {
            plans.with(rows, rowsSql);
        }
        plans.with(bounds, boundsSql());
        plans.with(groups, groupsSql(columns, isFixed() ? "(" + rowsSql + ") AS " + rows : rows));
        plans.with(grid, "SELECT " + array(dynamic(place(), axis.type())) + " AS x FROM " + bounds
                + " CROSS JOIN generate_series(0, (SELECT bins - 1 FROM " + bounds + ")) AS n(i)");
        return Select.from("(" + gatheredSql() + ") AS " + plans.alias("q"), PlanWriter.plain(series.columns()));
    }

    /// Whether both ends are told: then rows need not be kept to look for them, and DuckDB knows the bounds while it plans.
    /// What has to be looked up, or may come out otherwise another time, is told once; beside each row of another SELECT so is all.
    private boolean isFixed() {
        return !plans.isLateral() && series.from().filter(MakeSeriesSql::isWritten).isPresent()
                && series.to().filter(MakeSeriesSql::isWritten).isPresent() && isWritten(series.step());
    }

    private static boolean isWritten(Expr expr) {
        return switch (expr) {
            case Expr.Constant _, Expr.Null _ -> true;
            case Expr.Call call -> !(call.lowering() instanceof Lowering.Intrinsic(IntrinsicFunction function) && function != IntrinsicFunction.NOW)
                    && call.arguments().stream().allMatch(MakeSeriesSql::isWritten);
            case Expr.Ref _, Expr.Aggregate _, Expr.ScalarQuery _, Expr.InQuery _ -> false;
        };
    }

    private String constant(Expr value) {
        return Template.atom(plans.expressions(Select.from("", Map.of())).write(value));
    }

    // One row: lo, hi, step, and the number of bins.
    private String boundsSql() {
        String from = series.from().map(this::constant).orElseGet(this::firstBin);
        String to = series.to().map(this::constant).orElse("(SELECT max(a) FROM " + rows + ")");
        String all = "SELECT lo, hi, step, " + bins("lo", "step", "hi") + " AS n FROM (SELECT " + from + " AS lo, " + constant(series.step())
                + " AS step, " + to + " AS hi)";
        return "SELECT lo, hi, step, CASE WHEN n > " + BINS_MAX + " THEN error('make-series: the step makes more than " + BINS_MAX
                + " bins between the ends') ELSE n END AS bins FROM (" + all + ")";
    }

    /// Where no beginning is told it is that of the first bin with a row.
    private String firstBin() {
        String step = constant(series.step());
        String least = isWhole() ? "min(a) - (min(a) % " + step + " + " + step + ") % " + step : "floor(min(a) / " + step + ") * " + step;
        return "(SELECT CASE WHEN " + step + " > 0 THEN " + least + " ELSE min(a) END FROM " + rows + ")";
    }

    /// An end that is told is behind the last bin, that of the last row within it.
    private String bins(String lo, String step, String hi) {
        String bins = series.to().isEmpty() ? bin(hi, lo, step) + " + 1"
                : isWhole() ? "(" + hi + " - " + lo + " + " + step + " - 1) // " + step
                        : "CAST(ceil((" + hi + " - " + lo + ") / " + step + ") AS BIGINT)";
        return "greatest(" + bins + ", 0)";
    }

    /// DuckDB divides decimals as reals.
    private String place() {
        return axis.type() == Type.DECIMAL ? "CAST(lo + i * step AS DECIMAL(38,17))" : "(lo + i * step)";
    }

    private boolean isWhole() {
        return axis.type() != Type.REAL && axis.type() != Type.DECIMAL;
    }

    private String bin(String value, String lo, String step) {
        if (isWhole()) {
            return "((" + value + " - " + lo + ") // " + step + ")";
        }
        // A series that begins with a bin has the bins of bin(): the product of a real step may be a little more than what it is the bin of.
        return series.from().isPresent()
                ? "CAST(floor((" + value + " - " + lo + ") / " + step + ") AS BIGINT)"
                : "CAST(floor(" + value + " / " + step + ") - round(" + lo + " / " + step + ") AS BIGINT)";
    }

    private String groupsSql(List<Column> columns, String from) {
        String lo = isFixed() ? constant(series.from().orElseThrow()) : "lo";
        String step = isFixed() ? constant(series.step()) : "step";
        String bin = bin("a", lo, step);
        Optional<String> end = series.to().map(to -> isFixed() ? constant(to) : "hi");
        Select rowsOfAll = Select.from(isFixed() ? from : from + ", " + bounds, PlanWriter.plain(columns));
        Select source = (series.from().isPresent() ? rowsOfAll.and("a >= " + lo) : rowsOfAll)
                .and(end.map(to -> "a < " + to).orElseGet(() -> bin + " < bins"));
        ExprWriter expressions = plans.expressions(source);
        var items = new ArrayList<String>();
        series.keys().forEach(key -> items.add(expressions.write(key.value()) + " AS " + name(key.column())));
        items.add(bin + " AS b");
        if (series.series().stream().allMatch(s -> s.aggregate() instanceof Expr.Aggregate)) {
            series.series().forEach(s -> items.add(expressions.write(s.aggregate()) + " AS " + name(s.column())));
            return source.sqlSelecting(String.join(", ", items)) + Select.groupBy(series.keys().size() + 1);
        }
        return computedSql(source, expressions, items);
    }

    /// What is computed of aggregates is so in a step behind them: DuckDB takes none inside of `TRY`, with which sums are written.
    private String computedSql(Select source, ExprWriter expressions, List<String> keys) {
        var aggregates = new LinkedHashMap<Expr.Aggregate, Column>();
        series.series().forEach(s -> collect(s.aggregate(), aggregates));
        var items = new ArrayList<>(keys);
        aggregates.forEach((aggregate, column) -> items.add(expressions.write(aggregate) + " AS " + name(column)));
        String grouped = "(" + source.sqlSelecting(String.join(", ", items)) + Select.groupBy(series.keys().size() + 1) + ") AS " + plans.alias("q");
        ExprWriter behind = plans.expressions(Select.from(grouped, PlanWriter.plain(List.copyOf(aggregates.values()))));
        var computed = new ArrayList<String>();
        series.keys().forEach(key -> computed.add(name(key.column())));
        computed.add("b");
        series.series().forEach(s -> computed.add(behind.write(ofColumns(s.aggregate(), aggregates)) + " AS " + name(s.column())));
        return "SELECT " + String.join(", ", computed) + " FROM " + grouped;
    }

    private void collect(Expr expr, Map<Expr.Aggregate, Column> into) {
        switch (expr) {
            case Expr.Aggregate aggregate -> into.computeIfAbsent(aggregate, _ -> plans.temporary(aggregate.type()));
            case Expr.Call call -> call.arguments().forEach(argument -> collect(argument, into));
            case Expr.InQuery in -> collect(in.needle(), into);
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> { }
        }
    }

    private static Expr ofColumns(Expr expr, Map<Expr.Aggregate, Column> columns) {
        return switch (expr) {
            case Expr.Aggregate aggregate -> new Expr.Ref(columns.get(aggregate));
            case Expr.Call call -> new Expr.Call(call.function(), call.lowering(),
                    call.arguments().stream().map(argument -> ofColumns(argument, columns)).toList(), call.type());
            case Expr.InQuery in -> new Expr.InQuery(ofColumns(in.needle(), columns), in.plan(), in.ignoreCase());
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> expr;
        };
    }

    private String gatheredSql() {
        List<String> keys = series.keys().stream().map(key -> name(key.column())).toList();
        String present = keys.isEmpty()
                ? "(SELECT 1 AS present" + (series.nonEmpty() ? "" : " WHERE EXISTS (FROM " + groups + ")") + ")"
                : "(SELECT DISTINCT " + String.join(", ", keys) + " FROM " + groups + ")";
        String match = keys.stream()
                .map(key -> "g." + key + " IS NOT DISTINCT FROM k." + key + " AND ")
                .collect(Collectors.joining());
        var items = new ArrayList<String>();
        keys.forEach(key -> items.add("k." + key + " AS " + key));
        series.series().forEach(s -> items.add(values(s) + " AS " + name(s.column())));
        items.add("(SELECT x FROM " + grid + ") AS " + name(series.axis().column()));
        String sql = "SELECT " + String.join(", ", items) + " FROM " + bounds + " CROSS JOIN generate_series(0, (SELECT bins - 1 FROM "
                + bounds + ")) AS n(i) CROSS JOIN " + present + " AS k LEFT JOIN " + groups + " AS g ON " + match
                + "g.b = i";
        return keys.isEmpty()
                ? sql + " HAVING count(*) > 0"
                : sql + " GROUP BY " + keys.stream().map(key -> "k." + key).collect(Collectors.joining(", "));
    }

    private String values(Series s) {
        // Whole numbers are sorted and written as such sooner than as texts.
        return s.aggregate().type().isInteger() && s.missing().type().isInteger()
                ? "CAST(to_json(list(CASE WHEN g.b IS NULL THEN " + missing(s) + " ELSE g." + name(s.column()) + " END ORDER BY i)) AS VARCHAR)"
                : array(element(s));
    }

    private String missing(Series s) {
        return plans.expressions(Select.from("", Map.of())).write(s.missing());
    }

    private String element(Series s) {
        String present = dynamic("g." + name(s.column()), s.aggregate().type());
        return "CASE WHEN g.b IS NULL THEN " + dynamic(missing(s), s.missing().type()) + " ELSE " + present + " END";
    }

    private String dynamic(String sql, Type type) {
        Column column = plans.temporary(type);
        var values = new LinkedHashMap<Integer, String>();
        values.put(column.id(), sql);
        return plans.expressions(Select.from("", values)).write(Conversions.convert(new Expr.Ref(column), Type.DYNAMIC));
    }

    private static String array(String element) {
        return "'[' || string_agg(coalesce(" + element + ", 'null'), ',' ORDER BY i) || ']'";
    }

    private static String name(Column column) {
        return Select.name(column.id());
    }
}
