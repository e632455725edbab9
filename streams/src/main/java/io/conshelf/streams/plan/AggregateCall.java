package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Span;
import java.io.Serializable;
import java.util.List;

/// An aggregate function over the rows of a group, or of a history.
///
/// @param function  its name in the catalogue of aggregates, in the catalogue's spelling, or that of a JavaScript aggregate of the job
/// @param arguments over a row; none for `COUNT(*)`, for `Collect()` and `TopOne()` of whole events the event's record
/// @param order     the ORDER BY inside OVER: TopOne, CollectTop, percentiles
public record AggregateCall(Declared declared, String function, Quantifier quantifier, List<Expression> arguments, List<Order> order, Span span)
        implements Serializable {
    public AggregateCall {
        arguments = List.copyOf(arguments);
        order = List.copyOf(order);
    }

    public enum Declared { BUILT_IN, BY_THE_JOB }

    public enum Quantifier { ALL, DISTINCT }

    public record Order(Expression by, Direction direction) implements Serializable {}

    public enum Direction { ASCENDING, DESCENDING }
}
