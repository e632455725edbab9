package io.conshelf.factory.trigger;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;

/// The windows of a tumbling trigger: one after another from the start, without gaps, in UTC.
///
/// @param end no window begins at or after it; [Instant#MAX] for none
public record WindowSequence(Frequency frequency, int interval, Instant start, Instant end) {
    public enum Frequency { MINUTE, HOUR, MONTH }

    /// From its start, inclusive, to its end, exclusive.
    public record Window(Instant start, Instant end) {
        /// The same stretch moved and, where a size is given, of that length.
        ///
        /// @param size zero for the window's own
        public Window moved(Duration offset, Duration size) {
            Instant from = start.plus(offset);
            return new Window(from, size.isZero() ? end.plus(offset) : from.plus(size));
        }
    }

    /// The window with this number, of which the first is 0.
    public Window window(long number) {
        return new Window(at(number), at(number + 1));
    }

    /// Whether there is such a window.
    public boolean has(long number) {
        return number >= 0 && at(number).isBefore(end);
    }

    /// How many windows have ended by a moment: those with the numbers below it.
    public long ended(Instant by) {
        if (by.isBefore(start)) {
            return 0;
        }
        long count = switch (frequency) {
            case MINUTE -> ChronoUnit.MINUTES.between(start, by) / interval;
            case HOUR -> ChronoUnit.HOURS.between(start, by) / interval;
            case MONTH -> ChronoUnit.MONTHS.between(utc(start), utc(by)) / interval;
        };
        while (count > 0 && !has(count - 1)) {
            count = lastBefore(count);
        }
        return count;
    }

    // The end cuts the sequence: the number of windows that begin before it.
    private long lastBefore(long count) {
        long low = 0;
        long high = count;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (has(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private Instant at(long number) {
        long steps = Math.multiplyExact(number, interval);
        return switch (frequency) {
            case MINUTE -> start.plus(steps, ChronoUnit.MINUTES);
            case HOUR -> start.plus(steps, ChronoUnit.HOURS);
            case MONTH -> utc(start).plusMonths(steps).toInstant();
        };
    }

    private static ZonedDateTime utc(Instant instant) {
        return instant.atZone(ZoneOffset.UTC);
    }
}
