package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering.IntrinsicFunction;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/// Where the rows of stored tables come from: storage's side of [io.conshelf.kql.plan.Plan.Scan], pinned to one snapshot.
@FunctionalInterface
public interface Relations {
    /// What a query that orders rows asks of [Hidden#COMMIT_SEQUENCE], and is true of every row. DuckDB leaves out row groups that cannot have any of
    /// the first rows by an order, and counts those with rows that were deleted, or that are newer than the transaction, as if all were
    /// there: then others are missing, up to all. With a condition it leaves out none, reads the likeliest first, and takes the same time.
    String IS_THERE = " IS NOT NULL";

    Relation of(TableId table);

    /// A table of which a plan does not want all rows.
    ///
    /// @param predicates rows may be left out that do not fulfil each of these, over the scan's columns
    /// @param needed     what anything reads of a row beside its cells
    default Relation of(Plan.Scan scan, Supplier<List<Expr>> predicates, Set<Hidden> needed) {
        return of(scan.table());
    }

    /// How many rows a stored table has, where that is known without reading them.
    default OptionalLong rows(TableId table) {
        return OptionalLong.empty();
    }

    /// Whether it is known that no row of a stored table has NaN in a column of type `real`.
    ///
    /// @param column storage's, as in [Relation#columns]
    default boolean isWithoutNan(TableId table, String column) {
        return false;
    }

    /// @param from    what stands after `FROM`, without an alias; storage's own text of generated ids
    /// @param columns storage's column for each of the table's columns, by the name people see
    /// @param hidden  SQL for what a row knows beside its cells; `{row}` stands for the relation's alias
    record Relation(String from, Map<String, String> columns, Map<Hidden, String> hidden) {
        public Relation {
            columns = Map.copyOf(columns);
            hidden = Map.copyOf(hidden);
        }
    }

    /// What a stored row knows beside its cells.
    enum Hidden {
        /// Ticks, or null.
        INGESTION_TIME(IntrinsicFunction.INGESTION_TIME),
        /// UUID.
        EXTENT_ID(IntrinsicFunction.EXTENT_ID),
        /// JSON array of texts.
        EXTENT_TAGS(IntrinsicFunction.EXTENT_TAGS),
        /// BIGINT that grows with each commit: what cursors compare.
        COMMIT_SEQUENCE(IntrinsicFunction.CURSOR_AFTER, IntrinsicFunction.CURSOR_BEFORE_OR_AT),
        /// BIGINT: how far the commits of the table's database are complete.
        CURSOR_HORIZON(IntrinsicFunction.CURSOR_AFTER, IntrinsicFunction.CURSOR_BEFORE_OR_AT);

        private final Set<IntrinsicFunction> neededBy;

        Hidden(IntrinsicFunction... functions) {
            neededBy = Set.of(functions);
        }

        /// The functions that read it.
        Set<IntrinsicFunction> neededBy() {
            return neededBy;
        }
    }
}
