package io.conshelf.server.ingest;

import io.conshelf.server.storage.QueueMessage;
import io.conshelf.server.storage.StorageException;
import io.conshelf.server.storage.StorageResource;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The messages of the ready queue, and those of them that are in our hands.
final class ReadyMessages {
    private static final Logger LOG = LoggerFactory.getLogger(ReadyMessages.class);
    private static final Duration REDELIVERY_MAX = Duration.ofMinutes(5);
    /// How long messages stay in the queue that cannot be ingested before that.
    private static final Duration PUT_BACK = Duration.ofSeconds(30);
    private static final int RECEIVED_AT_ONCE = 32;

    private final LentStorage storage;
    /// So that none is taken twice.
    private final Set<String> inHand = ConcurrentHashMap.newKeySet();
    /// Messages that the queue would not take back yet.
    private final Queue<Return> returns = new ConcurrentLinkedQueue<>();

    private record Return(Source.Receipt receipt, Runnable ending) {}

    ReadyMessages(LentStorage storage) {
        this.storage = storage;
    }

    /// Clients with the account's key can delete the queue.
    void restore() {
        storage.create(new StorageResource.Queue(Resources.READY_QUEUE));
    }

    /// Makes visible what an earlier process had in its hands.
    void release() {
        storage.release(Resources.READY_QUEUE);
    }

    int inHand() {
        return inHand.size();
    }

    /// Whether there are as many as the storage keeps for us.
    boolean isFull() {
        return inHand.size() >= storage.heldMax();
    }

    boolean isInHand(Source source) {
        return inHand.contains(source.receipt().messageId());
    }

    boolean await(Duration max) throws InterruptedException {
        return storage.awaitMessage(Resources.READY_QUEUE, max);
    }

    List<QueueMessage> receive() {
        return storage.receive(Resources.READY_QUEUE, RECEIVED_AT_ONCE);
    }

    /// @return whether it was not in our hands before
    boolean take(QueueMessage message) {
        return inHand.add(message.id());
    }

    /// Deletes a message whose source has ended. One that cannot be deleted comes again, and the engine knows it.
    void finish(Source.Receipt receipt) {
        try {
            storage.delete(Resources.READY_QUEUE, receipt.messageId(), receipt.popReceipt());
        } catch (RuntimeException e) {
            LOG.warn("Message {} could not be deleted: {}", receipt.messageId(), e.getMessage());
        } finally {
            inHand.remove(receipt.messageId());
        }
    }

    /// What has not ended of a batch comes again.
    void giveBack(Batch batch) {
        batch.sources().stream().filter(this::isInHand).forEach(source -> giveBack(source.receipt()));
    }

    /// Has the queue deliver a message again, later each time.
    void giveBack(Source.Receipt receipt) {
        var delay = Duration.ofSeconds(1L << Math.min(receipt.deliveries(), 20));
        end(receipt, () -> storage.giveBack(
                Resources.READY_QUEUE, receipt.messageId(), receipt.popReceipt(), delay.compareTo(REDELIVERY_MAX) < 0 ? delay : REDELIVERY_MAX));
    }

    private void end(Source.Receipt receipt, Runnable ending) {
        try {
            ending.run();
            inHand.remove(receipt.messageId());
        } catch (StorageException e) {
            switch (e.code()) {
                case MESSAGE_NOT_FOUND, POP_RECEIPT_MISMATCH, QUEUE_NOT_FOUND -> inHand.remove(receipt.messageId());
                default -> returns.add(new Return(receipt, ending));
            }
        } catch (RuntimeException e) {
            LOG.debug("Message {} could not be given back: {}", receipt.messageId(), e.getMessage());
            returns.add(new Return(receipt, ending));
        }
    }

    /// Tries again to give back what the queue would not take.
    void giveBackAgain() {
        for (int left = returns.size(); left > 0; left--) {
            var again = returns.remove();
            end(again.receipt(), again.ending());
        }
    }

    /// As [#giveBack], of what could not be tried: that is no delivery.
    void putBack(Batch batch) {
        batch.sources().stream().filter(this::isInHand).forEach(source -> putBack(source.receipt()));
    }

    void putBack(Source.Receipt receipt) {
        end(receipt, () -> storage.putBack(Resources.READY_QUEUE, receipt.messageId(), receipt.popReceipt(), PUT_BACK));
    }
}
