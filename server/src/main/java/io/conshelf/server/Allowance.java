package io.conshelf.server;

import java.time.Duration;

/// What may be used in a minute: as much at once, and then what comes back in time.
final class Allowance {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final int perMinuteMax;
    private double left;
    private long since;

    /// @param now in nanoseconds of a clock that only goes on
    Allowance(int perMinuteMax, long now) {
        this.perMinuteMax = perMinuteMax;
        this.left = perMinuteMax;
        this.since = now;
    }

    /// Takes one, where there is one left.
    boolean take(long now) {
        refill(now);
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }

    void giveBack(long now) {
        refill(now);
        left = Math.min(perMinuteMax, left + 1);
    }

    /// When there is one left, in whole seconds.
    Duration untilOneIsLeft() {
        return Duration.ofSeconds(Math.max(1, (long) Math.ceil((1 - left) * MINUTE.toSeconds() / perMinuteMax)));
    }

    boolean isWhole(long now) {
        refill(now);
        return left >= perMinuteMax;
    }

    private void refill(long now) {
        left = Math.min(perMinuteMax, left + (double) perMinuteMax * (now - since) / MINUTE.toNanos());
        since = now;
    }
}
