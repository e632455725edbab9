package io.conshelf.server.storage;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The queue service over HTTP.
final class QueueRequests {
    private static final String MESSAGES = "messages";
    private static final Duration VISIBILITY_DEFAULT = Duration.ofSeconds(30);
    private static final long VISIBILITY_SECONDS_MAX = Duration.ofDays(7).toSeconds();
    /// What is put into a queue that is lent is for who lends it, and waits for nobody: clients of ingestion do not say it at all.
    private static final long LENT_DELAY_SECONDS_MAX = Duration.ofMinutes(5).toSeconds();
    private static final int LIST_MAX = 5000;

    private final QueueStore queues;
    private final StorageLimits limits;

    QueueRequests(QueueStore queues, StorageLimits limits) {
        this.queues = queues;
        this.limits = limits;
    }

    void handle(StorageRequest request, Grant grant, Reply reply) throws IOException {
        String queue = request.address().resourceName();
        String rest = request.address().rest();
        if (queue.isEmpty()) {
            account(request, grant, reply);
        } else if (rest.isEmpty()) {
            queue(queue, request, grant, reply);
        } else if (rest.equals(MESSAGES)) {
            messages(queue, request, grant, reply);
        } else if (rest.startsWith(MESSAGES + "/")) {
            message(queue, rest.substring(MESSAGES.length() + 1), request, grant, reply);
        } else {
            throw new StorageException(StorageCode.INVALID_URI, "'%s' is not a part of a queue; 'messages' is.".formatted(rest));
        }
    }

    private void account(StorageRequest request, Grant grant, Reply reply) {
        if (!request.method().equals("GET") || !request.asks("comp", "list")) {
            throw StorageException.notImplemented("%s on the queue account (comp='%s')".formatted(request.method(), request.parameter("comp")));
        }
        grant.require(Requirement.service(SasPermission.LIST));
        String prefix = request.parameter("prefix");
        String marker = request.parameter("marker");
        int max = number(request, "maxresults", LIST_MAX, 1, LIST_MAX);
        List<String> names = queues.queues().stream()
                .filter(name -> name.startsWith(prefix) && name.compareTo(marker) >= 0).limit(max + 1L).toList();
        Xml xml = new Xml().open("EnumerationResults").leaf("Prefix", prefix).leaf("MaxResults", Integer.toString(max)).open("Queues");
        names.stream().limit(max).forEach(name -> xml.open("Queue").leaf("Name", name).close());
        xml.close().leaf("NextMarker", names.size() > max ? names.get(max) : "").close();
        reply.xml(200, xml.bytes());
    }

    private void queue(String queue, StorageRequest request, Grant grant, Reply reply) {
        String comp = request.parameter("comp");
        switch (request.method() + (comp.isEmpty() ? "" : " " + comp)) {
            case "PUT" -> create(queue, request, grant, reply);
            case "DELETE" -> {
                grant.require(Requirement.container(SasPermission.DELETE));
                if (!queues.drop(queue)) {
                    throw StorageException.noQueue(queue);
                }
                reply.send(204);
            }
            case "GET metadata", "HEAD metadata" -> {
                grant.require(Requirement.inside(SasPermission.READ));
                reply.metadata(queues.metadata(queue))
                        .header("x-ms-approximate-messages-count", Integer.toString(queues.approximateCount(queue)))
                        .send(200);
            }
            case "PUT metadata" -> {
                grant.require(Requirement.container(SasPermission.WRITE));
                queues.putMetadata(queue, request.metadata(limits));
                reply.send(204);
            }
            default -> throw StorageException.notImplemented("%s on a queue (comp='%s')".formatted(request.method(), comp));
        }
    }

    private void create(String queue, StorageRequest request, Grant grant, Reply reply) {
        grant.require(Requirement.container(SasPermission.CREATE, SasPermission.WRITE));
        Map<String, String> metadata = request.metadata(limits);
        if (queues.create(queue, metadata)) {
            reply.send(201);
        } else if (queues.metadata(queue).equals(metadata)) {
            reply.send(204);
        } else {
            throw new StorageException(StorageCode.QUEUE_ALREADY_EXISTS, "Queue '%s' exists with other metadata.".formatted(queue));
        }
    }

    private void messages(String queue, StorageRequest request, Grant grant, Reply reply) throws IOException {
        switch (request.method()) {
            case "POST" -> {
                grant.require(Requirement.object(SasPermission.ADD));
                put(queue, request, grant, reply);
            }
            case "GET" -> {
                int max = number(request, "numofmessages", 1, 1, limits.messagesPerReceiveMax());
                if (request.asks("peekonly", "true")) {
                    grant.require(Requirement.object(SasPermission.READ));
                    reply.xml(200, list(queues.peek(queue, max), Shown.PEEKED));
                } else {
                    grant.require(Requirement.object(SasPermission.PROCESS));
                    Duration visibility = seconds(request, "visibilitytimeout", VISIBILITY_DEFAULT, 1);
                    reply.xml(200, list(queues.receive(queue, max, visibility), Shown.RECEIVED));
                }
            }
            case "DELETE" -> {
                grant.require(new Requirement(Requirement.Level.OBJECT, false, Requirement.object(SasPermission.DELETE).alternatives()));
                queues.clear(queue);
                reply.send(204);
            }
            default -> throw StorageException.notImplemented(request.method() + " on a queue's messages");
        }
    }

    private void put(String queue, StorageRequest request, Grant grant, Reply reply) throws IOException {
        Duration delay = seconds(request, "visibilitytimeout", Duration.ZERO, 0);
        if (!grant.borrower().isEmpty() && delay.toSeconds() > LENT_DELAY_SECONDS_MAX) {
            throw outOfRange("visibilitytimeout", Long.toString(delay.toSeconds()), "0 to %d for a queue that is lent".formatted(LENT_DELAY_SECONDS_MAX));
        }
        Duration ttl = ttl(request);
        if (delay.compareTo(ttl) >= 0) {
            throw outOfRange("visibilitytimeout", Long.toString(delay.toSeconds()), "less than messagettl");
        }
        String text = text(request).orElseThrow(() -> new StorageException(
                StorageCode.INVALID_XML_DOCUMENT, "The request's body has no <QueueMessage> with a <MessageText>."));
        reply.xml(201, list(List.of(queues.putFor(grant.borrower(), queue, text, delay, ttl)), Shown.SENT));
    }

    private void message(String queue, String id, StorageRequest request, Grant grant, Reply reply) throws IOException {
        String popReceipt = request.parameter("popreceipt");
        if (popReceipt.isEmpty()) {
            throw missing("popreceipt");
        }
        switch (request.method()) {
            case "DELETE" -> {
                grant.require(Requirement.object(SasPermission.PROCESS));
                queues.delete(queue, id, popReceipt);
                reply.send(204);
            }
            case "PUT" -> {
                grant.require(Requirement.object(SasPermission.UPDATE));
                if (request.parameter("visibilitytimeout").isEmpty()) {
                    throw missing("visibilitytimeout");
                }
                Duration visibility = seconds(request, "visibilitytimeout", Duration.ZERO, 0);
                Optional<String> text = text(request);
                QueueMessage updated = text.isPresent()
                        ? queues.update(queue, id, popReceipt, visibility, text.get())
                        : queues.extend(queue, id, popReceipt, visibility);
                reply.header("x-ms-popreceipt", updated.popReceipt())
                        .header("x-ms-time-next-visible", Reply.date(updated.visibleOn()))
                        .send(204);
            }
            default -> throw StorageException.notImplemented(request.method() + " on a message");
        }
    }

    private Optional<String> text(StorageRequest request) throws IOException {
        byte[] document = request.document(limits);
        if (document.length == 0) {
            return Optional.empty();
        }
        return Xml.leaves(document, "QueueMessage").stream()
                .filter(leaf -> leaf.name().equals("MessageText"))
                .map(Xml.Leaf::text)
                .findFirst();
    }

    private enum Shown { SENT, PEEKED, RECEIVED }

    private static byte[] list(List<QueueMessage> messages, Shown shown) {
        Xml xml = new Xml().open("QueueMessagesList");
        for (QueueMessage message : messages) {
            xml.open("QueueMessage")
                    .leaf("MessageId", message.id())
                    .leaf("InsertionTime", Reply.date(message.insertedOn()))
                    .leaf("ExpirationTime", Reply.date(message.expiresOn()));
            if (shown != Shown.PEEKED) {
                xml.leaf("PopReceipt", message.popReceipt()).leaf("TimeNextVisible", Reply.date(message.visibleOn()));
            }
            if (shown != Shown.SENT) {
                xml.leaf("DequeueCount", Long.toString(message.dequeueCount())).leaf("MessageText", message.text());
            }
            xml.close();
        }
        return xml.close().bytes();
    }

    private static Duration ttl(StorageRequest request) {
        if (request.parameter("messagettl").equals("-1")) {
            return QueueStore.FOREVER;
        }
        int seconds = number(request, "messagettl", (int) QueueStore.DEFAULT_TTL.toSeconds(), 1, Integer.MAX_VALUE);
        return Duration.ofSeconds(seconds);
    }

    private static Duration seconds(StorageRequest request, String parameter, Duration otherwise, int min) {
        return Duration.ofSeconds(number(request, parameter, (int) otherwise.toSeconds(), min, (int) VISIBILITY_SECONDS_MAX));
    }

    static int number(StorageRequest request, String parameter, int otherwise, int min, int max) {
        String text = request.parameter(parameter);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
            throw outOfRange(parameter, text, "%d to %d".formatted(min, max));
        } catch (NumberFormatException _) {
            throw new StorageException(StorageCode.INVALID_QUERY_PARAMETER_VALUE,
                    "'%s' is '%s'; a whole number is needed.".formatted(parameter, text));
        }
    }

    private static StorageException outOfRange(String parameter, String text, String range) {
        return new StorageException(StorageCode.OUT_OF_RANGE_QUERY_PARAMETER_VALUE,
                "'%s' is %s; %s is allowed.".formatted(parameter, text, range));
    }

    private static StorageException missing(String parameter) {
        return new StorageException(StorageCode.MISSING_REQUIRED_QUERY_PARAMETER, "The query parameter '%s' is missing.".formatted(parameter));
    }
}
