package io.conshelf.processor.destination.explorer;

import java.time.Duration;

/// How queued batches are followed until their end is known.
///
/// @param batchesMax   when nothing more is queued until some have ended
/// @param bytesMax     the same by the bytes of their rows on this machine
/// @param endedAfter   when a batch has ended, whatever the cluster tells
/// @param betweenLooks at the extents of the table, for batches of an earlier process
public record Following(int batchesMax, long bytesMax, Duration endedAfter, Duration betweenLooks) {
    /// Longer than any batching policy lets the cluster wait, and no more batches than it can be asked about.
    public static final Following DEFAULT = new Following(900, 4L << 30, Duration.ofMinutes(35), Duration.ofSeconds(30));
}
