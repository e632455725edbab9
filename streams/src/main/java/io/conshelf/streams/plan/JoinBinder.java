package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.Expression.BinaryOperator;
import io.conshelf.streams.expression.ExpressionText;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Call;
import io.conshelf.streams.query.Syntax.Expr;
import io.conshelf.streams.query.Syntax.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Takes the condition of a JOIN apart: bounds in time, keys that must be equal, and the rest.
final class JoinBinder {
    private final Problems problems;
    private final Scope scope;
    private final SelectNames names;
    private final Calls calls;

    JoinBinder(Problems problems, Scope scope, SelectNames names, Calls calls) {
        this.problems = problems;
        this.scope = scope;
        this.names = names;
        this.calls = calls;
    }

    /// A join whose expressions read virtual slots.
    ///
    /// @param right the joined source
    record Joined(int right, Step.JoinKind kind, List<Step.TimeBound> bounds, List<Step.EqualKey> equal, Expression residual) {}

    /// @param right the source that is joined, added to the scope already
    Joined bind(Syntax.Join join, int right) {
        Relation joined = scope.relation(right);
        boolean isStream = joined.kind() == Relation.Kind.STREAM;
        List<Step.TimeBound> bounds = new ArrayList<>();
        List<Step.EqualKey> equal = new ArrayList<>();
        List<Expression> residual = new ArrayList<>();
        for (Expr condition : join.on().map(on -> conditions(on, new ArrayList<>())).orElse(List.of())) {
            Optional<Step.TimeBound> bound = isStream ? timeBound(condition, right) : Optional.empty();
            if (bound.isPresent()) {
                bounds.add(bound.get());
                continue;
            }
            Expression bound2 = names.at(Place.ON, () -> names.expressions().bind(condition));
            equalKey(bound2, right).ifPresentOrElse(equal::add, () -> residual.add(bound2));
        }
        if (isStream) {
            checkBounds(join, joined, bounds);
            checkKeys(join, right, equal);
        }
        return new Joined(right, join.type() == Syntax.JoinType.LEFT ? Step.JoinKind.LEFT : Step.JoinKind.INNER, bounds, equal, all(residual));
    }

    private static List<Expr> conditions(Expr on, List<Expr> into) {
        if (on instanceof Syntax.Binary(var operator, Expr left, Expr right, _) && operator == BinaryOperator.AND) {
            conditions(left, into);
            conditions(right, into);
        } else {
            into.add(on);
        }
        return into;
    }

    private static Expression all(List<Expression> conditions) {
        return conditions.stream().reduce((left, right) -> new Expression.Binary(BinaryOperator.AND, left, right, left.span())).orElse(Expression.TRUE);
    }

    // ---------------------------------------------------------------- bounds in time

    private Optional<Step.TimeBound> timeBound(Expr condition, int right) {
        return switch (condition) {
            case Syntax.Between(Call call, Expr low, Expr high, _) -> difference(call, right).flatMap(difference -> {
                OptionalLong from = ExpressionBinder.constant(low);
                OptionalLong to = ExpressionBinder.constant(high);
                return from.isEmpty() || to.isEmpty() ? Optional.empty() : Optional.of(difference.bound(from.getAsLong(), to.getAsLong()));
            });
            case Syntax.Binary(var operator, Call call, Expr number, _) -> compared(operator, call, number, right);
            case Syntax.Binary(var operator, Expr number, Call call, _) -> compared(turned(operator), call, number, right);
            default -> Optional.empty();
        };
    }

    private Optional<Step.TimeBound> compared(BinaryOperator operator, Call call, Expr number, int right) {
        OptionalLong constant = ExpressionBinder.constant(number);
        if (constant.isEmpty() || constant.getAsLong() == Long.MIN_VALUE || constant.getAsLong() == Long.MAX_VALUE) {
            return Optional.empty();
        }
        long value = constant.getAsLong();
        return difference(call, right).flatMap(difference -> switch (operator) {
            case EQUAL -> Optional.of(difference.bound(value, value));
            case LESS -> Optional.of(difference.bound(Long.MIN_VALUE, value - 1));
            case LESS_OR_EQUAL -> Optional.of(difference.bound(Long.MIN_VALUE, value));
            case GREATER -> Optional.of(difference.bound(value + 1, Long.MAX_VALUE));
            case GREATER_OR_EQUAL -> Optional.of(difference.bound(value, Long.MAX_VALUE));
            case NOT_EQUAL, ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, BIT_AND, BIT_OR, BIT_XOR, AND, OR -> Optional.empty();
        });
    }

    private static BinaryOperator turned(BinaryOperator operator) {
        return switch (operator) {
            case LESS -> BinaryOperator.GREATER;
            case LESS_OR_EQUAL -> BinaryOperator.GREATER_OR_EQUAL;
            case GREATER -> BinaryOperator.LESS;
            case GREATER_OR_EQUAL -> BinaryOperator.LESS_OR_EQUAL;
            case EQUAL, NOT_EQUAL, ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, BIT_AND, BIT_OR, BIT_XOR, AND, OR -> operator;
        };
    }

    /// DATEDIFF between the joined source and one before it.
    private record Difference(TimeUnit unit, Expression leftTime, Direction direction) {
        Step.TimeBound bound(long low, long high) {
            return direction == Direction.FORTH ? new Step.TimeBound(unit, leftTime, low, high)
                    : new Step.TimeBound(unit, leftTime, negated(high), negated(low));
        }

        private static long negated(long value) {
            return value == Long.MAX_VALUE ? Long.MIN_VALUE : value == Long.MIN_VALUE ? Long.MAX_VALUE : -value;
        }
    }

    private enum Direction { FORTH, BACK }

    private Optional<Difference> difference(Call call, int right) {
        if (!call.text().equalsIgnoreCase("DATEDIFF") || call.arguments().size() != 3 || !(call.arguments().get(0) instanceof Syntax.Named(Name unitName, _))
                || !(call.arguments().get(1) instanceof Syntax.Named(Name from, _)) || !(call.arguments().get(2) instanceof Syntax.Named(Name to, _))) {
            return Optional.empty();
        }
        OptionalInt first = scope.find(from.text());
        OptionalInt second = scope.find(to.text());
        Optional<TimeUnit> unit = TimeUnit.named(unitName.text());
        if (unit.isEmpty() || first.isEmpty() || second.isEmpty() || first.getAsInt() == second.getAsInt()
                || first.getAsInt() != right && second.getAsInt() != right) {
            return Optional.empty();
        }
        Direction direction = second.getAsInt() == right ? Direction.FORTH : Direction.BACK;
        int left = direction == Direction.FORTH ? first.getAsInt() : second.getAsInt();
        return scope.relation(left).kind() == Relation.Kind.STREAM ? Optional.of(new Difference(unit.get(), leftTime(left, right, from.span()), direction))
                : Optional.empty();
    }

    // A left row of one event has the time of that event.
    private Expression leftTime(int left, int right, Span span) {
        long streams = scope.relations().subList(0, right).stream().filter(relation -> relation.kind() == Relation.Kind.STREAM).count();
        return streams == 1 ? new Expression.Timestamp(span) : names.time(left, span);
    }

    private void checkBounds(Syntax.Join join, Relation joined, List<Step.TimeBound> bounds) {
        boolean isBounded = bounds.stream().anyMatch(bound -> bound.low() != Long.MIN_VALUE)
                && bounds.stream().anyMatch(bound -> bound.high() != Long.MAX_VALUE);
        if (!isBounded) {
            problems.error(join.span(), "the JOIN with '%s' must be bounded in time: ON … AND DATEDIFF(unit, %s, %s) BETWEEN low AND high", joined.name(),
                    scope.relation(0).name(), joined.name());
        }
        for (Step.TimeBound bound : bounds) {
            if (bound.low() > bound.high()) {
                problems.error(join.span(), "no time is both from %d on and up to %d", bound.low(), bound.high());
            } else if (tooLong(bound.low(), bound.unit()) || tooLong(bound.high(), bound.unit())) {
                problems.error(join.span(), "a JOIN reaches at most 7 days");
            }
        }
    }

    private static boolean tooLong(long count, TimeUnit unit) {
        return count != Long.MIN_VALUE && count != Long.MAX_VALUE && Math.abs(count) > WindowBinder.LENGTH_MAX / unit.ticks();
    }

    // ---------------------------------------------------------------- keys

    private Optional<Step.EqualKey> equalKey(Expression condition, int right) {
        if (!(condition instanceof Expression.Binary(var operator, Expression a, Expression b, _)) || operator != BinaryOperator.EQUAL) {
            return Optional.empty();
        }
        if (isOf(a, right) && isBefore(b, right)) {
            return Optional.of(new Step.EqualKey(b, a));
        }
        return isOf(b, right) && isBefore(a, right) ? Optional.of(new Step.EqualKey(a, b)) : Optional.empty();
    }

    private boolean isOf(Expression expression, int right) {
        Set<Integer> relations = reads(expression);
        return relations.size() == 1 && relations.contains(right) && !readsTimestamp(expression);
    }

    private boolean isBefore(Expression expression, int right) {
        Set<Integer> relations = reads(expression);
        return !relations.isEmpty() && !relations.contains(right) && !readsTimestamp(expression);
    }

    private Set<Integer> reads(Expression expression) {
        Set<Integer> relations = Slots.relationsOf(List.of(expression));
        for (int call : Slots.analyticsOf(List.of(expression))) {
            relations.addAll(Slots.relationsOf(Calls.expressions(calls.analytics().get(call))));
        }
        return relations;
    }

    private static boolean readsTimestamp(Expression expression) {
        boolean[] reads = new boolean[1];
        Rewrite.each(expression, one -> {
            reads[0] |= one instanceof Expression.Timestamp;
            return Optional.empty();
        });
        return reads[0];
    }

    /// Sources that are partitioned, or have substreams, are joined on their keys.
    private void checkKeys(Syntax.Join join, int right, List<Step.EqualKey> equal) {
        Relation joined = scope.relation(right);
        for (Relation left : scope.relations().subList(0, right)) {
            if (left.kind() != Relation.Kind.STREAM) {
                continue;
            }
            int leftIndex = scope.find(left.name()).orElseThrow();
            if (!left.partitionBy().isEmpty() && !joined.partitionBy().isEmpty() && !equates(left.partitionBy(), leftIndex, joined.partitionBy(), right, equal)) {
                problems.error(join.span(), "'%s' and '%s' are partitioned: ON must ask for equal keys of their partitions", left.name(), joined.name());
            }
            if (!left.timeKeys().isEmpty() && !joined.timeKeys().isEmpty() && !equates(left.timeKeys(), leftIndex, joined.timeKeys(), right, equal)) {
                problems.error(join.span(), "'%s' and '%s' have substreams (TIMESTAMP BY … OVER): ON must ask for equal keys of them", left.name(), joined.name());
            }
            break;
        }
    }

    private static boolean equates(List<Expression> left, int leftIndex, List<Expression> right, int rightIndex, List<Step.EqualKey> equal) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            String leftKey = ExpressionText.key(Rewrite.slots(left.get(i), _ -> Slots.record(leftIndex)));
            String rightKey = ExpressionText.key(Rewrite.slots(right.get(i), _ -> Slots.record(rightIndex)));
            if (equal.stream().noneMatch(key -> ExpressionText.key(key.left()).equals(leftKey) && ExpressionText.key(key.right()).equals(rightKey))) {
                return false;
            }
        }
        return true;
    }
}
