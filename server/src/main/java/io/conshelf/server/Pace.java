package io.conshelf.server;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// How fast a request comes in. Time counts only while somebody waits for more of it, so that nobody is too slow for a server that has
/// other things to do. The numbers are those of the service's own front, Kestrel.
final class Pace {
    /// Before that no body is too slow.
    static final Duration GRACE = Duration.ofSeconds(5);
    static final int BYTES_PER_SECOND_MIN = 240;
    /// In which all headers are to come, and the first of them on a new connection.
    static final Duration HEADERS = Duration.ofSeconds(30);

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final long openedAt;
    private boolean hasBegun;
    private Optional<Thread> answering = Optional.empty();
    // Plain numbers, for there are many of these reads.
    private boolean hasHeaders;
    private long headersSince;
    private boolean isWaiting;
    private long waitingSince;
    private long waitedNanos;
    private long bytes;

    /// @param openedAt when the connection was opened, in nanoseconds of a clock that only goes on
    Pace(long openedAt) {
        this.openedAt = openedAt;
    }

    /// The headers are there; this thread answers.
    ///
    /// @param ahead bytes that came with them
    synchronized void begins(int ahead) {
        answering = Optional.of(Thread.currentThread());
        hasBegun = true;
        hasHeaders = false;
        waitedNanos = 0;
        bytes = ahead;
    }

    synchronized void ends() {
        answering = Optional.empty();
        hasHeaders = false;
    }

    /// Reads what comes next.
    byte[] read(Supplier<byte[]> from) {
        waits(System.nanoTime());
        int got = 0;
        try {
            byte[] read = from.get();
            got = read == null ? 0 : read.length;
            return read;
        } finally {
            got(got, System.nanoTime());
        }
    }

    // Who reads ahead while a request is answered waits for the next one.
    private boolean isBody() {
        return answering.isPresent() && answering.get() == Thread.currentThread();
    }

    synchronized void waits(long nowNanos) {
        if (isBody()) {
            waitingSince = nowNanos;
            isWaiting = true;
        }
    }

    synchronized void got(int count, long nowNanos) {
        if (isBody()) {
            waitedNanos += isWaiting ? nowNanos - waitingSince : 0;
            isWaiting = false;
            bytes += count;
        } else if (answering.isEmpty() && !hasHeaders && count > 0) {
            hasHeaders = true;
            headersSince = nowNanos;
        }
    }

    synchronized boolean isTooSlow(long nowNanos) {
        if (answering.isEmpty()) {
            return (hasHeaders || !hasBegun) && nowNanos - (hasHeaders ? headersSince : openedAt) > HEADERS.toNanos();
        }
        if (!isWaiting) {
            return false;
        }
        long waited = waitedNanos + nowNanos - waitingSince;
        return waited > GRACE.toNanos() && (double) bytes * NANOS_PER_SECOND < (double) BYTES_PER_SECOND_MIN * waited;
    }
}
