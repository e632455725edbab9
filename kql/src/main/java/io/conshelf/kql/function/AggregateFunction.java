package io.conshelf.kql.function;

import java.util.List;

/// A built-in aggregate. Its signatures lower to [Lowering.Sql]: a DuckDB aggregate expression over the arguments.
///
/// @param prefix the first part of the automatic column name: `sum` of `sum_a`
public record AggregateFunction(
        String name, String prefix, List<Signature> signatures, ResultName resultName, String summary) {
    public AggregateFunction {
        signatures = List.copyOf(signatures);
    }
}
