package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Span;
import java.io.Serializable;
import java.util.List;

/// A function over the row and those before it in its partition. Durations in ticks of 100 ns; a row exactly as old as the limit is inside.
public sealed interface AnalyticCall extends Serializable {
    /// By which histories are kept apart.
    List<Expression> partitionBy();

    /// Which rows count; [Expression#TRUE] without WHEN.
    Expression when();

    Span span();

    record Lag(Expression value, int offset, Expression otherwise, long limit, List<Expression> partitionBy, Expression when, Span span)
            implements AnalyticCall {}

    record Last(Expression value, Expression otherwise, long limit, List<Expression> partitionBy, Expression when, Span span)
            implements AnalyticCall {}

    /// @param interval aligned as a tumbling window is
    record IsFirst(long interval, List<Expression> partitionBy, Expression when, Span span) implements AnalyticCall {}

    /// An aggregate over the current row and its history.
    record Over(AggregateCall aggregate, long limit, List<Expression> partitionBy, Expression when, Span span) implements AnalyticCall {}

    /// @param confidence 0 to 100
    /// @param history    in rows
    record Anomaly(AnomalyModel model, Expression value, Expression confidence, Expression history, long limit, List<Expression> partitionBy,
            Expression when, Span span) implements AnalyticCall {}

    enum AnomalyModel { SPIKES, DIPS, SPIKES_AND_DIPS, CHANGE_POINT }
}
