package io.conshelf.server;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Places for those who sign in, each of whom may cost the hash of a secret: apart from the places of those who are known. Nothing is
/// waited for in them, so that nobody holds one by sending slowly.
final class SignInTurns {
    static final int AT_ONCE = 32;
    private static final Duration WAIT = Duration.ofSeconds(2);

    private final Semaphore places = new Semaphore(AT_ONCE);

    interface Work {
        void run() throws IOException;
    }

    /// @throws io.conshelf.engine.KustoException 429 where no place comes free
    void run(Reply reply, Work work) throws IOException {
        if (!isTurn()) {
            reply.retryAfter(WAIT);
            throw Refusals.tooManyConnections();
        }
        try {
            work.run();
        } finally {
            places.release();
        }
    }

    private boolean isTurn() {
        try {
            return places.tryAcquire(WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
