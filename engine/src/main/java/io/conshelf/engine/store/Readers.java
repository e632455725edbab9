package io.conshelf.engine.store;

import java.util.TreeMap;

/// Who reads since when, so that storage knows what nobody can see any more.
final class Readers {
    private final TreeMap<Long, Integer> openByStamp = new TreeMap<>();
    private long stamp;

    /// A stamp for a new reader; [#end] gives it back.
    synchronized long begin() {
        openByStamp.merge(stamp, 1, Integer::sum);
        return stamp;
    }

    synchronized void end(long begun) {
        openByStamp.computeIfPresent(begun, (_, count) -> count == 1 ? null : count - 1);
    }

    /// A mark that all readers so far stand at or before, and all later ones behind.
    synchronized long stamp() {
        return stamp++;
    }

    /// No open reader has an older stamp.
    synchronized long oldest() {
        return openByStamp.isEmpty() ? stamp : openByStamp.firstKey();
    }
}
