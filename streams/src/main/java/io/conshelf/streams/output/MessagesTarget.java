package io.conshelf.streams.output;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kafka.KafkaSender;
import io.conshelf.connectors.kafka.KafkaServer;
import io.conshelf.connectors.kafka.KafkaTopic;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Sends each row as a message to a topic of Kafka or to an event hub. At least once: what was prepared is there.
final class MessagesTarget implements EventTarget {
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private final KafkaServer server;
    private final String topic;
    private final OutputFormat format;
    private final Optional<String> key;
    private final List<String> properties;

    /// @param key        the column whose values keep messages together
    /// @param properties columns that leave the message and stand beside it
    MessagesTarget(KafkaServer server, String topic, OutputFormat format, Optional<String> key, List<String> properties) {
        this.server = server;
        this.topic = topic;
        this.format = format;
        this.key = key;
        this.properties = List.copyOf(properties);
    }

    @Override
    public List<String> check(List<String> columns) throws OutputException, InterruptedException {
        try {
            new KafkaTopic(server, topic, Optional.empty()).partitions();
        } catch (StoreException failure) {
            throw new OutputException(failure.getMessage(), failure);
        }
        List<String> wanted = new ArrayList<>(properties);
        key.ifPresent(wanted::add);
        return columns.isEmpty() ? List.of() : wanted.stream().filter(name -> columns.stream().noneMatch(name::equalsIgnoreCase))
                .map(name -> "the query gives no column '" + name + "', which is to be " + (properties.contains(name) ? "a property of messages" : "their key")).toList();
    }

    @Override
    public Writer open(String writer) throws OutputException {
        try {
            return new Messages(KafkaSender.open(server, topic));
        } catch (StoreException failure) {
            throw new OutputException(failure.getMessage(), failure);
        }
    }

    @Override
    public void close() {
        // nothing stays open beside the writers
    }

    private final class Messages implements Writer {
        private final KafkaSender sender;
        /// Of the rows that came last: mostly the next has the same columns.
        private Shape from = Shape.EMPTY;
        private Shape to = Shape.EMPTY;

        private Messages(KafkaSender sender) {
            this.sender = sender;
        }

        @Override
        public void write(Row row) throws OutputException, InterruptedException {
            Value.Record record = row.event();
            Map<String, String> headers = new LinkedHashMap<>();
            for (String property : properties) {
                Value value = record.field(property);
                if (value instanceof Value.Record || value instanceof Value.Array) {
                    throw new RowRefused("TypeConversionError", "the property '" + property + "' of a message is a " + value.typeName() + ", and properties are plain values");
                }
                Optional.ofNullable(Cells.text(value)).ifPresent(text -> headers.put(property, text));
            }
            byte[] own = key.map(column -> Cells.text(record.field(column))).map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(new byte[0]);
            byte[] message = format.message(List.of(properties.isEmpty() ? record : without(record)));
            try {
                sender.send(own, trimmed(message), headers);
            } catch (StoreException failure) {
                throw failure.code().equals("KafkaMessageTooLarge") ? new RowRefused("RecordExceededSizeLimit", failure.getMessage())
                        : new OutputException(failure.getMessage(), failure);
            }
        }

        // A line alone needs no end.
        private byte[] trimmed(byte[] message) {
            boolean isLine = format.type() == OutputFormat.Type.JSON_LINES && message.length > 0 && message[message.length - 1] == '\n';
            int end = message.length - (isLine ? 1 : 0);
            return isLine ? java.util.Arrays.copyOf(message, end > 0 && message[end - 1] == '\r' ? end - 1 : end) : message;
        }

        private Value.Record without(Value.Record record) {
            if (!record.shape().equals(from)) {
                from = record.shape();
                to = Shape.of(from.names().stream().filter(name -> properties.stream().noneMatch(name::equalsIgnoreCase)).toList());
            }
            Value[] values = new Value[to.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = record.field(to.names().get(i));
            }
            return new Value.Record(to, values);
        }

        @Override
        public byte[] prepare(long checkpoint) throws OutputException, InterruptedException {
            try {
                Optional<String> waiting = sender.flush(SILENCE);
                if (waiting.isPresent()) {
                    // asked again, it goes on waiting for the same messages
                    throw new OutputException(waiting.get());
                }
                return new byte[0];
            } catch (StoreException failure) {
                // the client has given up messages that it alone held: only the last checkpoint knows them
                throw new UncheckedIOException(new IOException(failure.getMessage(), failure));
            }
        }

        @Override
        public void commit(byte[] prepared) {
            // what was prepared is there
        }

        @Override
        public void close() {
            sender.close();
        }
    }
}
