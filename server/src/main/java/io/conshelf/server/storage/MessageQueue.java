package io.conshelf.server.storage;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// One queue's messages in memory, in the order in which they become visible. Guarded by its store's lock.
final class MessageQueue {
    private static final int MESSAGE_OVERHEAD_BYTES = 400;

    /// A message's place: by time of visibility, among equals by arrival.
    private record Place(Instant at, long arrival, String id) implements Comparable<Place> {
        private static final Comparator<Place> ORDER = Comparator.comparing(Place::at).thenComparingLong(Place::arrival);

        @Override public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    private record Held(QueueMessage message, long arrival, String borrower) {
        Place visibility() {
            return new Place(message.visibleOn(), arrival, message.id());
        }

        Place expiry() {
            return new Place(message.expiresOn(), arrival, message.id());
        }
    }

    private final Map<String, Held> messages = new HashMap<>();
    private final TreeSet<Place> byVisibility = new TreeSet<>();
    private final TreeSet<Place> byExpiry = new TreeSet<>();
    private final Map<String, Long> bytesByBorrower = new HashMap<>();
    private Map<String, String> metadata;
    private long arrivals;
    private long bytes;

    MessageQueue(Map<String, String> metadata) {
        this.metadata = Map.copyOf(metadata);
    }

    static long bytesOf(String text) {
        return text.length() + MESSAGE_OVERHEAD_BYTES;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    void describe(Map<String, String> changed) {
        metadata = Map.copyOf(changed);
    }

    long bytes() {
        return bytes;
    }

    int count() {
        return messages.size();
    }

    Optional<QueueMessage> find(String id) {
        return Optional.ofNullable(messages.get(id)).map(Held::message);
    }

    void add(QueueMessage message) {
        hold(new Held(message, arrivals++, ""));
    }

    /// Tells for whom a message is. In memory only: after a restart it is nobody's.
    void isOf(String borrower, String id) {
        take(id).ifPresent(held -> hold(new Held(held.message(), held.arrival(), borrower)));
    }

    long bytesOfBorrower(String borrower) {
        return bytesByBorrower.getOrDefault(borrower, 0L);
    }

    Optional<QueueMessage> oldest() {
        return byExpiry.isEmpty() ? Optional.empty() : find(byExpiry.first().id());
    }

    /// Puts a changed message in the place of its former self; one that is gone stays gone.
    void change(QueueMessage message) {
        take(message.id()).ifPresent(former -> hold(new Held(message, former.arrival(), former.borrower())));
    }

    void remove(String id) {
        take(id);
    }

    void clear() {
        messages.clear();
        byVisibility.clear();
        byExpiry.clear();
        bytesByBorrower.clear();
        bytes = 0;
    }

    void expire(Instant now) {
        while (!byExpiry.isEmpty() && !byExpiry.first().at().isAfter(now)) {
            take(byExpiry.first().id());
        }
    }

    /// Visible messages, first come first.
    Iterable<QueueMessage> visible(Instant now) {
        return () -> byVisibility.stream()
                .takeWhile(place -> !place.at().isAfter(now))
                .map(place -> messages.get(place.id()).message())
                .iterator();
    }

    /// All messages by arrival.
    Iterable<QueueMessage> all() {
        return () -> messages.values().stream()
                .sorted(Comparator.comparingLong(Held::arrival))
                .map(Held::message)
                .iterator();
    }

    /// When the first message is visible or was.
    Optional<Instant> nextVisibility() {
        return byVisibility.isEmpty() ? Optional.empty() : Optional.of(byVisibility.first().at());
    }

    private void hold(Held held) {
        messages.put(held.message().id(), held);
        byVisibility.add(held.visibility());
        byExpiry.add(held.expiry());
        count(held, bytesOf(held.message().text()));
    }

    private void count(Held held, long more) {
        bytes += more;
        if (!held.borrower().isEmpty() && bytesByBorrower.merge(held.borrower(), more, Long::sum) == 0) {
            bytesByBorrower.remove(held.borrower());
        }
    }

    private Optional<Held> take(String id) {
        Held held = messages.remove(id);
        if (held == null) {
            return Optional.empty();
        }
        byVisibility.remove(held.visibility());
        byExpiry.remove(held.expiry());
        count(held, -bytesOf(held.message().text()));
        return Optional.of(held);
    }
}
