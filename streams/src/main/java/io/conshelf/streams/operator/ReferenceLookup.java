package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// Joins rows with reference data as it was at their time. A refresh gives no rows. Belongs to one thread.
///
/// Of many snapshots those are in memory that were needed last; the others are known by their time, and loaded again when a row of it comes.
public final class ReferenceLookup {
    private final Step.ReferenceJoin step;
    private final Room room;
    private final JoinEquality equality;
    private final Evaluator residual;
    /// How often each snapshot was loaded, by the time that it is valid from.
    private final TreeMap<Long, Integer> known = new TreeMap<>();
    private final TreeMap<Long, Held> loaded = new TreeMap<>();
    private long bytes;
    private long uses;

    /// How much may be held for rows that are still to come. Two snapshots are in memory whatever they take.
    ///
    /// @param snapshots in memory
    /// @param bytes     that those take
    /// @param known     by their time alone, as whoever loads them can do so again; 0 where nobody can
    public record Room(int snapshots, long bytes, int known) {
        public static final Room ANY = new Room(Integer.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE);

        /// Of snapshots that nobody loads again.
        public Room(int snapshots, long bytes) {
            this(snapshots, bytes, 0);
        }
    }

    private static final class Held {
        private final ReferenceTable table;
        private long used;

        private Held(ReferenceTable table) {
            this.table = table;
        }
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
        Held now = new Held(new ReferenceTable(equality, rows));
        now.used = ++uses;
        Held before = loaded.put(validFrom, now);
        bytes += now.table.bytes - (before == null ? 0 : before.table.bytes);
        known.merge(validFrom, 1, Integer::sum);
        int left = 0;
        while (loaded.size() > 2 && (loaded.size() > room.snapshots() || bytes > room.bytes())) {
            if (room.known() > 0) {
                unload(loaded.entrySet().stream().min(Comparator.comparingLong(one -> one.getValue().used)).orElseThrow().getKey());
            } else {
                leaveOut(shortest());
                left++;
            }
        }
        while (room.known() > 0 && known.size() > Math.max(2, room.known())) {
            leaveOut(shortest());
            left++;
        }
        return left;
    }

    /// It is not there any more: rows of its time meet the one before.
    public void leaveOut(long validFrom) {
        unload(validFrom);
        known.remove(validFrom);
    }

    private void unload(long validFrom) {
        Held gone = loaded.remove(validFrom);
        if (gone != null) {
            bytes -= gone.table.bytes;
        }
    }

    private long shortest() {
        long found = 0;
        long length = Long.MAX_VALUE;
        for (long from : known.subMap(known.firstKey(), false, known.lastKey(), false).keySet()) {
            long lasted = known.higherKey(from) - from;
            if (lasted < length) {
                found = from;
                length = lasted;
            }
        }
        return found;
    }

    /// How many snapshots are known, in memory or not.
    public int held() {
        return known.size();
    }

    public boolean knows(long validFrom) {
        return known.containsKey(validFrom);
    }

    /// How often this one was loaded.
    public int loads(long validFrom) {
        return known.getOrDefault(validFrom, 0);
    }

    /// The snapshot that is to be loaded before rows of this time are joined, where it is not in memory.
    public OptionalLong missing(long ticks) {
        long valid = valid(ticks);
        return loaded.containsKey(valid) ? OptionalLong.empty() : OptionalLong.of(valid);
    }

    /// A row from before the first snapshot is joined with the first.
    private long valid(long ticks) {
        Map.Entry<Long, Integer> valid = known.floorEntry(ticks);
        if (valid == null) {
            valid = known.firstEntry();
        }
        if (valid == null) {
            throw new IllegalStateException("reference data is loaded before rows are joined with it");
        }
        return valid.getKey();
    }

    /// @param watermark no row at or before this time can come any more
    /// @return the time that the first snapshot is valid from that is still needed
    public long forget(long watermark) {
        Long needed = known.floorKey(watermark == Operator.NEVER ? watermark : watermark + 1);
        if (needed != null) {
            known.headMap(needed).clear();
            for (Held past : loaded.headMap(needed).values()) {
                bytes -= past.table.bytes;
            }
            loaded.headMap(needed).clear();
        }
        return known.isEmpty() ? Long.MIN_VALUE : known.firstKey();
    }

    /// @param row whose snapshot is not [#missing]
    public void row(Row row, Operator.Emit out) {
        Held held = loaded.get(valid(row.ticks()));
        if (held == null) {
            throw new IllegalStateException("the snapshot of a row is loaded before the row is joined with it");
        }
        held.used = ++uses;
        held.table.join(row, step.kind(), residual, step.rightSlots(), out);
    }
}
