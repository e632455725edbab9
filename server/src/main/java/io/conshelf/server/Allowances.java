package io.conshelf.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// An [Allowance] of each of many who are told apart by a name that anybody can make up, so that there are only so many.
final class Allowances {
    /// Those who asked for nothing lately are forgotten when there are more; where there are too many all the same, the newest share one allowance.
    static final int KEPT = 10_000;
    private static final String OTHERS = "";

    private final int perMinuteMax;
    private final LongSupplier nanos;
    private final Map<String, Allowance> byName = new HashMap<>();

    /// @param nanos a clock that only goes on
    Allowances(int perMinuteMax, LongSupplier nanos) {
        this.perMinuteMax = perMinuteMax;
        this.nanos = nanos;
    }

    int perMinuteMax() {
        return perMinuteMax;
    }

    /// Takes one of the allowance of this name.
    ///
    /// @return when there is one left, where there is none now
    synchronized Optional<Duration> take(String name) {
        long now = nanos.getAsLong();
        if (byName.size() >= KEPT && !byName.containsKey(name)) {
            byName.values().removeIf(allowance -> allowance.isWhole(now));
        }
        Allowance allowance = byName.computeIfAbsent(known(name), _ -> new Allowance(perMinuteMax, now));
        return allowance.take(now) ? Optional.empty() : Optional.of(allowance.untilOneIsLeft());
    }

    /// Gives back what turned out not to count.
    synchronized void giveBack(String name) {
        Optional.ofNullable(byName.get(known(name))).ifPresent(allowance -> allowance.giveBack(nanos.getAsLong()));
    }

    private String known(String name) {
        return byName.size() < KEPT || byName.containsKey(name) ? name : OTHERS;
    }
}
