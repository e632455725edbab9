package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Joins rows with reference data as it was at their time. A refresh gives no rows. Belongs to one thread.
public final class ReferenceLookup {
    private final Step.ReferenceJoin step;
    private final JoinEquality equality;
    private final Evaluator residual;
    private final TreeMap<Long, ReferenceTable> byTime = new TreeMap<>();

    public ReferenceLookup(Step.ReferenceJoin step, Evaluation evaluation) {
        this.step = step;
        this.equality = JoinEquality.of(step.equal(), evaluation);
        this.residual = evaluation.of(step.residual());
    }

    /// @param validFrom the first time of rows that are joined with it, in ticks
    /// @param rows      of the step that the join reads, as [ReferencePlan] makes them
    public void load(long validFrom, List<Row> rows) {
        byTime.put(validFrom, new ReferenceTable(equality, rows));
    }

    /// @param watermark no row at or before this time can come any more
    public void forget(long watermark) {
        Long needed = byTime.floorKey(watermark == Operator.NEVER ? watermark : watermark + 1);
        if (needed != null) {
            byTime.headMap(needed).clear();
        }
    }

    public boolean isLoaded() {
        return !byTime.isEmpty();
    }

    /// A row from before the first snapshot is joined with the first.
    public void row(Row row, Operator.Emit out) {
        Map.Entry<Long, ReferenceTable> table = byTime.floorEntry(row.ticks());
        if (table == null) {
            table = byTime.firstEntry();
        }
        if (table == null) {
            throw new IllegalStateException("reference data is loaded before rows are joined with it");
        }
        table.getValue().join(row, step.kind(), residual, step.rightSlots(), out);
    }
}
