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
    private final Room room;
    private final JoinEquality equality;
    private final Evaluator residual;
    private final TreeMap<Long, ReferenceTable> byTime = new TreeMap<>();

    /// How much may be held for rows that are still to come. The snapshot before that, and the newest, are held in any case.
    public record Room(int snapshots, long bytes) {
        public static final Room ANY = new Room(Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    public ReferenceLookup(Step.ReferenceJoin step, Evaluation evaluation) {
        this(step, evaluation, Room.ANY);
    }

    public ReferenceLookup(Step.ReferenceJoin step, Evaluation evaluation, Room room) {
        this.step = step;
        this.room = room;
        this.equality = JoinEquality.of(step.equal(), evaluation);
        this.residual = evaluation.of(step.residual());
    }

    /// Where there is no room for so many, those are left out that were valid for the shortest time: rows of that time meet the one before.
    ///
    /// @param validFrom the first time of rows that are joined with it, in ticks
    /// @param rows      of the step that the join reads, as [ReferencePlan] makes them
    /// @return how many were left out
    public int load(long validFrom, List<Row> rows) {
        byTime.put(validFrom, new ReferenceTable(equality, rows));
        int left = 0;
        while (byTime.size() > 2 && (byTime.size() > room.snapshots() || bytes() > room.bytes())) {
            byTime.remove(shortest());
            left++;
        }
        return left;
    }

    private long bytes() {
        return byTime.values().stream().mapToLong(table -> table.bytes).sum();
    }

    private long shortest() {
        long found = 0;
        long length = Long.MAX_VALUE;
        for (long from : byTime.subMap(byTime.firstKey(), false, byTime.lastKey(), false).keySet()) {
            long lasted = byTime.higherKey(from) - from;
            if (lasted < length) {
                found = from;
                length = lasted;
            }
        }
        return found;
    }

    /// How many snapshots are held.
    public int held() {
        return byTime.size();
    }

    /// @param watermark no row at or before this time can come any more
    public void forget(long watermark) {
        Long needed = byTime.floorKey(watermark == Operator.NEVER ? watermark : watermark + 1);
        if (needed != null) {
            byTime.headMap(needed).clear();
        }
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
