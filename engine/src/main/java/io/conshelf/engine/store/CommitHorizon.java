package io.conshelf.engine.store;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which commits of a database are complete: what cursors are made of.
///
/// A row carries a number that is given before its transaction commits, so a long load may come to be seen with a lower
/// number than rows that were seen before. Numbers are therefore kept here until their rows can be seen or never will be, and
/// a cursor is never ahead of one that is still open.
final class CommitHorizon {
    private final CommitClock clock;
    /// Numbers that rows carry which cannot be seen yet, with the ids of their tables.
    private final TreeMap<Long, String> open = new TreeMap<>();
    /// Committed numbers ahead of an open one.
    private final TreeSet<Long> ahead = new TreeSet<>();
    private long horizon;

    CommitHorizon(CommitClock clock) {
        this.clock = clock;
        this.horizon = clock.last();
    }

    /// A number for rows to come. [#end] must follow.
    synchronized long begin(String tableId) {
        long number = clock.next();
        open.put(number, tableId);
        return number;
    }

    /// @param isCommitted whether rows with the number are there now, for every reader that begins from now on
    synchronized void end(long number, boolean isCommitted) {
        open.remove(number);
        if (isCommitted) {
            ahead.add(number);
        }
        while (!ahead.isEmpty() && (open.isEmpty() || ahead.first() < open.firstKey())) {
            // Always the number of something committed, so that no number to come is lower, after a crash either.
            horizon = Math.max(horizon, ahead.pollFirst());
        }
    }

    /// All that was given before the database was opened is committed or lost.
    synchronized void advanceTo(long number) {
        horizon = Math.max(horizon, number);
    }

    /// Rows with this number or a lower one can be seen by every reader that begins from now on, and no more will come.
    synchronized long current() {
        return horizon;
    }

    /// The same for the rows of one table. The number may be one that nothing carries.
    synchronized long of(String tableId) {
        return open.entrySet().stream()
                .filter(entry -> entry.getValue().equals(tableId))
                .findFirst()
                .map(Map.Entry::getKey)
                .map(first -> first - 1)
                .orElseGet(clock::last);
    }
}
