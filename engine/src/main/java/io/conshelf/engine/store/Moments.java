package io.conshelf.engine.store;

import io.conshelf.kql.value.Ticks;
import java.time.Instant;

/// Between Java's moments and Kusto's, which are [Ticks].
public final class Moments {
    private static final long EPOCH_SECONDS = Ticks.UNIX_EPOCH / Ticks.SECOND;

    private Moments() {}

    public static long ticks(Instant instant) {
        return (instant.getEpochSecond() + EPOCH_SECONDS) * Ticks.SECOND + instant.getNano() / 100;
    }

    public static Instant instant(long ticks) {
        return Instant.ofEpochSecond(
                Math.floorDiv(ticks, Ticks.SECOND) - EPOCH_SECONDS, Math.floorMod(ticks, Ticks.SECOND) * 100);
    }
}
