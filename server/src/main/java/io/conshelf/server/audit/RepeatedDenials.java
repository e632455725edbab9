package io.conshelf.server.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Of what strangers are refused again and again the first lines are written, and then how often it was: who has nothing to lose pushes out nothing of what
/// others were refused.
final class RepeatedDenials {
    /// Lines that are written as they come.
    static final int IN_FULL = 20;
    /// Kinds that are told apart; beyond them addresses share one.
    static final int KINDS_MAX = 1_000;
    /// After so long without another one the next is a new one.
    static final Duration QUIET = Duration.ofMinutes(10);
    /// What goes on is told of so often.
    static final Duration TOLD_EVERY = Duration.ofHours(1);

    private final Map<Kind, Repeated> repeated = new HashMap<>();

    /// What a stranger cannot vary as they like: not what they ask for, nor what they call themselves.
    private record Kind(String network, String who, int status, String code) {}

    private static final class Repeated {
        private int written;
        private long untold;
        private Instant first;
        private AuditEvent last;

        Repeated(AuditEvent event) {
            first = event.time();
            last = event;
        }
    }

    /// Several denials in one line.
    ///
    /// @param times since the first one that this is told of
    record Sum(AuditEvent last, long times, Instant first) {}

    /// Counts a denial.
    ///
    /// @param network what is one client as far as its address tells
    /// @return whether it is to be written as it is
    synchronized boolean isWritten(AuditEvent event, String network) {
        var kind = new Kind(network, event.who(), event.status(), event.code());
        if (repeated.size() >= KINDS_MAX && !repeated.containsKey(kind)) {
            kind = new Kind("", "", event.status(), event.code());
        }
        Repeated same = repeated.computeIfAbsent(kind, _ -> new Repeated(event));
        same.last = event;
        if (same.written < IN_FULL) {
            same.written++;
            return true;
        }
        if (same.untold == 0) {
            same.first = event.time();
        }
        same.untold++;
        return false;
    }

    /// What is to be told by now of those that were not written.
    synchronized List<Sum> due(Instant now) {
        var due = new ArrayList<Sum>();
        for (Iterator<Repeated> all = repeated.values().iterator(); all.hasNext(); ) {
            Repeated same = all.next();
            boolean isOver = same.last.time().plus(QUIET).isBefore(now);
            if (same.untold > 0 && (isOver || same.first.plus(TOLD_EVERY).isBefore(now))) {
                due.add(new Sum(same.last, same.untold, same.first));
                same.untold = 0;
                // Who goes on for hours is seen in full each time.
                same.written = 0;
            }
            if (isOver) {
                all.remove();
            }
        }
        return due;
    }
}
