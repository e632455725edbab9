package io.conshelf.cli.account;

import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.models.QueueStorageException;
import io.conshelf.server.storage.StorageCode;
import io.conshelf.server.storage.StorageException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The messages of a queue of an account that were received and have not ended. They stay hidden from others for a short time only, so that a
/// process that dies keeps none for long, and that time is renewed while they are here. Each renewal changes the receipt that the account asks for.
final class HeldMessages implements AutoCloseable {
    static final Duration HIDDEN = Duration.ofMinutes(2);
    private static final Duration RENEWED_EVERY = Duration.ofSeconds(40);
    private static final Logger LOG = LoggerFactory.getLogger(HeldMessages.class);

    /// How many calls are made at once: one after the other, renewing what may be held would take longer than it stays hidden.
    private static final int CALLS_AT_ONCE = 8;
    /// What is not given back by then comes again by itself.
    private static final Duration CLOSING_MAX = Duration.ofSeconds(5);
    /// Messages whose failures are remembered; those that failed longest ago are forgotten first, and begin anew.
    private static final int FAILED_MAX = 100_000;

    private final QueueClient queue;
    private final Map<String, Held> held = new ConcurrentHashMap<>();
    /// How often each was given back. The account counts more: what was only put back, what a former process held at its end, and what came again
    /// because renewing was late.
    private final Map<String, Integer> failed = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > FAILED_MAX;
        }
    };
    private final Thread renewing;
    private volatile boolean isClosed;

    /// Its receipt changes under its own lock.
    private static final class Held {
        private String receipt;
        private boolean isOver;

        private Held(String receipt) {
            this.receipt = receipt;
        }
    }

    private interface Use {
        void with(String receipt);
    }

    HeldMessages(QueueClient queue) {
        this.queue = queue;
        this.renewing = Thread.ofVirtual().name("held-messages").start(this::renew);
    }

    /// @return which attempt of this process it is
    long received(String id, String receipt) {
        held.put(id, new Held(receipt));
        synchronized (failed) {
            return 1 + failed.getOrDefault(id, 0);
        }
    }

    /// Deletes it, or has nothing more to do with it.
    void delete(String id) {
        try {
            end(id, receipt -> queue.deleteMessage(id, receipt));
        } finally {
            // What could not be deleted comes again: nobody has it in hand any more.
            held.remove(id);
        }
        synchronized (failed) {
            failed.remove(id);
        }
    }

    /// Makes it visible to all after a while.
    void giveBack(String id, Duration after) {
        putBack(id, after);
        synchronized (failed) {
            failed.merge(id, 1, Integer::sum);
        }
    }

    /// As [#giveBack], where that is not to count as an attempt.
    void putBack(String id, Duration after) {
        // Without a text the message would lose the one it has.
        end(id, receipt -> queue.updateMessage(id, receipt, null, after));
    }

    private void end(String id, Use use) {
        Held message = held.get(id);
        if (message == null) {
            throw new StorageException(StorageCode.MESSAGE_NOT_FOUND, "Message '%s' is not held.".formatted(id));
        }
        synchronized (message) {
            try {
                use.with(message.receipt);
            } catch (QueueStorageException e) {
                if (e.getStatusCode() != 404 && e.getStatusCode() != 400) {
                    throw e;
                }
                message.isOver = true;
                held.remove(id);
                throw new StorageException(StorageCode.MESSAGE_NOT_FOUND, "Message '%s' is no longer held.".formatted(id), e);
            }
            message.isOver = true;
            held.remove(id);
        }
    }

    private void renew() {
        try {
            while (true) {
                Thread.sleep(RENEWED_EVERY);
                var late = new LongAdder();
                forAllHeld(id -> {
                    if (!renew(id)) {
                        late.increment();
                    }
                }).await();
                if (late.sum() > 0) {
                    // They may come a second time then, which the engine tells by the ids of their sources.
                    LOG.warn("{} messages could not be kept hidden", late.sum());
                }
            }
        } catch (InterruptedException e) {
            // It is closed.
        }
    }

    /// Begins to do something with each message that is held now.
    ///
    /// @return what is at zero when all have been dealt with
    private CountDownLatch forAllHeld(Consumer<String> work) {
        var left = new ConcurrentLinkedQueue<>(held.keySet());
        var running = new CountDownLatch(CALLS_AT_ONCE);
        for (int i = 0; i < CALLS_AT_ONCE; i++) {
            Thread.ofVirtual().name("held-messages-call").start(() -> {
                try {
                    for (String id = left.poll(); id != null; id = left.poll()) {
                        work.accept(id);
                    }
                } finally {
                    running.countDown();
                }
            });
        }
        return running;
    }

    /// @return false when the account did not take it
    private boolean renew(String id) {
        Held message = held.get(id);
        if (message == null || isClosed) {
            return true;
        }
        synchronized (message) {
            if (message.isOver) {
                return true;
            }
            try {
                message.receipt = queue.updateMessage(id, message.receipt, null, HIDDEN).getPopReceipt();
                return true;
            } catch (RuntimeException e) {
                LOG.debug("Message {} could not be kept hidden: {}", id, e.getClass().getSimpleName());
                return false;
            }
        }
    }

    /// Gives everything back at once, as far as the account takes it soon: whoever ends a process waits for that.
    @Override
    public void close() {
        isClosed = true;
        renewing.interrupt();
        var isAway = new AtomicBoolean();
        try {
            boolean isDone = forAllHeld(id -> {
                if (!isAway.get()) {
                    giveBackAtEnd(id, isAway);
                }
            }).await(CLOSING_MAX.toMillis(), TimeUnit.MILLISECONDS);
            if (!isDone || isAway.get()) {
                isAway.set(true);
                LOG.warn("{} messages come again after {} only", held.size(), HIDDEN);
            }
        } catch (InterruptedException e) {
            isAway.set(true);
            Thread.currentThread().interrupt();
        }
    }

    private void giveBackAtEnd(String id, AtomicBoolean isAway) {
        try {
            putBack(id, Duration.ZERO);
        } catch (StorageException e) {
            LOG.debug("Message {} is no longer held", id);
        } catch (RuntimeException e) {
            isAway.set(true);
        }
    }
}
