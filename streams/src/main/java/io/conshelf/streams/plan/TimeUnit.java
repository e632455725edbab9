package io.conshelf.streams.plan;

import java.util.Locale;
import java.util.Optional;

/// The units of windows, bounds and date functions that have a fixed length.
public enum TimeUnit {
    DAY(864_000_000_000L), HOUR(36_000_000_000L), MINUTE(600_000_000L), SECOND(10_000_000L), MILLISECOND(10_000L), MICROSECOND(10L);

    private final long ticks;

    TimeUnit(long ticks) {
        this.ticks = ticks;
    }

    public long ticks() {
        return ticks;
    }

    /// As queries spell it, whatever the case: `second`, `ss`, `s`, `seconds`.
    public static Optional<TimeUnit> named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "day", "days", "dd", "d" -> Optional.of(DAY);
            case "hour", "hours", "hh" -> Optional.of(HOUR);
            case "minute", "minutes", "mi", "n" -> Optional.of(MINUTE);
            case "second", "seconds", "ss", "s" -> Optional.of(SECOND);
            case "millisecond", "milliseconds", "ms" -> Optional.of(MILLISECOND);
            case "microsecond", "microseconds", "mcs" -> Optional.of(MICROSECOND);
            default -> Optional.empty();
        };
    }
}
