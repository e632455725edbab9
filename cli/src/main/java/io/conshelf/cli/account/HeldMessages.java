package io.conshelf.cli.account;

import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.models.QueueStorageException;
import io.conshelf.server.storage.StorageCode;
import io.conshelf.server.storage.StorageException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The messages of a queue of an account that were received and have not ended. They stay hidden from others for a short time only, so that a
/// process that dies keeps none for long, and that time is renewed while they are here. Each renewal changes the receipt that the account asks for.
final class HeldMessages implements AutoCloseable {
    static final Duration HIDDEN = Duration.ofMinutes(2);
    private static final Duration RENEWED_EVERY = Duration.ofSeconds(40);
    private static final Logger LOG = LoggerFactory.getLogger(HeldMessages.class);

    private final QueueClient queue;
    private final Map<String, Held> held = new ConcurrentHashMap<>();
    /// How often each was put back: the account counts that too.
    private final Map<String, Integer> putBack = new ConcurrentHashMap<>();
    private final Thread renewing;

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

    /// @return how often it was delivered, this time included
    long received(String id, String receipt, long dequeueCount) {
        held.put(id, new Held(receipt));
        return Math.max(1, dequeueCount - putBack.getOrDefault(id, 0));
    }

    /// Deletes it.
    void delete(String id) {
        end(id, receipt -> queue.deleteMessage(id, receipt));
        putBack.remove(id);
    }

    /// Makes it visible to all after a while.
    void giveBack(String id, Duration after) {
        // Without a text the message would lose the one it has.
        end(id, receipt -> queue.updateMessage(id, receipt, null, after));
    }

    /// As [#giveBack], where that is not to count as a delivery.
    void putBack(String id, Duration after) {
        giveBack(id, after);
        putBack.merge(id, 1, Integer::sum);
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
                held.forEach(this::renew);
            }
        } catch (InterruptedException e) {
            // It is closed.
        }
    }

    private void renew(String id, Held message) {
        synchronized (message) {
            if (message.isOver) {
                return;
            }
            try {
                message.receipt = queue.updateMessage(id, message.receipt, null, HIDDEN).getPopReceipt();
            } catch (RuntimeException e) {
                // It may come a second time then, which the engine tells by the id of its source.
                LOG.warn("Message {} could not be kept hidden: {}", id, e.getClass().getSimpleName());
            }
        }
    }

    /// Gives everything back at once.
    @Override
    public void close() {
        renewing.interrupt();
        for (String id : held.keySet()) {
            try {
                giveBack(id, Duration.ZERO);
            } catch (RuntimeException e) {
                LOG.warn("Message {} comes again after {} only: {}", id, HIDDEN, e.getClass().getSimpleName());
            }
        }
    }
}
