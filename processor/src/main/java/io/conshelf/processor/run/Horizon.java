package io.conshelf.processor.run;

import java.time.Instant;
import java.time.InstantSource;

/// Up to when all that was received has been handed to the partitions: so that no window ends while a message that belongs to it is still on its way.
final class Horizon {
    private Instant latest = Instant.MIN;
    private Instant reading = Instant.MAX;
    private InstantSource clock = () -> Instant.MIN;

    synchronized void follow(InstantSource source) {
        clock = source;
        reading = Instant.MAX;
    }

    /// The time of receipt of what the source has just given. Until [#handed] is called it is on its way.
    synchronized Instant received() {
        reading = now();
        return reading;
    }

    synchronized void handed() {
        reading = Instant.MAX;
    }

    /// Whatever is handed over later was received at this time or after it.
    synchronized Instant passed() {
        Instant now = now();
        return reading.isBefore(now) ? reading : now;
    }

    private Instant now() {
        Instant now = clock.instant();
        if (now.isAfter(latest)) {
            latest = now;
        }
        return latest;
    }
}
