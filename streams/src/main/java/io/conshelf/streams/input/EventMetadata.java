package io.conshelf.streams.input;

import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.kafka.KafkaPartition;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// What GetMetadataPropertyValue tells of the events of one message or file. It is made only where a query asks for it.
@FunctionalInterface
interface EventMetadata {
    EventMetadata NONE = _ -> Null.NULL;

    Shape OF_HUBS = Shape.of("EventId", "EventHub", "IoTHub", "User");
    Shape HUB = Shape.of(Stream.concat(Stream.of("EventEnqueuedUtcTime", "EventProcessedUtcTime", "PartitionId", "Offset", "SequenceNumber", "PartitionKey",
            "Publisher"), HubProperties.IN_EVENT_HUB.stream()).toList());
    Shape OF_BLOBS = Shape.of("EventId", "BlobName", "BlobLastModifiedUtcTime", "PartitionId", "User");

    /// @param number of the event in its message or file, from 0
    Value of(long number);

    /// @param place   the topic and partition
    /// @param arrival of the message, in ticks
    static EventMetadata ofHub(InputFormat format, String place, Value partition, KafkaPartition.Message message, long arrival) {
        if (format.metadata() == InputFormat.Metadata.LEFT_OUT) {
            return NONE;
        }
        Value enqueued = new DateTime(arrival);
        Value key = message.key() == null ? Null.NULL : Value.of(new String(message.key(), StandardCharsets.UTF_8));
        HubProperties properties = new HubProperties(message.headers());
        List<Value> hubs = new ArrayList<>(List.of(enqueued, new DateTime(Ticks.of(Instant.now())), partition, Value.of(Long.toString(message.offset())),
                Value.of(message.offset()), key, Null.NULL));
        hubs.addAll(properties.inEventHub(arrival));
        Value hub = new Record(HUB, hubs.toArray(Value[]::new));
        Value iotHub = properties.metadata(arrival);
        Value user = properties.ofSender();
        return number -> new Record(OF_HUBS, new Value[] {id(place + '/' + message.offset(), number), hub, iotHub, user});
    }

    static EventMetadata ofFile(InputFormat format, StoredFile file, Value partition) {
        if (format.metadata() == InputFormat.Metadata.LEFT_OUT) {
            return NONE;
        }
        Value modified = new DateTime(Ticks.of(file.lastModified()));
        return number -> new Record(OF_BLOBS, new Value[] {id(file.path(), number), Value.of(file.path()), modified, partition, Record.EMPTY});
    }

    /// The same for an event whenever it is read.
    private static Value id(String place, long number) {
        return Value.of(UUID.nameUUIDFromBytes((place + '#' + number).getBytes(StandardCharsets.UTF_8)).toString());
    }
}
