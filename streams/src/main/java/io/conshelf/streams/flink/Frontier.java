package io.conshelf.streams.flink;

import io.conshelf.streams.value.Ticks;

/// Up to which arrival all inputs of a step have been read. Where keys have their own times, Flink's watermark tells it: less the late arrival limit it is the
/// time that all keys have passed, and where nothing is limited it is less a time that no row is behind.
final class Frontier {
    private static final long FAR = Long.MAX_VALUE / 2;

    private Frontier() {}

    /// What Flink is told where nothing limits how late a key may be.
    static long watermark(long arrival) {
        return arrival == Long.MIN_VALUE || arrival == Long.MAX_VALUE ? arrival : arrival - FAR;
    }

    /// Whether the watermark tells an arrival alone, and is no time of rows.
    static boolean isFar(long watermark) {
        return watermark < Ticks.MIN;
    }

    /// @param lateMax how late events may be, or `Long.MAX_VALUE`
    static long arrival(long watermark, long lateMax) {
        if (watermark == Long.MAX_VALUE || watermark == Long.MIN_VALUE) {
            return watermark;
        }
        if (isFar(watermark)) {
            return lateMax == Long.MAX_VALUE ? watermark + FAR : Long.MIN_VALUE;
        }
        return lateMax == Long.MAX_VALUE ? Long.MIN_VALUE : watermark + lateMax;
    }
}
