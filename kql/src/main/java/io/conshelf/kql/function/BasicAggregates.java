package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.type.Type.*;

import java.util.List;

/// Counting, adding, extremes.
final class BasicAggregates {
    static final List<AggregateFunction> ALL = List.of(
            aggregate("count", "count", "The number of rows.",
                    takes().returns(LONG).sql("count(*)")),
            aggregate("countif", "countif", "The number of rows for which the predicate is true.",
                    takes(bool("predicate")).returns(LONG).sql("count_if({0})")));

    private BasicAggregates() {}
}
