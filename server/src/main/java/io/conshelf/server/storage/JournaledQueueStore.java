package io.conshelf.server.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/// Queues held in memory, every change of which is in a journal first.
final class JournaledQueueStore implements QueueStore, AutoCloseable {
    /// What clients leave of all room to the server, which puts what it has to say of their messages.
    private static final int PARTS_LEFT_BY_CLIENTS = 8;
    /// What a queue may take of it whose messages nobody has to read.
    private static final int PARTS_OF_TOLD = 16;

    private final TreeMap<String, MessageQueue> queues;
    private final StorageLimits limits;
    private final InstantSource clock;
    private final StoreLog log;

    private JournaledQueueStore(Journal journal, TreeMap<String, MessageQueue> queues, StorageLimits limits, InstantSource clock) {
        this.queues = queues;
        this.limits = limits;
        this.clock = clock;
        this.log = new StoreLog("queue", journal, this::bytes, this::snapshot);
    }

    static JournaledQueueStore open(JournalSource source, StorageLimits limits, InstantSource clock) throws IOException {
        TreeMap<String, MessageQueue> queues = new TreeMap<>();
        Journal journal = source.open(event -> apply(queues, QueueEvent.read(event)));
        return new JournaledQueueStore(journal, queues, limits, clock);
    }

    @Override public boolean create(String queue, Map<String, String> metadata) {
        Names.requireQueue(queue);
        return log.change(() -> {
            if (queues.containsKey(queue)) {
                return false;
            }
            if (queues.size() >= limits.containersMax()) {
                throw new StorageException(StorageCode.SERVER_BUSY, "There are %d queues, as many as this server keeps.".formatted(queues.size()));
            }
            record(new QueueEvent.Created(queue, metadata));
            return true;
        });
    }

    @Override public boolean drop(String queue) {
        return log.change(() -> {
            if (!queues.containsKey(queue)) {
                return false;
            }
            record(new QueueEvent.Dropped(queue));
            return true;
        });
    }

    @Override public List<String> queues() {
        return log.locked(() -> List.copyOf(queues.keySet()));
    }

    @Override public Map<String, String> metadata(String queue) {
        return log.locked(() -> existing(queue).metadata());
    }

    @Override public void putMetadata(String queue, Map<String, String> metadata) {
        log.change(() -> {
            existing(queue);
            return record(new QueueEvent.Described(queue, metadata));
        });
    }

    @Override public QueueMessage put(String queue, String text, Duration delay, Duration ttl) {
        requireSize(text);
        return log.change(() -> {
            existing(queue).expire(now());
            requireRoom(text);
            return added(queue, text, delay, ttl);
        });
    }

    @Override public QueueMessage putFor(String borrower, String queue, String text, Duration delay, Duration ttl) {
        requireSize(text);
        return log.change(() -> {
            MessageQueue messages = existing(queue);
            messages.expire(now());
            requireRoomFor(borrower, MessageQueue.bytesOf(text));
            QueueMessage message = added(queue, text, delay, ttl);
            messages.isOf(borrower, message.id());
            return message;
        });
    }

    @Override public void putAllFor(String borrower, String queue, List<String> texts) {
        texts.forEach(this::requireSize);
        log.change(() -> {
            MessageQueue messages = existing(queue);
            messages.expire(now());
            requireRoomFor(borrower, texts.stream().mapToLong(MessageQueue::bytesOf).sum());
            texts.forEach(text -> messages.isOf(borrower, added(queue, text, Duration.ZERO, DEFAULT_TTL).id()));
            return true;
        });
    }

    @Override public void tell(String queue, String text) {
        requireSize(text);
        log.change(() -> {
            MessageQueue messages = existing(queue);
            messages.expire(now());
            while (messages.count() > 0 && messages.bytes() + MessageQueue.bytesOf(text) > limits.queueBytesMax() / PARTS_OF_TOLD) {
                record(new QueueEvent.Deleted(queue, messages.oldest().orElseThrow().id()));
            }
            requireRoom(text);
            return added(queue, text, Duration.ZERO, DEFAULT_TTL);
        });
    }

    private QueueMessage added(String queue, String text, Duration delay, Duration ttl) {
        Instant now = now();
        QueueMessage message = new QueueMessage(UUID.randomUUID().toString(), text, receipt(), 0, now, now.plus(ttl), now.plus(delay));
        record(new QueueEvent.Put(queue, message));
        return message;
    }

    @Override public List<QueueMessage> receive(String queue, int max, Duration visibility) {
        // not synced: a forgotten receive only means a second delivery, and a poll must not cost a disk flush
        return log.locked(() -> {
            MessageQueue messages = existing(queue);
            Instant now = now();
            messages.expire(now);
            List<String> ids = new ArrayList<>();
            for (QueueMessage message : messages.visible(now)) {
                if (ids.size() == max) {
                    break;
                }
                ids.add(message.id());
            }
            List<QueueMessage> received = new ArrayList<>();
            for (String id : ids) {
                QueueMessage message = messages.find(id).orElseThrow();
                record(new QueueEvent.Hidden(queue, id, receipt(), message.dequeueCount() + 1, now.plus(visibility)));
                received.add(messages.find(id).orElseThrow());
            }
            return received;
        });
    }

    @Override public List<QueueMessage> peek(String queue, int max) {
        return log.locked(() -> {
            MessageQueue messages = existing(queue);
            messages.expire(now());
            List<QueueMessage> peeked = new ArrayList<>();
            for (QueueMessage message : messages.visible(now())) {
                if (peeked.size() == max) {
                    break;
                }
                peeked.add(new QueueMessage(message.id(), message.text(), "", message.dequeueCount(),
                        message.insertedOn(), message.expiresOn(), message.visibleOn()));
            }
            return peeked;
        });
    }

    @Override public QueueMessage extend(String queue, String id, String popReceipt, Duration visibility) {
        return log.change(() -> hide(queue, id, popReceipt, visibility));
    }

    @Override public void putBack(String queue, String id, String popReceipt, Duration visibility) {
        log.change(() -> {
            QueueMessage message = received(queue, id, popReceipt);
            // By the one that is left it is known as received, for [#release].
            long deliveries = Math.max(1, message.dequeueCount() - 1);
            return record(new QueueEvent.Hidden(queue, id, receipt(), deliveries, now().plus(visibility)));
        });
    }

    @Override public QueueMessage update(String queue, String id, String popReceipt, Duration visibility, String text) {
        requireSize(text);
        return log.change(() -> {
            received(queue, id, popReceipt);
            requireRoomFor("", MessageQueue.bytesOf(text));
            record(new QueueEvent.Rewritten(queue, id, text));
            return hide(queue, id, popReceipt, visibility);
        });
    }

    private QueueMessage hide(String queue, String id, String popReceipt, Duration visibility) {
        QueueMessage message = received(queue, id, popReceipt);
        record(new QueueEvent.Hidden(queue, id, receipt(), message.dequeueCount(), now().plus(visibility)));
        return existing(queue).find(id).orElseThrow();
    }

    @Override public void delete(String queue, String id, String popReceipt) {
        log.change(() -> {
            received(queue, id, popReceipt);
            return record(new QueueEvent.Deleted(queue, id));
        });
    }

    @Override public void clear(String queue) {
        log.change(() -> {
            existing(queue);
            return record(new QueueEvent.Cleared(queue));
        });
    }

    @Override public void release(String queue) {
        log.change(() -> {
            Instant now = now();
            List<QueueMessage> inHand = new ArrayList<>();
            existing(queue).all().forEach(message -> {
                if (message.dequeueCount() > 0 && message.visibleOn().isAfter(now)) {
                    inHand.add(message);
                }
            });
            inHand.forEach(message ->
                    record(new QueueEvent.Hidden(queue, message.id(), receipt(), message.dequeueCount(), now)));
            return true;
        });
    }

    @Override public int approximateCount(String queue) {
        return log.locked(() -> {
            MessageQueue messages = existing(queue);
            messages.expire(now());
            return messages.count();
        });
    }

    @Override public boolean awaitMessage(String queue, Duration timeout) throws InterruptedException {
        long nanosLeft = timeout.toNanos();
        log.lockInterruptibly();
        try {
            while (!log.isClosed()) {
                Instant now = now();
                Optional<Instant> next = existing(queue).nextVisibility();
                if (next.isPresent() && !next.get().isAfter(now)) {
                    return true;
                }
                if (nanosLeft <= 0) {
                    return false;
                }
                long slice = nanosLeft;
                if (next.isPresent() && next.get().isBefore(now.plusNanos(nanosLeft))) {
                    slice = Math.max(1, ChronoUnit.NANOS.between(now, next.get()));
                }
                nanosLeft -= slice - log.awaitChange(slice);
            }
            return false;
        } finally {
            log.unlock();
        }
    }

    @Override public void close() throws IOException {
        log.close();
    }

    private MessageQueue existing(String queue) {
        MessageQueue messages = queues.get(queue);
        if (messages == null) {
            throw StorageException.noQueue(queue);
        }
        return messages;
    }

    /// The message, when the receipt is that of its latest receive.
    private QueueMessage received(String queue, String id, String popReceipt) {
        MessageQueue messages = existing(queue);
        messages.expire(now());
        QueueMessage message = messages.find(id).orElseThrow(() -> new StorageException(StorageCode.MESSAGE_NOT_FOUND,
                "Message '%s' does not exist in queue '%s'; it was deleted or has expired.".formatted(id, queue)));
        if (!message.popReceipt().equals(popReceipt)) {
            throw new StorageException(StorageCode.POP_RECEIPT_MISMATCH,
                    "The pop receipt is not that of the latest receive of message '%s'; someone else has it now.".formatted(id));
        }
        return message;
    }

    private void requireSize(String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > limits.messageBytesMax()) {
            throw new StorageException(StorageCode.REQUEST_BODY_TOO_LARGE,
                    "The message has %d bytes; up to %d are allowed.".formatted(bytes, limits.messageBytesMax()));
        }
    }

    private void requireRoom(String text) {
        long bytes = bytes();
        if (bytes + MessageQueue.bytesOf(text) > limits.queueBytesMax()) {
            throw new StorageException(StorageCode.SERVER_BUSY,
                    "The queues hold %d bytes, as much as this server keeps; try again when messages were consumed.".formatted(bytes));
        }
    }

    /// A borrower has as much as is free at most, so that there always is room for another one.
    private void requireRoomFor(String borrower, long more) {
        long bytes = bytes();
        long free = limits.queueBytesMax() - limits.queueBytesMax() / PARTS_LEFT_BY_CLIENTS - bytes;
        long borrowed = borrower.isEmpty() ? 0 : queues.values().stream().mapToLong(messages -> messages.bytesOfBorrower(borrower)).sum();
        if (borrowed + more > free) {
            throw new StorageException(StorageCode.SERVER_BUSY, "The queues hold %d bytes, %d of them yours, as much as this server keeps for you; try again when messages were consumed."
                    .formatted(bytes, borrowed));
        }
    }

    private long bytes() {
        long bytes = 0;
        for (MessageQueue messages : queues.values()) {
            bytes += messages.bytes();
        }
        return bytes;
    }

    private Instant now() {
        return clock.instant();
    }

    private static String receipt() {
        return UUID.randomUUID().toString();
    }

    private boolean record(QueueEvent event) {
        log.append(event.bytes());
        apply(queues, event);
        return true;
    }

    StoreLog log() {
        return log;
    }

    private void snapshot(Consumer<byte[]> events) {
        queues.forEach((name, messages) -> {
            events.accept(new QueueEvent.Created(name, messages.metadata()).bytes());
            for (QueueMessage message : messages.all()) {
                events.accept(new QueueEvent.Put(name, message).bytes());
            }
        });
    }

    private static void apply(TreeMap<String, MessageQueue> queues, QueueEvent event) {
        switch (event) {
            case QueueEvent.Created(String queue, var metadata) -> queues.put(queue, new MessageQueue(metadata));
            case QueueEvent.Dropped(String queue) -> queues.remove(queue);
            case QueueEvent.Described(String queue, var metadata) -> queues.get(queue).describe(metadata);
            case QueueEvent.Cleared(String queue) -> queues.get(queue).clear();
            case QueueEvent.Put(String queue, QueueMessage message) -> queues.get(queue).add(message);
            case QueueEvent.Hidden(String queue, String id, String popReceipt, long dequeueCount, Instant visibleOn) ->
                queues.get(queue).find(id).ifPresent(m -> queues.get(queue).change(new QueueMessage(
                        id, m.text(), popReceipt, dequeueCount, m.insertedOn(), m.expiresOn(), visibleOn)));
            case QueueEvent.Rewritten(String queue, String id, String text) ->
                queues.get(queue).find(id).ifPresent(m -> queues.get(queue).change(new QueueMessage(
                        id, text, m.popReceipt(), m.dequeueCount(), m.insertedOn(), m.expiresOn(), m.visibleOn())));
            case QueueEvent.Deleted(String queue, String id) -> queues.get(queue).remove(id);
        }
    }
}
