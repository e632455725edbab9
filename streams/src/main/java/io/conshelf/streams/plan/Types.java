package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.Expression.BinaryOperator;
import io.conshelf.streams.expression.Expression.Type;
import io.conshelf.streams.value.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The types that columns have whatever the events are. Mostly nothing is known: the type belongs to each value. NULL is of every type.
final class Types {
    private final List<Step> steps;
    private final QueryContext context;
    private final Map<Integer, Map<String, Type>> records = new HashMap<>();

    Types(List<Step> steps, QueryContext context) {
        this.steps = steps;
        this.context = context;
    }

    /// Of the columns of the one record that a step's rows are.
    Map<String, Type> record(int step) {
        Map<String, Type> known = records.get(step);
        if (known == null) {
            known = computed(steps.get(step));
            records.put(step, known);
        }
        return known;
    }

    private Map<String, Type> computed(Step step) {
        Map<String, Type> types = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        switch (step) {
            case Step.Source source -> source.schema().forEach(column -> types.put(column.name(), column.type()));
            case Step.Reference reference -> reference.schema().forEach(column -> types.put(column.name(), column.type()));
            case Step.Filter filter -> types.putAll(record(filter.from()));
            case Step.Extend extend -> types.putAll(record(extend.from()));
            case Step.Analytics analytics -> types.putAll(record(analytics.from()));
            case Step.Apply apply -> types.putAll(record(apply.from()));
            case Step.ReferenceJoin join -> types.putAll(record(join.left()));
            case Step.StreamJoin join -> types.putAll(record(join.left()));
            case Step.Aggregate _, Step.Match _ -> { }
            case Step.Project(int from, var items) -> {
                for (Step.Item item : items) {
                    switch (item) {
                        case Step.Item.Named(String name, Expression value) -> of(value, from).ifPresent(type -> types.putIfAbsent(name, type));
                        // a field of an event may come before the named column of its name
                        case Step.Item.All _ -> {
                            return Map.of();
                        }
                    }
                }
            }
            case Step.Union union -> {
                types.putAll(record(union.from().getFirst()));
                for (int part : union.from()) {
                    types.entrySet().removeIf(entry -> record(part).get(entry.getKey()) != entry.getValue());
                }
            }
        }
        return types;
    }

    /// Of a value over the rows of a step.
    Optional<Type> of(Expression expression, int from) {
        return switch (expression) {
            case Expression.Literal(Value value, _) -> of(value);
            case Expression.Timestamp _ -> Optional.of(Type.DATETIME);
            case Expression.Slot(int slot, _) -> slot(steps.get(from), slot);
            case Expression.Field(Expression.Slot(int slot, _), String name, _) -> slot == 0 ? Optional.ofNullable(record(from).get(name)) : Optional.empty();
            case Expression.Cast(_, Type to, _, _) -> Optional.of(to);
            case Expression.Case(var branches, Expression otherwise, _) -> branches.stream().map(branch -> of(branch.then(), from))
                    .reduce(isNull(otherwise) ? of(branches.getFirst().then(), from) : of(otherwise, from),
                            (one, other) -> one.equals(other) ? one : Optional.empty());
            case Expression.Call(String function, var arguments, _) -> of(function);
            case Expression.Binary(var operator, Expression left, Expression right, _) -> arithmetic(operator, of(left, from), of(right, from));
            case Expression.UserCall(String name, _, _) -> context.texts().contains(name) ? Optional.of(Type.NVARCHAR) : Optional.empty();
            case Expression.Field _, Expression.Element _, Expression.Unary _, Expression.Like _, Expression.Between _, Expression.In _, Expression.IsNull _ -> Optional.empty();
        };
    }

    private static boolean isNull(Expression expression) {
        return expression instanceof Expression.Literal(Value value, _) && value instanceof Value.Null;
    }

    private static Optional<Type> of(Value value) {
        return switch (value) {
            case Value.Null _ -> Optional.empty();
            case Value.BigInt _ -> Optional.of(Type.BIGINT);
            case Value.FloatingPoint _ -> Optional.of(Type.FLOAT);
            case Value.Text _ -> Optional.of(Type.NVARCHAR);
            case Value.DateTime _ -> Optional.of(Type.DATETIME);
            case Value.Bit _ -> Optional.of(Type.BIT);
            case Value.Record _ -> Optional.of(Type.RECORD);
            case Value.Array _ -> Optional.of(Type.ARRAY);
        };
    }

    private static Optional<Type> arithmetic(BinaryOperator operator, Optional<Type> left, Optional<Type> right) {
        return switch (operator) {
            case ADD, SUBTRACT, MULTIPLY, DIVIDE -> left.isPresent() && left.equals(right) && (left.get() == Type.BIGINT || left.get() == Type.FLOAT) ? left
                    : Optional.empty();
            case REMAINDER, BIT_AND, BIT_OR, BIT_XOR, EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, AND, OR -> Optional.empty();
        };
    }

    /// Of functions that give one type alone.
    private static Optional<Type> of(String function) {
        return switch (function) {
            case "DATEDIFF", "DATEPART", "DAY", "MONTH", "YEAR", "LEN", "CHARINDEX", "PATINDEX", "GetArrayLength", "UNICODE" -> Optional.of(Type.BIGINT);
            case "DATEADD", "DATETIMEFROMPARTS" -> Optional.of(Type.DATETIME);
            case "CONCAT", "CONCAT_WS", "LOWER", "UPPER", "LTRIM", "RTRIM", "TRIM", "REPLACE", "SUBSTRING", "LEFT", "RIGHT", "DATENAME", "GetType" ->
                Optional.of(Type.NVARCHAR);
            case "JSON_PARSE", "CreatePoint", "CreateLineString", "CreatePolygon" -> Optional.of(Type.RECORD);
            default -> Optional.empty();
        };
    }

    private Optional<Type> slot(Step from, int slot) {
        return switch (from) {
            case Step.Filter filter -> slot(steps.get(filter.from()), slot);
            case Step.Aggregate aggregate -> {
                int keys = aggregate.keys().size();
                int call = slot - keys;
                yield slot < keys ? of(aggregate.keys().get(slot), aggregate.from())
                        : call < aggregate.aggregates().size() ? of(aggregate.aggregates().get(call)) : Optional.of(Type.NVARCHAR);
            }
            case Step.Source _, Step.Reference _, Step.Project _, Step.Extend _, Step.Analytics _, Step.Apply _, Step.ReferenceJoin _, Step.StreamJoin _,
                    Step.Match _, Step.Union _ -> Optional.empty();
        };
    }

    private static Optional<Type> of(AggregateCall call) {
        if (call.declared() == AggregateCall.Declared.BY_THE_JOB) {
            return Optional.empty();
        }
        return switch (call.function()) {
            case "COUNT" -> Optional.of(Type.BIGINT);
            case "AVG", "STDEV", "STDEVP", "VAR", "VARP", "Percentile_Cont" -> Optional.of(Type.FLOAT);
            case "Collect", "CollectTop" -> Optional.of(Type.ARRAY);
            default -> Optional.empty();
        };
    }

    /// Those of some columns.
    Map<String, Type> of(int step, List<String> columns) {
        Map<String, Type> types = record(step);
        return columns.stream().filter(types::containsKey).collect(Collectors.toMap(name -> name, types::get, (one, _) -> one));
    }
}
