package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.AggregateCall.Direction;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Value;
import java.util.List;

/// A built-in aggregate function: its name, what it takes and how it is computed, declared once. [Aggregates] is the catalogue.
///
/// @param name         as the documentation spells it
/// @param argumentsMin without what ORDER BY names, with the event that `Collect()` and the like take of themselves
/// @param ordering     what ORDER BY there must be inside OVER
/// @param distinct     whether DISTINCT may stand before the argument
/// @param maker        makes it ready to run, for a call of a query
public record Aggregate(String name, int argumentsMin, int argumentsMax, Ordering ordering, Distinct distinct, Maker maker) {
    public enum Ordering { NONE, BY_ONE, BY_SOME }

    public enum Distinct { REFUSED, ALLOWED }

    /// Whether rows are taken back again, as sliding windows and histories do.
    public enum Rows {
        ONLY_COME,
        /// The first to come is the first to go.
        COME_AND_GO
    }

    @FunctionalInterface
    interface Maker {
        Aggregation<?> make(Call call);
    }

    /// A call with its arguments made ready.
    ///
    /// @param name       of the function, for errors
    /// @param castToText whether the argument was made a text on purpose, by CAST
    record Call(String name, List<Evaluator> arguments, List<Order> order, boolean isDistinct, boolean castToText, Rows rows, Span span) {}

    record Order(Evaluator by, Direction direction) {
        int compare(Value left, Value right) {
            int ascending = io.conshelf.streams.value.ValueOrder.ASCENDING.compare(left, right);
            return switch (direction) {
                case ASCENDING -> ascending;
                case DESCENDING -> -ascending;
            };
        }
    }

    static Aggregate of(String name, int argumentsMin, int argumentsMax, Maker maker) {
        return new Aggregate(name, argumentsMin, argumentsMax, Ordering.NONE, Distinct.REFUSED, maker);
    }

    static Aggregate ordered(String name, int arguments, Ordering ordering, Maker maker) {
        return new Aggregate(name, arguments, arguments, ordering, Distinct.REFUSED, maker);
    }
}
