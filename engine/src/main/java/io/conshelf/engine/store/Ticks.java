package io.conshelf.engine.store;

import java.time.Instant;

/// Moments as Kusto counts them: units of 100 ns since 0001-01-01T00:00:00Z.
public final class Ticks {
    private static final long EPOCH_SECONDS = 62_135_596_800L;
    private static final long PER_SECOND = 10_000_000L;

    private Ticks() {}

    public static long of(Instant instant) {
        return (instant.getEpochSecond() + EPOCH_SECONDS) * PER_SECOND + instant.getNano() / 100;
    }

    public static Instant toInstant(long ticks) {
        return Instant.ofEpochSecond(
                Math.floorDiv(ticks, PER_SECOND) - EPOCH_SECONDS, Math.floorMod(ticks, PER_SECOND) * 100);
    }
}
