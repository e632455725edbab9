package io.conshelf.engine;

import io.conshelf.engine.command.CommandResult;
import io.conshelf.engine.sql.Cursors;
import io.conshelf.engine.store.Reading;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// How many rows a table has is known without asking DuckDB, which would plan and run a statement for it.
final class KnownCounts {
    /// The lowering of `count()`.
    private static final String COUNT = "count(*)";

    private KnownCounts() {}

    /// What a plan gives that does nothing but count the rows of a stored table: all of them, as the plan of one with row-level security
    /// has more to it.
    static Optional<CommandResult> of(Plan plan, Cursors cursors, Reading reading) {
        if (plan instanceof Plan.Aggregate(Plan.Scan scan, List<Assignment> keys, List<Assignment> aggregates)
                && keys.isEmpty() && !aggregates.isEmpty() && aggregates.stream().allMatch(KnownCounts::isCount)
                && cursors.scopedTables().isEmpty()) {
            OptionalLong rows = reading.count(scan.table());
            if (rows.isPresent()) {
                return Optional.of(new CommandResult(
                        plan.columns().stream().map(Column::schema).toList(),
                        List.of(Collections.nCopies(aggregates.size(), (Object) rows.getAsLong()))));
            }
        }
        return Optional.empty();
    }

    private static boolean isCount(Assignment assignment) {
        return assignment.value() instanceof Expr.Aggregate aggregate && aggregate.template().equals(COUNT);
    }
}
