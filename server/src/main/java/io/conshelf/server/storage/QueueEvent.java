package io.conshelf.server.storage;

import java.time.Instant;
import java.util.Map;

/// What can happen to queues. Kinds are letters in the journal: a letter once used keeps its meaning.
sealed interface QueueEvent {
    String queue();

    record Created(String queue, Map<String, String> metadata) implements QueueEvent {}

    record Dropped(String queue) implements QueueEvent {}

    record Described(String queue, Map<String, String> metadata) implements QueueEvent {}

    record Cleared(String queue) implements QueueEvent {}

    record Put(String queue, QueueMessage message) implements QueueEvent {}

    /// A receive or an update; the text is in [Rewritten].
    record Hidden(String queue, String id, String popReceipt, long dequeueCount, Instant visibleOn) implements QueueEvent {}

    record Rewritten(String queue, String id, String text) implements QueueEvent {}

    record Deleted(String queue, String id) implements QueueEvent {}

    default byte[] bytes() {
        return switch (this) {
            case Created(String queue, var metadata) -> new EventWriter('c').text(queue).map(metadata).bytes();
            case Dropped(String queue) -> new EventWriter('d').text(queue).bytes();
            case Described(String queue, var metadata) -> new EventWriter('m').text(queue).map(metadata).bytes();
            case Cleared(String queue) -> new EventWriter('l').text(queue).bytes();
            case Put(String queue, QueueMessage message) -> new EventWriter('p').text(queue)
                    .text(message.id()).text(message.text()).text(message.popReceipt()).number(message.dequeueCount())
                    .instant(message.insertedOn()).instant(message.expiresOn()).instant(message.visibleOn()).bytes();
            case Hidden(String queue, String id, String popReceipt, long dequeueCount, Instant visibleOn) ->
                new EventWriter('h').text(queue).text(id).text(popReceipt).number(dequeueCount).instant(visibleOn).bytes();
            case Rewritten(String queue, String id, String text) -> new EventWriter('w').text(queue).text(id).text(text).bytes();
            case Deleted(String queue, String id) -> new EventWriter('x').text(queue).text(id).bytes();
        };
    }

    static QueueEvent read(byte[] event) {
        EventReader in = new EventReader(event);
        char kind = in.kind();
        String queue = in.text();
        return switch (kind) {
            case 'c' -> new Created(queue, in.map());
            case 'd' -> new Dropped(queue);
            case 'm' -> new Described(queue, in.map());
            case 'l' -> new Cleared(queue);
            case 'p' -> new Put(queue, new QueueMessage(
                    in.text(), in.text(), in.text(), in.number(), in.instant(), in.instant(), in.instant()));
            case 'h' -> new Hidden(queue, in.text(), in.text(), in.number(), in.instant());
            case 'w' -> new Rewritten(queue, in.text(), in.text());
            case 'x' -> new Deleted(queue, in.text());
            default -> throw new IllegalStateException("The queue journal has an event '%s' of a later version.".formatted(kind));
        };
    }
}
