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
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventMetadataTest {
    private static final Record EVENT = new JsonRead(JsonRead.Reading.PLAIN).record("{\"a\":1}").orElseThrow();

    private static InputFormat asked(String query) {
        return new InputFormat("in", InputFormat.Type.JSON, ',', Compression.NONE, Compatibility.V1_2, InputFormat.askedBy(query), List.of());
    }

    private static Record event(String query, long number) {
        var message = new KafkaPartition.Message(42, 1_715_000_000_000L, "k".getBytes(StandardCharsets.UTF_8), new byte[0]);
        return EVENT.withMetadata(EventMetadata.ofHub(asked(query), "topic/3", Value.of(3), message, Ticks.ofEpochMillis(message.timestampMs())).of(number));
    }

    private static Value told(Record event, String path) {
        return Expressions.compile(new Expression.Call("GetMetadataPropertyValue", List.of(new Expression.Slot(0, Span.NONE),
                new Expression.Literal(Value.of(path), Span.NONE)), Span.NONE), Context.DEFAULT).value(Row.event(0, event));
    }

    @ParameterizedTest
    @CsvSource({"[EventHub].[PartitionId], 3", "EventHub.Offset, \"42\"", "[eventhub].[sequencenumber], 42", "[EventHub].[PartitionKey], \"k\"",
        "[EventHub].[EventEnqueuedUtcTime], \"2024-05-06T12:53:20.0000000Z\"", "IoTHub.EnqueuedTime, \"2024-05-06T12:53:20.0000000Z\"",
        "[EventHub].[Publisher], null", "[User], {}", "[User].[x], null", "nothing.here, null"})
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
