package io.conshelf.kql.plan;

import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.Expansion;
import io.conshelf.kql.plan.Plan.JoinKey;
import io.conshelf.kql.plan.Plan.Series;
import io.conshelf.kql.plan.Plan.SortKey;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Writes plans in prefix form: a node a line, its inputs below it and indented.
final class PlanText {
    private final StringBuilder out = new StringBuilder();

    private PlanText() {}

    static String of(Plan plan) {
        var text = new PlanText();
        text.node(plan, 0);
        return text.out.toString().stripTrailing();
    }

    private void node(Plan plan, int depth) {
        out.append("  ".repeat(depth));
        switch (plan) {
            case Plan.Scan p -> leaf("scan " + p.table().name(), p.columns());
            case Plan.Rows p -> {
                leaf("rows", p.columns());
                p.rows().forEach(row -> line(depth + 1, list(row, PlanText::expression)));
            }
            case Plan.Supplied p -> leaf("supplied " + p.name(), p.columns());
            case Plan.Range p -> line(0, "range " + p.column() + " " + expression(p.from()) + " " + expression(p.to())
                    + " " + expression(p.step()));
            case Plan.Filter p -> over("filter " + expression(p.predicate()), depth, p.input());
            case Plan.Project p -> over("project " + assignments(p.assignments()), depth, p.input());
            case Plan.Window p -> over("window " + assignments(p.assignments()), depth, p.input());
            case Plan.Aggregate p -> over("aggregate by " + assignments(p.keys()) + " "
                    + assignments(p.aggregates()), depth, p.input());
            case Plan.Sort p -> over("sort " + list(p.keys(), PlanText::sortKey), depth, p.input());
            case Plan.Limit p -> over("limit " + expression(p.count()), depth, p.input());
            case Plan.Top p -> over("top " + expression(p.count()) + " " + list(p.keys(), PlanText::sortKey), depth,
                    p.input());
            case Plan.Serialize p -> over("serialize", depth, p.input());
            case Plan.Join p -> over("join " + p.kind().name().toLowerCase(Locale.ROOT) + " "
                    + list(p.keys(), PlanText::joinKey), depth, p.left(), p.right());
            case Plan.Union p -> over("union " + list(p.columns(), Column::toString), depth,
                    p.inputs().toArray(Plan[]::new));
            case Plan.Expand p -> over("expand " + list(p.items(), PlanText::expansion) + index(p.index())
                    + limit(p.limit()), depth, p.input());
            case Plan.Apply p -> over("apply " + list(p.items(), PlanText::expansion) + index(p.index())
                    + limit(p.limit()), depth, p.input(), p.body());
            case Plan.ApplyInput p -> leaf("apply-input", p.columns());
            case Plan.Partition p -> over("partition " + expression(p.key()), depth, p.input(), p.body());
            case Plan.MakeSeries p -> over("make-series by " + assignments(p.keys()) + " "
                    + list(p.series(), PlanText::series) + " on " + assignment(p.axis())
                    + p.from().map(e -> " from " + expression(e)).orElse("")
                    + p.to().map(e -> " to " + expression(e)).orElse("")
                    + " step " + expression(p.step()) + (p.nonEmpty() ? " nonempty" : ""), depth, p.input());
            case Plan.StepScan p -> over("step-scan declare " + list(p.declared(), Column::toString) + " = "
                    + list(p.defaults(), PlanText::expression) + " " + list(p.steps(), PlanText::step) + " as "
                    + list(p.columns(), Column::toString), depth, p.input());
            case Plan.Sessions p -> over("sessions " + p.begin() + " = " + list(p.arguments(), PlanText::expression), depth, p.input());
            case Plan.Walks p -> over("walks from " + expression(p.start()) + " over " + p.index() + " " + p.from() + " " + p.to()
                    + " nodes " + p.key() + " " + p.least() + ".." + p.most() + " cycles " + p.cycles().name().toLowerCase(Locale.ROOT)
                    + " to " + p.end() + " " + p.length() + " " + p.numbers() + " " + p.between() + " "
                    + list(p.values(), PlanText::pathValue), depth, p.input(), p.edges(), p.nodes());
            case Plan.Refused p -> leaf("refused " + p.construct(), p.columns());
            case Plan.Shared p -> {
                leaf("shared " + p.id(), p.columns());
                node(p.definition(), depth + 1);
            }
        }
    }

    private void leaf(String head, List<Column> columns) {
        line(0, head + " " + list(columns, column -> column + ":" + column.type()));
    }

    private void over(String head, int depth, Plan... inputs) {
        line(0, head);
        for (Plan input : inputs) {
            node(input, depth + 1);
        }
    }

    private void line(int depth, String text) {
        out.append("  ".repeat(depth)).append(text).append('\n');
    }

    private static String assignments(List<Assignment> assignments) {
        return list(assignments, PlanText::assignment);
    }

    private static String assignment(Assignment assignment) {
        return assignment.value() instanceof Expr.Ref(Column column) && column.equals(assignment.column())
                ? column.toString()
                : assignment.column() + " = " + expression(assignment.value());
    }

    private static String sortKey(SortKey key) {
        return expression(key.value()) + (key.descending() ? " desc" : " asc")
                + (key.nullsFirst() ? " nulls first" : " nulls last");
    }

    private static String joinKey(JoinKey key) {
        return expression(key.left()) + " == " + expression(key.right());
    }

    private static String expansion(Expansion item) {
        return item.column() + " = " + expression(item.value()) + (item.bagAsArray() ? " as array" : "");
    }

    private static String step(Plan.ScanStep step) {
        return list(step.state(), Column::toString) + " " + step.output().name().toLowerCase(Locale.ROOT) + " "
                + expression(step.condition()) + " => " + assignments(step.assignments());
    }

    private static String pathValue(Plan.PathValue value) {
        return value.column() + " = " + value.fold().name().toLowerCase(Locale.ROOT) + " " + value.of().name().toLowerCase(Locale.ROOT)
                + " " + expression(value.value());
    }

    private static String series(Series series) {
        return series.column() + " = " + expression(series.aggregate()) + " missing " + expression(series.missing());
    }

    private static String index(Optional<Column> index) {
        return index.map(column -> " index " + column).orElse("");
    }

    private static String limit(OptionalLong limit) {
        return limit.isPresent() ? " limit " + limit.getAsLong() : "";
    }

    private static <T> String list(List<T> items, Function<T, String> text) {
        return items.stream().map(text).collect(Collectors.joining(", ", "[", "]"));
    }

    static String expression(Expr expression) {
        return switch (expression) {
            case Expr.Ref ref -> ref.column().toString();
            case Expr.Constant constant -> constant.type() == Type.STRING || constant.type() == Type.DYNAMIC
                    ? constant.type() + " '" + constant.value() + "'"
                    : constant.type() + " " + constant.value();
            case Expr.Null nothing -> nothing.type() + " null";
            case Expr.Call call -> prefix(call.function(), call.arguments());
            case Expr.Aggregate call -> prefix(call.function().name(), call.arguments());
            case Expr.ScalarQuery query -> "(toscalar\n" + of(query.plan()).indent(4).stripTrailing() + ")";
            case Expr.InQuery in -> "(" + (in.ignoreCase() ? "in~ " : "in ") + expression(in.needle()) + "\n"
                    + of(in.plan()).indent(4).stripTrailing() + ")";
        };
    }

    private static String prefix(String name, List<Expr> arguments) {
        return arguments.stream().map(argument -> " " + expression(argument))
                .collect(Collectors.joining("", "(" + name, ")"));
    }
}
