package io.conshelf.processor.run;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;

/// Up to when all that was received has been handed to a partition: so that no window ends there while a message that belongs to it is still on its way. A
/// partition for which nothing is on its way does not wait for those that are full.
final class Horizon {
    private final boolean[] isAwaiting;
    private Instant latest = Instant.MIN;
    private Instant reading = Instant.MAX;
    private InstantSource clock = () -> Instant.MIN;

    Horizon(int partitions) {
        isAwaiting = new boolean[partitions];
    }

    synchronized void follow(InstantSource source) {
        clock = source;
        Arrays.fill(isAwaiting, false);
    }

    /// The time of receipt of what the source has just given. Until [#handed] is called it may be on its way to any partition.
    synchronized Instant received() {
        reading = now();
        Arrays.fill(isAwaiting, true);
        return reading;
    }

    synchronized void handed(int partition) {
        isAwaiting[partition] = false;
    }

    /// Whatever is handed over to the partition later was received at this time or after it.
    synchronized Instant passed(int partition) {
        Instant now = now();
        return isAwaiting[partition] && reading.isBefore(now) ? reading : now;
    }

    private Instant now() {
        Instant now = clock.instant();
        if (now.isAfter(latest)) {
            latest = now;
        }
        return latest;
    }
}
