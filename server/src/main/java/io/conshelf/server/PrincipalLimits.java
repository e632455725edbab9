package io.conshelf.server;

import io.conshelf.engine.Principal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// How many requests one principal may make, at once and in a minute, so that none takes the places of all others. In open mode
/// everybody is one principal, and nobody is limited by this.
final class PrincipalLimits {
    /// Those who asked for nothing lately are forgotten when there are more.
    private static final int PRINCIPALS_KEPT = 10_000;

    private final int concurrentMax;
    private final int perMinuteMax;
    private final LongSupplier nanos;
    private final Map<String, Requests> byPrincipal = new HashMap<>();

    /// @param nanos a clock that only goes on
    PrincipalLimits(int concurrentMax, int perMinuteMax, LongSupplier nanos) {
        this.concurrentMax = concurrentMax;
        this.perMinuteMax = perMinuteMax;
        this.nanos = nanos;
    }

    private final class Requests {
        private final Allowance allowance;
        private int running;

        Requests(long now) {
            this.allowance = new Allowance(perMinuteMax, now);
        }

        boolean isIdle(long now) {
            return running == 0 && allowance.isWhole(now);
        }
    }

    /// Takes a place; whoever got one gives it back with [#leave].
    ///
    /// @param again is told when to ask again, before it is refused
    /// @throws io.conshelf.engine.KustoException 429 when the principal has as many as it may
    void enter(Principal principal, Consumer<Duration> again) {
        if (isUnlimited(principal)) {
            return;
        }
        synchronized (byPrincipal) {
            long now = nanos.getAsLong();
            if (byPrincipal.size() >= PRINCIPALS_KEPT) {
                byPrincipal.values().removeIf(requests -> requests.isIdle(now));
            }
            Requests requests = byPrincipal.computeIfAbsent(key(principal), _ -> new Requests(now));
            if (requests.running >= concurrentMax) {
                again.accept(Reply.SHORTLY);
                throw Refusals.tooManyOfPrincipal(principal.fullyQualifiedName(), concurrentMax + " at once");
            }
            if (!requests.allowance.take(now)) {
                again.accept(requests.allowance.untilOneIsLeft());
                throw Refusals.tooManyOfPrincipal(principal.fullyQualifiedName(), perMinuteMax + " a minute");
            }
            requests.running++;
        }
    }

    void leave(Principal principal) {
        if (isUnlimited(principal)) {
            return;
        }
        synchronized (byPrincipal) {
            byPrincipal.get(key(principal)).running--;
        }
    }

    // Names are the same in any case.
    private static String key(Principal principal) {
        return principal.fullyQualifiedName().toLowerCase(Locale.ROOT);
    }

    private static boolean isUnlimited(Principal principal) {
        return principal.isSameAs(Principal.LOCAL_ADMINISTRATOR);
    }
}
