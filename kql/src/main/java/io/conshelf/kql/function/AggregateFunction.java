package io.conshelf.kql.function;

import java.util.List;

/// A built-in aggregate. Its signatures lower to [Lowering.Sql]: a DuckDB expression over the arguments in which
/// aggregates stand.
///
/// @param prefix the first part of the automatic column name: `sum` of `sum_a`
/// @param output the columns a call makes
public record AggregateFunction(
        String name, ResultName resultName, String prefix, String summary, Output output, List<Signature> signatures) {
    public AggregateFunction {
        signatures = List.copyOf(signatures);
    }

    /// Which columns a call makes.
    public enum Output {
        /// One column.
        ONE,
        /// One column for each argument, all of one row: `take_any(a, b)`; `*` is all columns. A single argument is not bound
        /// to a row.
        OF_ONE_ROW,
        /// One column for the first argument (the signature of one), named after it, and one for each other `x`, named
        /// after it, as if called `f(first, x)` (the signature of two): `arg_max(a, b, *)`.
        EXTREME_AND_OTHERS,
        /// One column for each argument from the second on, as if each were called alone: `percentiles(a, 5, 95)`,
        /// named `percentile_a_5`.
        EACH_PERCENTILE,
        /// The same with a weight as second argument: `percentilesw(a, w, 5, 95)`.
        EACH_WEIGHTED_PERCENTILE
    }
}
