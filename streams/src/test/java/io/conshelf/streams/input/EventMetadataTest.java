package io.conshelf.streams.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.format.Compression;
import io.conshelf.connectors.kafka.KafkaPartition;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.Expressions;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventMetadataTest {
    private static final Record EVENT = new JsonRead(JsonRead.Reading.PLAIN).record("{\"a\":1}").orElseThrow();

    private static InputFormat asked(String query) {
        return new InputFormat("in", InputFormat.Type.JSON, ',', Compression.NONE, Compatibility.V1_2, InputFormat.askedBy(query), List.of());
    }

    private static Record event(String query, long number) {
        var message = new KafkaPartition.Message(42, 1_715_000_000_000L, "k".getBytes(StandardCharsets.UTF_8), new byte[0], headers());
        return EVENT.withMetadata(EventMetadata.ofHub(asked(query), "topic/3", Value.of(3), message, Ticks.ofEpochMillis(message.timestampMs())).of(number));
    }

    /// As the Kafka endpoint of an IoT hub writes properties of AMQP.
    private static Map<String, byte[]> headers() {
        Map<String, byte[]> headers = new LinkedHashMap<>();
        headers.put("iothub-connection-device-id", amqp("d1"));
        headers.put("iothub-connection-auth-generation-id", amqp("637"));
        headers.put("iothub-connection-auth-method", HexFormat.of().parseHex("b10000000461757468"));
        headers.put("iothub-enqueuedtime", ByteBuffer.allocate(9).put((byte) 0x83).putLong(1_715_000_001_000L).array());
        headers.put("iothub-message-source", amqp("Telemetry"));
        headers.put("message-id", amqp("m1"));
        headers.put("correlation-id", "plain".getBytes(StandardCharsets.UTF_8));
        headers.put("room", amqp("kitchen"));
        return headers;
    }

    private static byte[] amqp(String text) {
        return ByteBuffer.allocate(2 + text.length()).put((byte) 0xA1).put((byte) text.length()).put(text.getBytes(StandardCharsets.UTF_8)).array();
    }

    private static Value told(Record event, String path) {
        return Expressions.compile(new Expression.Call("GetMetadataPropertyValue", List.of(new Expression.Slot(0, Span.NONE),
                new Expression.Literal(Value.of(path), Span.NONE)), Span.NONE), Context.DEFAULT).value(Row.event(0, event));
    }

    @ParameterizedTest
    @CsvSource({"[EventHub].[PartitionId], 3", "EventHub.Offset, \"42\"", "[eventhub].[sequencenumber], 42", "[EventHub].[PartitionKey], \"k\"",
        "[EventHub].[EventEnqueuedUtcTime], \"2024-05-06T12:53:20.0000000Z\"", "IoTHub.EnqueuedTime, \"2024-05-06T12:53:21.0000000Z\"",
        "IoTHub.EnqueueTime, \"2024-05-06T12:53:21.0000000Z\"", "IoTHub.ConnectionDeviceId, \"d1\"", "IoTHub.AuthMethod, \"auth\"",
        "IoTHub.AuthGenerationId, \"637\"", "IoTHub.ConnectionDeviceGenerationId, \"637\"", "IoTHub.MessageSource, \"Telemetry\"",
        "IoTHub.MessageId, \"m1\"", "IoTHub.CorrelationId, \"plain\"", "IoTHub.ConnectionModuleId, null", "IoTHub.InterfaceName, null",
        "[EventHub].[IoTConnectionDeviceId], \"d1\"", "[EventHub].[IoTEnqueueTime], \"2024-05-06T12:53:21.0000000Z\"",
        "[User].[room], \"kitchen\"",
        "[EventHub].[Publisher], null", "[User].[x], null", "nothing.here, null"})
    void pathsLeadToWhatTheHubTells(String path, String expected) {
        Value value = told(event("select getmetadatapropertyvalue(i, 'EventId') from i", 0), path);
        assertThat(JsonPrint.text(value)).isEqualTo(expected);
    }

    @Test
    void anEventHasTheSameIdWheneverItIsReadAndNoOtherHas() {
        String query = "SELECT GetMetadataPropertyValue(i, 'EventId') FROM i";
        Value first = told(event(query, 0), "EventId");
        assertThat(first).isEqualTo(told(event(query, 0), "EventId")).isNotEqualTo(told(event(query, 1), "EventId"));
        assertThat(((Value.Text) first).value()).matches("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    }

    @Test
    void metadataIsNeitherShownNorComparedButTravelsAlong() throws IOException {
        Record event = event("GetMetadataPropertyValue", 0);
        assertThat(event).isEqualTo(EVENT).hasSameHashCodeAs(EVENT);
        assertThat(JsonPrint.text(event)).isEqualTo("{\"a\":1}");
        var bytes = new ByteArrayOutputStream();
        BinaryValues.write((Value) event, new DataOutputStream(bytes));
        Record read = (Record) BinaryValues.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        assertThat(told(read, "[EventHub].[PartitionId]")).isEqualTo(Value.of(3));
    }

    @Test
    void nothingIsToldWhereNobodyAsks() {
        assertThat(event("SELECT * FROM i", 0).metadata()).isEqualTo(Null.NULL);
        assertThat(told(EVENT, "EventId")).isEqualTo(Null.NULL);
    }
}
