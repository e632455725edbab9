package io.conshelf.server.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Finds out whether secrets are right, which costs a tenth of a second of a processor each: on half of the processors at most, so that strangers who
/// guess leave the others to everybody else. One that was right is known again at once, so that those who belong wait for nobody who guesses.
public final class SecretChecks implements AutoCloseable {
    /// They wait no longer than a client would.
    static final int WAITING_MAX = 32;
    private static final int REMEMBERED_MAX = 10_000;
    private static final Duration IDLE = Duration.ofSeconds(10);
    /// How long who finds no place waits for one.
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final String MAC = "HmacSHA256";
    private static final int KEY_BYTES = 32;

    private final Brake brake;
    private final ThreadPoolExecutor hashing;
    private final SecretKeySpec key;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final Map<Same, CompletableFuture<Outcome>> underWay = new HashMap<>();
    private final Map<String, Boolean> right = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    /// How often secrets may be wrong.
    public interface Brake {
        Brake NONE = new Brake() {
            @Override
            public Optional<Duration> ask(String account, String from) {
                return Optional.empty();
            }

            @Override
            public void forget(String account, String from) {
                // nothing is counted
            }
        };

        /// Counts a secret that is about to be looked at, as if it were wrong.
        ///
        /// @param account that it is to open
        /// @param from    the client's address
        /// @return when to ask again, where it may not be looked at now
        Optional<Duration> ask(String account, String from);

        /// The secret was right, or is not looked at for another reason.
        void forget(String account, String from);
    }

    /// What came of a secret.
    sealed interface Outcome {
        record Right() implements Outcome {}

        record Wrong() implements Outcome {}

        /// It was not looked at.
        record TooMany(Duration again) implements Outcome {}
    }

    SecretChecks(Brake brake) {
        this(brake, PATIENCE);
    }

    SecretChecks(Brake brake, Duration patience) {
        this.brake = brake;
        this.patience = patience;
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.hashing = new ThreadPoolExecutor(threads, threads, IDLE.toMillis(), TimeUnit.MILLISECONDS, new ArrayBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().daemon().name("conshelf-secrets-", 0).factory());
        hashing.allowCoreThreadTimeOut(true);
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        this.key = new SecretKeySpec(random, MAC);
    }

    /// @param expected [SecretHash#NONE] where there is no such account: that takes as long
    Outcome check(String account, SecretHash expected, String secret, String from) {
        return check(account, expected, secret, from, Brake.NONE);
    }

    /// @param more what the account is braked by beside
    Outcome check(String account, SecretHash expected, String secret, String from, Brake more) {
        try {
            return looked(account, expected, secret, from, more).get();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Outcome.TooMany(patience);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a secret could not be hashed", e.getCause());
        }
    }

    /// Only what turned out wrong is held against anybody: where those that are looked at now are as many as may be wrong, this one waits for them a while.
    private Future<Outcome> looked(String account, SecretHash expected, String secret, String from, Brake more) throws InterruptedException {
        String mark = mark(expected, secret);
        // Of the account too, as those that do not exist have one hash in common, and the time is not to tell.
        var same = new Same(account, mark);
        long nanosLeft = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (true) {
                if (right.get(mark) != null) {
                    return CompletableFuture.completedFuture(new Outcome.Right());
                }
                Optional<CompletableFuture<Outcome>> joined = Optional.ofNullable(underWay.get(same));
                if (joined.isPresent()) {
                    return joined.get();
                }
                Optional<Duration> wait = isFull() ? Optional.of(patience) : ask(account, from, more);
                if (wait.isEmpty()) {
                    var outcome = new CompletableFuture<Outcome>();
                    hashing.execute(() -> hash(same, expected, secret, from, more, outcome));
                    underWay.put(same, outcome);
                    return outcome;
                }
                if (underWay.isEmpty() || nanosLeft <= 0) {
                    return CompletableFuture.completedFuture(new Outcome.TooMany(wait.get()));
                }
                nanosLeft = ended.awaitNanos(nanosLeft);
            }
        } finally {
            lock.unlock();
        }
    }

    private record Same(String account, String mark) {}

    // Under the lock, so that a place which is free stays so.
    private boolean isFull() {
        return hashing.isShutdown() || hashing.getQueue().remainingCapacity() == 0;
    }

    private Optional<Duration> ask(String account, String from, Brake more) {
        Optional<Duration> wait = brake.ask(account, from);
        if (wait.isPresent()) {
            return wait;
        }
        wait = more.ask(account, from);
        if (wait.isPresent()) {
            brake.forget(account, from);
        }
        return wait;
    }

    private void hash(Same same, SecretHash expected, String secret, String from, Brake more, CompletableFuture<Outcome> outcome) {
        try {
            boolean isRight = expected.matches(secret);
            end(same, () -> {
                if (isRight) {
                    brake.forget(same.account(), from);
                    more.forget(same.account(), from);
                    right.put(same.mark(), true);
                }
            });
            outcome.complete(isRight ? new Outcome.Right() : new Outcome.Wrong());
        } catch (RuntimeException | Error e) {
            end(same, () -> {});
            outcome.completeExceptionally(e);
        }
    }

    private void end(Same same, Runnable told) {
        lock.lock();
        try {
            underWay.remove(same);
            told.run();
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // Of the hash too: with another secret in its place this one is not right any more.
    private String mark(SecretHash expected, String secret) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            mac.update((expected.salt() + ' ' + expected.hash() + ' ').getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(mac.doFinal(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has " + MAC, e);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            hashing.shutdownNow();
            underWay.values().forEach(outcome -> outcome.complete(new Outcome.TooMany(patience)));
            underWay.clear();
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "SecretChecks[***]";
    }
}
