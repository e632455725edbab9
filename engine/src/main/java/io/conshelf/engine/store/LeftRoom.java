package io.conshelf.engine.store;

import java.util.Optional;

/// When the room of rows that are gone is to be reclaimed. Rows go in company, so it is for once and a while after the first of
/// them; what goes meanwhile does not put it off, and is for the same time where nobody reads it then, else for the next.
final class LeftRoom {
    static final long RECLAIM_AFTER_NANOS = 10_000_000_000L;

    private Optional<Left> due = Optional.empty();
    private Optional<Left> later = Optional.empty();

    /// @param stamp readers that may see what is gone have no later one
    record Left(long atNanos, long stamp) {}

    synchronized void isLeft(Left left) {
        if (due.isEmpty()) {
            due = Optional.of(left);
        } else {
            later = Optional.of(left);
        }
    }

    /// Whether there is room to be had: nobody reads what is gone any more.
    ///
    /// @param isShort whether it is needed now
    synchronized boolean isDue(long nowNanos, long oldestReader, boolean isShort) {
        return due.filter(left -> left.stamp() < oldestReader && (isShort || nowNanos - left.atNanos() > RECLAIM_AFTER_NANOS))
                .isPresent();
    }

    /// The room is being reclaimed. What goes from now on is for the next time.
    ///
    /// @return what [#failed] takes
    synchronized Optional<Left> begin(long oldestReader) {
        var begun = due;
        due = later.filter(left -> left.stamp() >= oldestReader);
        later = Optional.empty();
        return begun;
    }

    /// What was begun is to be tried again.
    synchronized void failed(Left begun, long nowNanos) {
        later = later.or(() -> due);
        due = Optional.of(new Left(nowNanos, begun.stamp()));
    }
}
