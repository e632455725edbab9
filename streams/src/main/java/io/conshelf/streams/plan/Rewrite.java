package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/// Expressions made of others.
final class Rewrite {
    private Rewrite() {}

    /// @param replace what stands for an expression; empty: itself, of what its parts become
    static Expression each(Expression expression, Function<Expression, Optional<Expression>> replace) {
        Optional<Expression> replaced = replace.apply(expression);
        if (replaced.isPresent()) {
            return replaced.get();
        }
        return switch (expression) {
            case Expression.Literal literal -> literal;
            case Expression.Slot slot -> slot;
            case Expression.Timestamp timestamp -> timestamp;
            case Expression.Field(Expression of, String name, var span) -> new Expression.Field(each(of, replace), name, span);
            case Expression.Element(Expression of, int index, var span) -> new Expression.Element(each(of, replace), index, span);
            case Expression.Unary(var operator, Expression of, var span) -> new Expression.Unary(operator, each(of, replace), span);
            case Expression.Binary(var operator, Expression left, Expression right, var span) ->
                new Expression.Binary(operator, each(left, replace), each(right, replace), span);
            case Expression.Like(Expression of, Expression pattern, var span) -> new Expression.Like(each(of, replace), each(pattern, replace), span);
            case Expression.Between(Expression of, Expression low, Expression high, var span) ->
                new Expression.Between(each(of, replace), each(low, replace), each(high, replace), span);
            case Expression.In(Expression of, var among, var span) -> new Expression.In(each(of, replace), all(among, replace), span);
            case Expression.IsNull(Expression of, var span) -> new Expression.IsNull(each(of, replace), span);
            case Expression.Case(var branches, Expression otherwise, var span) -> new Expression.Case(branches.stream()
                    .map(branch -> new Expression.Branch(each(branch.when(), replace), each(branch.then(), replace))).toList(), each(otherwise, replace), span);
            case Expression.Cast(Expression of, var to, var onFailure, var span) -> new Expression.Cast(each(of, replace), to, onFailure, span);
            case Expression.Call(String function, var arguments, var span) -> new Expression.Call(function, all(arguments, replace), span);
            case Expression.UserCall(String name, var arguments, var span) -> new Expression.UserCall(name, all(arguments, replace), span);
        };
    }

    static List<Expression> all(List<Expression> expressions, Function<Expression, Optional<Expression>> replace) {
        return expressions.stream().map(one -> each(one, replace)).toList();
    }

    static Expression slots(Expression expression, IntUnaryOperator renumbered) {
        return each(expression, one -> one instanceof Expression.Slot(int index, var span)
                ? Optional.of(new Expression.Slot(renumbered.applyAsInt(index), span)) : Optional.empty());
    }

    static List<Expression> slots(List<Expression> expressions, IntUnaryOperator renumbered) {
        return expressions.stream().map(one -> slots(one, renumbered)).toList();
    }

    static AggregateCall slots(AggregateCall call, IntUnaryOperator renumbered) {
        return new AggregateCall(call.declared(), call.function(), call.quantifier(), slots(call.arguments(), renumbered),
                call.order().stream().map(order -> new AggregateCall.Order(slots(order.by(), renumbered), order.direction())).toList(), call.span());
    }

    static AnalyticCall slots(AnalyticCall call, IntUnaryOperator renumbered) {
        return switch (call) {
            case AnalyticCall.Lag(var value, int offset, var otherwise, long limit, var partitionBy, var when, var span) -> new AnalyticCall.Lag(
                    slots(value, renumbered), offset, slots(otherwise, renumbered), limit, slots(partitionBy, renumbered), slots(when, renumbered), span);
            case AnalyticCall.Last(var value, var otherwise, long limit, var partitionBy, var when, var span) -> new AnalyticCall.Last(
                    slots(value, renumbered), slots(otherwise, renumbered), limit, slots(partitionBy, renumbered), slots(when, renumbered), span);
            case AnalyticCall.IsFirst(long interval, var partitionBy, var when, var span) ->
                new AnalyticCall.IsFirst(interval, slots(partitionBy, renumbered), slots(when, renumbered), span);
            case AnalyticCall.Over(var aggregate, long limit, var partitionBy, var when, var span) ->
                new AnalyticCall.Over(slots(aggregate, renumbered), limit, slots(partitionBy, renumbered), slots(when, renumbered), span);
            case AnalyticCall.Anomaly(var model, var value, var confidence, var history, long limit, var partitionBy, var when, var span) ->
                new AnalyticCall.Anomaly(model, slots(value, renumbered), slots(confidence, renumbered), slots(history, renumbered), limit,
                        slots(partitionBy, renumbered), slots(when, renumbered), span);
        };
    }

    static void eachSlot(Expression expression, Consumer<Integer> seen) {
        each(expression, one -> {
            if (one instanceof Expression.Slot(int index, _)) {
                seen.accept(index);
            }
            return Optional.empty();
        });
    }
}
