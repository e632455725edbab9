package io.conshelf.server.storage;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/// What can happen to tables. Kinds are letters in the journal: a letter once used keeps its meaning.
sealed interface EntityEvent {
    String table();

    record Created(String table) implements EntityEvent {}

    record Dropped(String table) implements EntityEvent {}

    /// The entity as it is from now on, whatever it was.
    record Stored(String table, Entity entity) implements EntityEvent {}

    record Deleted(String table, EntityKey key) implements EntityEvent {}

    default byte[] bytes() {
        return switch (this) {
            case Created(String table) -> new EventWriter('c').text(table).bytes();
            case Dropped(String table) -> new EventWriter('d').text(table).bytes();
            case Stored(String table, Entity entity) -> {
                EventWriter out = new EventWriter('s').text(table)
                        .text(entity.key().partitionKey()).text(entity.key().rowKey())
                        .instant(entity.timestamp()).number(entity.properties().size());
                entity.properties().forEach((name, value) -> write(out.text(name), value));
                yield out.bytes();
            }
            case Deleted(String table, EntityKey key) ->
                new EventWriter('x').text(table).text(key.partitionKey()).text(key.rowKey()).bytes();
        };
    }

    static EntityEvent read(byte[] event) {
        EventReader in = new EventReader(event);
        char kind = in.kind();
        String table = in.text();
        return switch (kind) {
            case 'c' -> new Created(table);
            case 'd' -> new Dropped(table);
            case 's' -> new Stored(table, entity(in));
            case 'x' -> new Deleted(table, new EntityKey(in.text(), in.text()));
            default -> throw new IllegalStateException("The table journal has an event '%s' of a later version.".formatted(kind));
        };
    }

    private static Entity entity(EventReader in) {
        EntityKey key = new EntityKey(in.text(), in.text());
        Instant timestamp = in.instant();
        Map<String, EdmValue> properties = new LinkedHashMap<>();
        for (long left = in.number(); left > 0; left--) {
            properties.put(in.text(), value(in));
        }
        return new Entity(key, timestamp, properties);
    }

    private static void write(EventWriter out, EdmValue value) {
        switch (value) {
            case EdmValue.Text(String text) -> out.text("s").text(text);
            case EdmValue.Int32(int number) -> out.text("i").number(number);
            case EdmValue.Int64(long number) -> out.text("l").number(number);
            case EdmValue.Real(double number) -> out.text("r").number(Double.doubleToRawLongBits(number));
            case EdmValue.Bool(boolean isTrue) -> out.text("b").number(isTrue ? 1 : 0);
            case EdmValue.DateTime(Instant instant) -> out.text("t").instant(instant);
            case EdmValue.Guid(UUID guid) -> out.text("g").text(guid.toString());
            case EdmValue.Binary(String base64) -> out.text("x").text(base64);
        }
    }

    private static EdmValue value(EventReader in) {
        String type = in.text();
        return switch (type) {
            case "s" -> new EdmValue.Text(in.text());
            case "i" -> new EdmValue.Int32((int) in.number());
            case "l" -> new EdmValue.Int64(in.number());
            case "r" -> new EdmValue.Real(Double.longBitsToDouble(in.number()));
            case "b" -> new EdmValue.Bool(in.number() == 1);
            case "t" -> new EdmValue.DateTime(in.instant());
            case "g" -> new EdmValue.Guid(UUID.fromString(in.text()));
            case "x" -> new EdmValue.Binary(in.text());
            default -> throw new IllegalStateException("The table journal has a value type '%s' of a later version.".formatted(type));
        };
    }
}
