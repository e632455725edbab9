package io.conshelf.streams.input;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kafka.KafkaPartition;
import io.conshelf.connectors.kafka.KafkaServer;
import io.conshelf.connectors.kafka.KafkaTopic;
import io.conshelf.streams.format.AddedColumns;
import io.conshelf.streams.format.EventReader;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.Uuid;

/// A topic of Kafka, or an event hub.
///
/// @param group        empty where none is told how far the job is
/// @param partitionKey the columns by which its senders choose the partition, as the definition says
record KafkaInput(KafkaServer server, String topic, String group, List<String> partitionKey, InputFormat format, Kind kind) implements EventInput {
    KafkaInput {
        partitionKey = List.copyOf(partitionKey);
    }

    /// What columns events get.
    enum Kind {
        EVENT_HUB(List.of("EventProcessedUtcTime", "PartitionId", "EventEnqueuedUtcTime")),
        IOT_HUB(List.of("EventProcessedUtcTime", "PartitionId", "EventEnqueuedUtcTime", "IoTHub"));

        private final List<String> added;

        Kind(List<String> added) {
            this.added = added;
        }
    }

    private KafkaTopic opened() {
        return new KafkaTopic(server, topic, group.isEmpty() ? Optional.empty() : Optional.of(group));
    }

    @Override
    public List<String> partitions() throws InputException, InterruptedException {
        try {
            return opened().partitions().stream().map(Object::toString).toList();
        } catch (StoreException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    @Override
    public List<String> partitionedBy() {
        // below 1.2 the definition does not say it, and PARTITION BY PartitionId does
        List<String> columns = new ArrayList<>(format.level().isAtLeast(Compatibility.V1_2) ? partitionKey : List.of());
        columns.add("PartitionId");
        return columns;
    }

    @Override
    public EventPartition open(String partition, Start start) throws InputException, InterruptedException {
        int number = Integer.parseInt(partition);
        KafkaTopic.Start from = switch (start) {
            case Start.Earliest _ -> new KafkaTopic.Start.Earliest();
            case Start.From(long ticks) -> new KafkaTopic.Start.Since(Math.max(0, Ticks.toEpochMillis(ticks)));
            case Start.At(byte[] position) -> at(ByteBuffer.wrap(position));
        };
        try {
            return new Reading(topic + '/' + partition, number, opened().open(number, from), format, kind);
        } catch (StoreException e) {
            throw failure(e);
        }
    }

    /// The offset of the next message; and the topic's id, where it has one and the job was not run by a version that knew of none.
    private static KafkaTopic.Start.Offset at(ByteBuffer position) {
        long offset = position.getLong();
        return new KafkaTopic.Start.Offset(offset, position.hasRemaining() ? Optional.of(new Uuid(position.getLong(), position.getLong())) : Optional.empty());
    }

    private static InputException failure(StoreException e) {
        return switch (e.code()) {
            case KafkaPartition.BEYOND_END, KafkaPartition.MADE_ANEW -> new PlaceGone(e.getMessage() + "; start the job now or at a time", e);
            default -> new InputException(e.getMessage(), e);
        };
    }

    /// When a message arrived, in ticks. Unless the topic has it otherwise, its producer says so, and may say anything: a time to come would move the time of
    /// the job there, and make everything else late.
    static long arrival(long timestampMs, long nowMs) {
        return Ticks.ofEpochMillis(timestampMs < 0 || timestampMs > nowMs ? nowMs : timestampMs);
    }

    private static final class Reading implements EventPartition {
        /// With so many, a batch is handed over: a message may hold many.
        private static final long BATCH_EVENTS = 10_000;

        private final String name;
        private final Value number;
        private final KafkaPartition partition;
        private final InputFormat format;
        private final EventReader reader;
        private final Kind kind;
        private final AddedColumns columns;
        /// Fetched, and not read as events yet.
        private final ArrayDeque<KafkaPartition.Message> fetched = new ArrayDeque<>();

        private Reading(String name, int number, KafkaPartition partition, InputFormat format, Kind kind) {
            this.kind = kind;
            this.name = name;
            this.number = ReadEvents.partition(number);
            this.partition = partition;
            this.format = format;
            this.columns = new AddedColumns(format.level(), kind.added);
            this.reader = format.reader();
        }

        @Override
        public void poll(Duration wait, Events out) throws InputException, InterruptedException {
            if (fetched.isEmpty()) {
                try {
                    fetched.addAll(partition.poll(wait));
                } catch (StoreException e) {
                    throw failure(e);
                }
                partition.gone().ifPresent(gone -> out.lost(new DataError(format.input(), DataError.LOST, gone.told(), ""), gone.messages()));
            }
            ReadEvents events = new ReadEvents(out);
            while (!fetched.isEmpty() && events.count() < BATCH_EVENTS && !out.isFull()) {
                KafkaPartition.Message message = fetched.remove();
                long enqueued = arrival(message.timestampMs(), System.currentTimeMillis());
                events.of(enqueued, added(message, enqueued), EventMetadata.ofHub(format, name, number, message, enqueued), 0);
                out.read(1, message.value().length);
                reader.message(message.value(), name + '/' + message.offset(), events);
            }
        }

        private UnaryOperator<Value.Record> added(KafkaPartition.Message message, long enqueued) {
            return switch (kind) {
                case EVENT_HUB -> ReadEvents.hub(columns, number, enqueued);
                case IOT_HUB -> ReadEvents.hub(columns, number, enqueued, new HubProperties(message.headers()).column(enqueued));
            };
        }

        @Override
        public byte[] position() {
            ByteBuffer position = ByteBuffer.allocate(partition.topicId().isPresent() ? 3 * Long.BYTES : Long.BYTES)
                    .putLong(fetched.isEmpty() ? partition.next() : fetched.getFirst().offset());
            partition.topicId().ifPresent(id -> position.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()));
            return position.array();
        }

        @Override
        public boolean isEnded() {
            return false;
        }

        @Override
        public long backlog() {
            OptionalLong behind = partition.backlog();
            return behind.isPresent() ? behind.getAsLong() + fetched.size() : -1;
        }

        @Override
        public void acknowledge(byte[] position) throws InterruptedException {
            partition.tell(ByteBuffer.wrap(position).getLong());
        }

        @Override
        public void wakeUp() {
            partition.wakeUp();
        }

        @Override
        public void close() {
            partition.close();
        }
    }
}
