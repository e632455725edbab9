package io.conshelf.streams.operator;

/// Where aligned windows end. They are aligned to the beginning of time, 0001-01-01, and so to midnight in UTC where their size divides a day.
final class Alignment {
    private Alignment() {}

    /// The end of the window after whose start, and at or before whose end, the time lies: windows are `(start, end]`.
    static long end(long ticks, long size, long offset) {
        long into = Math.floorMod(ticks - offset, size);
        return into == 0 ? ticks : ticks + (size - into);
    }
}
