package io.conshelf.server.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Makes guessing slow: after so many wrong passwords in a row the next is not looked at for a while. A password counts as wrong until it
/// has turned out right, so that many that come at once are no more than a few.
final class Guesses {
    static final Duration PAUSE = Duration.ofSeconds(30);
    private static final int WRONG_IN_A_ROW_MAX = 5;
    /// After so long without another one it is forgotten: who waits for that guesses less often than who waits for each pause.
    static final Duration KEPT = Duration.ofMinutes(10);
    /// Names that are nobody's, of which there is no end.
    private static final int NOBODIES_MAX = 10_000;

    private final InstantSource clock;
    // Both by their latest.
    private final Map<String, Wrong> wrong = new LinkedHashMap<>();
    private final Map<String, Wrong> wrongOfNobody = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Wrong> eldest) {
            return size() > NOBODIES_MAX;
        }
    };

    private record Wrong(int inARow, Instant last) {
        boolean isPaused(Instant now) {
            return inARow >= WRONG_IN_A_ROW_MAX && now.isBefore(last.plus(PAUSE));
        }

        boolean isOver(Instant now) {
            return now.isAfter(last.plus(KEPT));
        }
    }

    Guesses(InstantSource clock) {
        this.clock = clock;
    }

    /// How often passwords of an account may be wrong.
    ///
    /// @param isAccount whether there is such an account, which the answer is not to tell
    SecretChecks.Brake of(boolean isAccount) {
        return new SecretChecks.Brake() {
            @Override
            public Optional<Duration> ask(String account, String from) {
                return admits(account, isAccount) ? Optional.empty() : Optional.of(PAUSE);
            }

            @Override
            public void forget(String account, String from) {
                Guesses.this.forget(account);
            }
        };
    }

    /// Counts a password that is about to be looked at.
    ///
    /// @return whether it may be
    private synchronized boolean admits(String account, boolean isAccount) {
        Instant now = clock.instant();
        Map<String, Wrong> known = isAccount ? wrong : wrongOfNobody;
        forgetOld(known, now);
        Wrong before = known.getOrDefault(account, new Wrong(0, now));
        if (before.isPaused(now)) {
            return false;
        }
        known.remove(account);
        known.put(account, new Wrong(before.inARow() + 1, now));
        return true;
    }

    private static void forgetOld(Map<String, Wrong> known, Instant now) {
        for (Iterator<Wrong> eldest = known.values().iterator(); eldest.hasNext() && eldest.next().isOver(now); ) {
            eldest.remove();
        }
    }

    /// The password was right.
    private synchronized void forget(String account) {
        wrong.remove(account);
    }

    /// Of how many it is known.
    synchronized int size() {
        return wrong.size() + wrongOfNobody.size();
    }
}
