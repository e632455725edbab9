package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

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
        return each(call, one -> slots(one, renumbered));
    }

    static AnalyticCall slots(AnalyticCall call, IntUnaryOperator renumbered) {
        return each(call, one -> slots(one, renumbered));
    }

    /// Whatever the case its names are spelled in.
    static AggregateCall folded(AggregateCall call) {
        return each(call, Rewrite::folded);
    }

    static AnalyticCall folded(AnalyticCall call) {
        return each(call, Rewrite::folded);
    }

    private static Expression folded(Expression expression) {
        return each(expression, one -> one instanceof Expression.Field(Expression of, String name, var span)
                ? Optional.of(new Expression.Field(folded(of), name.toLowerCase(Locale.ROOT), span)) : Optional.empty());
    }

    private static AggregateCall each(AggregateCall call, UnaryOperator<Expression> changed) {
        return new AggregateCall(call.declared(), call.function(), call.quantifier(), each(call.arguments(), changed),
                call.order().stream().map(order -> new AggregateCall.Order(changed.apply(order.by()), order.direction())).toList(), call.span());
    }

    private static AnalyticCall each(AnalyticCall call, UnaryOperator<Expression> changed) {
        List<Expression> partitionBy = each(call.partitionBy(), changed);
        Expression when = changed.apply(call.when());
        return switch (call) {
            case AnalyticCall.Lag lag -> new AnalyticCall.Lag(changed.apply(lag.value()), lag.offset(), changed.apply(lag.otherwise()), lag.limit(),
                    partitionBy, when, lag.span());
            case AnalyticCall.Last last -> new AnalyticCall.Last(changed.apply(last.value()), changed.apply(last.otherwise()), last.limit(), partitionBy, when,
                    last.span());
            case AnalyticCall.IsFirst first -> new AnalyticCall.IsFirst(first.interval(), partitionBy, when, first.span());
            case AnalyticCall.Over over -> new AnalyticCall.Over(each(over.aggregate(), changed), over.limit(), partitionBy, when, over.span());
            case AnalyticCall.Anomaly anomaly -> new AnalyticCall.Anomaly(anomaly.model(), changed.apply(anomaly.value()), changed.apply(anomaly.confidence()),
                    changed.apply(anomaly.history()), anomaly.limit(), partitionBy, when, anomaly.span());
        };
    }

    private static List<Expression> each(List<Expression> expressions, UnaryOperator<Expression> changed) {
        return expressions.stream().map(changed).toList();
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
