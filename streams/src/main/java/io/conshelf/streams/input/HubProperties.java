package io.conshelf.streams.input;

import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The properties of a message of an IoT hub or event hub, which are headers at their Kafka endpoint: those of the hub by names of their own, and those that the
/// sender gave it. What was sent by AMQP or MQTT is written there in the types of AMQP, what was sent by Kafka as it is.
record HubProperties(Map<String, byte[]> headers) {
    private static final Shape COLUMN = Shape.of("MessageId", "CorrelationId", "ConnectionDeviceId", "ConnectionDeviceGenerationId", "EnqueuedTime");
    private static final Shape METADATA = Shape.of("MessageId", "CorrelationId", "ConnectionDeviceId", "ConnectionDeviceGenerationId", "EnqueuedTime",
            "EnqueueTime", "AuthMethod", "AuthGenerationId", "MessageSource", "ConnectionModuleId", "InterfaceName");
    static final List<String> IN_EVENT_HUB = List.of("IoTConnectionDeviceId", "IoTAuthMethod", "IoTAuthGenerationId", "IoTEnqueueTime", "IoTMessageSource",
            "IoTConnectionModuleId", "IoTInterfaceName");
    private static final List<String> OF_THE_SYSTEM = List.of("message-id", "correlation-id", "user-id", "to", "subject", "reply-to", "content-type",
            "content-encoding", "absolute-expiry-time", "creation-time", "group-id", "group-sequence", "reply-to-group-id");
    private static final byte SMALL_TEXT = (byte) 0xA1;
    private static final byte SMALL_SYMBOL = (byte) 0xA3;
    private static final byte TEXT = (byte) 0xB1;
    private static final byte SYMBOL = (byte) 0xB3;
    private static final byte TIME = (byte) 0x83;
    /// The year 9999.
    private static final long MILLISECONDS_MAX = 253_402_300_799_999L;

    /// The column `IoTHub` of events of an IoT hub.
    ///
    /// @param arrival in ticks, where the hub does not tell when it got the message
    Record column(long arrival) {
        return new Record(COLUMN, new Value[] {text("message-id"), text("correlation-id"), text("iothub-connection-device-id"),
            text("iothub-connection-auth-generation-id"), enqueued(arrival)});
    }

    Record metadata(long arrival) {
        Value generation = text("iothub-connection-auth-generation-id");
        Value enqueued = enqueued(arrival);
        return new Record(METADATA, new Value[] {text("message-id"), text("correlation-id"), text("iothub-connection-device-id"), generation, enqueued, enqueued,
            text("iothub-connection-auth-method"), generation, text("iothub-message-source"), text("iothub-connection-module-id"),
            text("iothub-interface-name")});
    }

    /// What [#IN_EVENT_HUB] names; null where the message does not come from a device.
    List<Value> inEventHub(long arrival) {
        boolean isOfDevice = headers.containsKey("iothub-connection-device-id");
        return List.of(text("iothub-connection-device-id"), text("iothub-connection-auth-method"), text("iothub-connection-auth-generation-id"),
                isOfDevice ? enqueued(arrival) : Null.NULL, text("iothub-message-source"), text("iothub-connection-module-id"), text("iothub-interface-name"));
    }

    /// What the sender gave the message.
    Record ofSender() {
        List<String> names = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        headers.forEach((name, bytes) -> {
            boolean isOfSystem = name.startsWith("iothub-") || name.startsWith("x-opt-") || OF_THE_SYSTEM.contains(name);
            if (!isOfSystem && names.stream().noneMatch(name::equalsIgnoreCase)) {
                names.add(name);
                values.add(value(bytes));
            }
        });
        return names.isEmpty() ? Record.EMPTY : new Record(Shape.of(names), values.toArray(Value[]::new));
    }

    private Value text(String name) {
        byte[] bytes = headers.get(name);
        return bytes == null ? Null.NULL : value(bytes);
    }

    private Value enqueued(long arrival) {
        return headers.get("iothub-enqueuedtime") instanceof byte[] bytes && value(bytes) instanceof DateTime told ? told : new DateTime(arrival);
    }

    private static Value value(byte[] bytes) {
        if (bytes.length >= 2 && (bytes[0] == SMALL_TEXT || bytes[0] == SMALL_SYMBOL) && (bytes[1] & 0xFF) == bytes.length - 2) {
            return Value.of(new String(bytes, 2, bytes.length - 2, StandardCharsets.UTF_8));
        }
        if (bytes.length >= 5 && (bytes[0] == TEXT || bytes[0] == SYMBOL) && ByteBuffer.wrap(bytes, 1, 4).getInt() == bytes.length - 5) {
            return Value.of(new String(bytes, 5, bytes.length - 5, StandardCharsets.UTF_8));
        }
        if (bytes.length == 9 && bytes[0] == TIME) {
            long milliseconds = ByteBuffer.wrap(bytes, 1, 8).getLong();
            return milliseconds < 0 || milliseconds > MILLISECONDS_MAX ? Null.NULL : new DateTime(Ticks.ofEpochMillis(milliseconds));
        }
        return Value.of(new String(bytes, StandardCharsets.UTF_8));
    }
}
