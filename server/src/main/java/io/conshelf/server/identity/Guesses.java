package io.conshelf.server.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// Makes guessing slow: after so many wrong passwords in a row the next is not looked at for a while. A password counts as wrong until it
/// has turned out right, so that many that come at once are no more than a few.
final class Guesses {
    static final Duration PAUSE = Duration.ofSeconds(30);
    private static final int WRONG_IN_A_ROW_MAX = 5;

    private final Map<String, Wrong> wrong = new HashMap<>();

    private record Wrong(int inARow, Instant last) {
        boolean isPaused(Instant now) {
            return inARow >= WRONG_IN_A_ROW_MAX && now.isBefore(last.plus(PAUSE));
        }
    }

    /// Counts a password that is about to be looked at.
    ///
    /// @return whether it may be
    synchronized boolean admits(String name, Instant now) {
        Wrong before = wrong.getOrDefault(name, new Wrong(0, now));
        if (before.isPaused(now)) {
            return false;
        }
        wrong.put(name, new Wrong(before.inARow() + 1, now));
        return true;
    }

    /// The password was right.
    synchronized void forget(String name) {
        wrong.remove(name);
    }
}
