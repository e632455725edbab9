package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.ExpressionText;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A plan as text, one line a step: `3 filter 2: (#0.a > 1)`.
final class PlanText {
    private PlanText() {}

    static String of(Plan plan) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < plan.steps().size(); i++) {
            out.append(i).append(' ').append(step(plan.steps().get(i))).append('\n');
        }
        for (Plan.Output output : plan.outputs()) {
            out.append("output ").append(ExpressionText.name(output.name())).append(": ").append(output.step())
                    .append(output.columns().isEmpty() ? "" : " (" + columns(output) + ")").append('\n');
        }
        if (plan.lookBackTicks() > 0) {
            out.append("look-back ").append(duration(plan.lookBackTicks())).append('\n');
        }
        return out.toString();
    }

    private static String columns(Plan.Output output) {
        return output.columns().stream().map(name -> name + (output.types().containsKey(name) ? " " + ExpressionText.type(output.types().get(name)) : ""))
                .collect(Collectors.joining(", "));
    }

    private static String step(Step step) {
        return switch (step) {
            case Step.Source(String input, var schema, var time, var partitioning, _) -> "source " + ExpressionText.name(input) + schema(schema)
                    + switch (time) {
                        case Step.EventTime.Arrival _ -> "";
                        case Step.EventTime.By(Expression value, var over) ->
                            " timestamp by " + ExpressionText.of(value) + list(" over ", over);
                    } + partitioning(partitioning);
            case Step.Reference(String input, var schema, _) -> "reference " + ExpressionText.name(input) + schema(schema);
            case Step.Filter(int from, Expression predicate) -> "filter " + from + ": " + ExpressionText.of(predicate);
            case Step.Project(int from, var items) -> "project " + from + ": " + items.stream().map(PlanText::item).collect(Collectors.joining(", "));
            case Step.Extend(int from, var values) -> "extend " + from + ": " + ExpressionText.of(values);
            case Step.StreamJoin(int left, int right, var kind, var bounds, var equal, var residual, int rightSlots, var partitioning) ->
                kind(kind) + "join " + left + ", " + right + bounds.stream().map(PlanText::bound).collect(Collectors.joining()) + equal(equal)
                    + condition(" where ", residual) + slots(rightSlots) + partitioning(partitioning);
            case Step.ReferenceJoin(int left, int reference, var kind, var equal, var residual, int rightSlots) ->
                kind(kind) + "lookup " + left + ", " + reference + equal(equal) + condition(" where ", residual) + slots(rightSlots);
            case Step.Apply(int from, var function, Expression argument, var kind, _) -> (kind == Step.ApplyKind.OUTER ? "outer " : "") + "apply " + from + ": "
                    + (function == Step.ApplyFunction.ARRAY_ELEMENTS ? "GetArrayElements(" : "GetRecordProperties(") + ExpressionText.of(argument) + ")";
            case Step.Analytics(int from, var calls, var partitioning) ->
                "analytics " + from + ": " + calls.stream().map(PlanText::analytic).collect(Collectors.joining("; ")) + partitioning(partitioning);
            case Step.Aggregate(int from, var keys, var aggregates, var windows, var partitioning) -> "aggregate " + from + ": "
                    + windows.stream().map(PlanText::window).collect(Collectors.joining(", ")) + list("; keys ", keys)
                    + (aggregates.isEmpty() ? "" : "; " + aggregates.stream().map(PlanText::aggregate).collect(Collectors.joining(", ")))
                    + partitioning(partitioning);
            case Step.Match(int from, var pattern, var partitioning) -> "match " + from + ": " + match(pattern) + partitioning(partitioning);
            case Step.Union(var from) -> "union " + from.stream().map(String::valueOf).collect(Collectors.joining(", "));
        };
    }

    private static String item(Step.Item item) {
        return switch (item) {
            case Step.Item.Named(String name, Expression value) -> ExpressionText.name(name) + " = " + ExpressionText.of(value);
            case Step.Item.All(Expression of) -> ExpressionText.of(of) + ".*";
        };
    }

    private static String schema(List<Step.DeclaredColumn> schema) {
        return schema.isEmpty() ? "" : " (" + schema.stream().map(column -> ExpressionText.name(column.name()) + " " + ExpressionText.type(column.type()))
                .collect(Collectors.joining(", ")) + ")";
    }

    private static String partitioning(Step.Partitioning partitioning) {
        return list(" partition by ", partitioning.keys());
    }

    private static String list(String before, List<Expression> expressions) {
        return expressions.isEmpty() ? "" : before + ExpressionText.of(expressions);
    }

    private static String condition(String before, Expression condition) {
        return condition.equals(Expression.TRUE) ? "" : before + ExpressionText.of(condition);
    }

    private static String kind(Step.JoinKind kind) {
        return kind == Step.JoinKind.LEFT ? "left " : "";
    }

    private static String slots(int slots) {
        return slots == 1 ? "" : " slots " + slots;
    }

    private static String equal(List<Step.EqualKey> equal) {
        return equal.isEmpty() ? "" : " on " + equal.stream().map(key -> ExpressionText.of(key.left()) + " = " + ExpressionText.of(key.right()))
                .collect(Collectors.joining(", "));
    }

    private static String bound(Step.TimeBound bound) {
        String name = bound.unit().name().toLowerCase(Locale.ROOT) + "s";
        return " within " + (bound.low() == Long.MIN_VALUE ? "…" : bound.low()) + " to " + (bound.high() == Long.MAX_VALUE ? "…" : bound.high()) + " "
                + name + (bound.leftTime() instanceof Expression.Timestamp ? "" : " of " + ExpressionText.of(bound.leftTime()));
    }

    private static String window(Step.NamedWindow named) {
        return (named.id().isEmpty() ? "" : "'" + named.id() + "' ") + switch (named.window()) {
            case Window.Tumbling(long size, long offset) -> "tumbling " + duration(size) + offset(offset);
            case Window.Hopping(long size, long hop, long offset) -> "hopping " + duration(size) + " every " + duration(hop) + offset(offset);
            case Window.Sliding(long size) -> "sliding " + duration(size);
            case Window.Session(long timeout, long max, var over) -> "session " + duration(timeout) + " up to " + duration(max) + list(" over ", over);
            case Window.Snapshot _ -> "snapshot";
        };
    }

    private static String offset(long offset) {
        return offset == 0 ? "" : " offset " + duration(offset);
    }

    static String aggregate(AggregateCall call) {
        return (call.declared() == AggregateCall.Declared.BY_THE_JOB ? "uda." : "") + call.function() + "("
                + (call.quantifier() == AggregateCall.Quantifier.DISTINCT ? "DISTINCT " : "") + ExpressionText.of(call.arguments())
                + (call.order().isEmpty() ? "" : " ORDER BY " + call.order().stream().map(order -> ExpressionText.of(order.by())
                        + (order.direction() == AggregateCall.Direction.DESCENDING ? " DESC" : "")).collect(Collectors.joining(", "))) + ")";
    }

    static String analytic(AnalyticCall call) {
        return switch (call) {
            case AnalyticCall.Lag lag -> "LAG(" + ExpressionText.of(lag.value()) + ", " + lag.offset() + ", " + ExpressionText.of(lag.otherwise()) + ")"
                    + over(call, lag.limit());
            case AnalyticCall.Last last -> "LAST(" + ExpressionText.of(last.value()) + ", " + ExpressionText.of(last.otherwise()) + ")"
                    + over(call, last.limit());
            case AnalyticCall.IsFirst first -> "ISFIRST" + over(call, first.interval());
            case AnalyticCall.Over over -> aggregate(over.aggregate()) + over(call, over.limit());
            case AnalyticCall.Anomaly anomaly -> "ANOMALY " + anomaly.model() + "(" + ExpressionText.of(anomaly.value()) + ", "
                    + ExpressionText.of(anomaly.confidence()) + ", " + ExpressionText.of(anomaly.history()) + ")" + over(call, anomaly.limit());
        };
    }

    private static String over(AnalyticCall call, long limit) {
        return " in " + duration(limit) + list(" by ", call.partitionBy()) + condition(" when ", call.when());
    }

    private static String match(MatchPattern pattern) {
        return node(pattern.pattern()) + " in " + duration(pattern.limit()) + list(" by ", pattern.partitionBy())
                + pattern.definitions().stream().map(one -> "; " + one.name() + " when " + ExpressionText.of(one.condition())).collect(Collectors.joining())
                + (pattern.reads().isEmpty() ? "" : "; reads " + pattern.reads().stream().map(PlanText::read).collect(Collectors.joining(", ")))
                + "; gives " + pattern.measures().stream().map(one -> ExpressionText.name(one.name()) + " = " + ExpressionText.of(one.value()))
                        .collect(Collectors.joining(", "));
    }

    private static String read(MatchPattern.Read read) {
        return read.function() + "(" + read.name() + (read.name().isEmpty() ? "" : ": " + ExpressionText.of(read.value())) + ")";
    }

    private static String node(MatchPattern.Node node) {
        return switch (node) {
            case MatchPattern.Node.Name(String name) -> name;
            case MatchPattern.Node.AnyRow _ -> ".";
            case MatchPattern.Node.Sequence(var parts) -> "(" + parts.stream().map(PlanText::node).collect(Collectors.joining(" ")) + ")";
            case MatchPattern.Node.Either(var parts) -> "(" + parts.stream().map(PlanText::node).collect(Collectors.joining(" | ")) + ")";
            case MatchPattern.Node.Repeat(var of, int min, var max) -> node(of) + "{" + min + "," + (max.value() < 0 ? "" : max.value()) + "}";
        };
    }

    /// In the largest unit that divides it.
    static String duration(long ticks) {
        if (ticks == 0) {
            return "0s";
        }
        for (TimeUnit unit : TimeUnit.values()) {
            if (ticks % unit.ticks() == 0) {
                return ticks / unit.ticks() + switch (unit) {
                    case DAY -> "d";
                    case HOUR -> "h";
                    case MINUTE -> "min";
                    case SECOND -> "s";
                    case MILLISECOND -> "ms";
                    case MICROSECOND -> "us";
                };
            }
        }
        return ticks + " ticks";
    }
}
