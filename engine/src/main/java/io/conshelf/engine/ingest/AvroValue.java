package io.conshelf.engine.ingest;

import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Ticks;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;

/// A value of an Avro file as the library gives it, with the schema that says what it means. A null is the library's null.
record AvroValue(Schema schema, Object value) {
    AvroValue {
        if (schema.getType() == Schema.Type.UNION) {
            schema = schema.getTypes().get(GenericData.get().resolveUnion(schema, value));
        }
    }

    /// What a value is to a column.
    sealed interface Cell {
        record Null() implements Cell {}

        record Bool(boolean value) implements Cell {}

        record Number(String text) implements Cell {}

        /// A real that JSON can't write.
        record NoNumber(String text) implements Cell {}

        record Text(String text) implements Cell {}

        /// @param ticks a datetime's
        record Moment(long ticks) implements Cell {}

        /// @param ticks a timespan's
        record Duration(long ticks) implements Cell {}

        /// @param dynamic an object or array as [DynamicText]
        record Structure(String dynamic) implements Cell {}
    }

    /// The value at a path below this one.
    Optional<AvroValue> at(JsonPath path) {
        AvroValue at = this;
        for (JsonPath.Step step : path.steps()) {
            Optional<AvroValue> next = switch (step) {
                case JsonPath.Step.Name(String name) -> at.field(name);
                case JsonPath.Step.Index(int index) -> at.element(index);
            };
            if (next.isEmpty()) {
                return next;
            }
            at = next.get();
        }
        return Optional.of(at);
    }

    private Optional<AvroValue> field(String name) {
        if (value instanceof IndexedRecord record) {
            return Optional.ofNullable(schema.getField(name))
                    .map(field -> new AvroValue(field.schema(), record.get(field.pos())));
        }
        if (value instanceof Map<?, ?> map) {
            // Keys are the library's own strings, which equal no Java string.
            return map.entrySet().stream()
                    .filter(entry -> entry.getKey().toString().equals(name))
                    .findFirst()
                    .map(entry -> new AvroValue(schema.getValueType(), entry.getValue()));
        }
        return Optional.empty();
    }

    private Optional<AvroValue> element(int index) {
        return value instanceof List<?> list && index < list.size()
                ? Optional.of(new AvroValue(schema.getElementType(), list.get(index)))
                : Optional.empty();
    }

    /// The bytes of a byte array; nothing for another value.
    Optional<String> base64() {
        return bytes().map(bytes -> Base64.getEncoder().encodeToString(bytes));
    }

    private Optional<byte[]> bytes() {
        if (value instanceof GenericFixed fixed) {
            return Optional.of(fixed.bytes());
        }
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return Optional.of(bytes);
        }
        return Optional.empty();
    }

    /// As its logical type says, where it has one.
    Cell cell() {
        LogicalType logical = schema.getLogicalType();
        return logical == null || value == null ? raw() : logical(logical).orElseGet(this::raw);
    }

    private Optional<Cell> logical(LogicalType type) {
        return switch (type) {
            case LogicalTypes.Date _ -> moment(number(), Ticks.DAY, 1);
            case LogicalTypes.TimestampMillis _, LogicalTypes.LocalTimestampMillis _ -> moment(number(), Ticks.MILLISECOND, 1);
            case LogicalTypes.TimestampMicros _, LogicalTypes.LocalTimestampMicros _ -> moment(number(), Ticks.MICROSECOND, 1);
            case LogicalTypes.TimestampNanos _, LogicalTypes.LocalTimestampNanos _ -> moment(number(), 1, 100);
            case LogicalTypes.TimeMillis _ -> Optional.of(new Cell.Duration(number() * Ticks.MILLISECOND));
            case LogicalTypes.TimeMicros _ -> Optional.of(new Cell.Duration(Math.multiplyExact(number(), Ticks.MICROSECOND)));
            case LogicalTypes.Decimal decimal -> bytes().map(bytes -> new Cell.Number(
                    new BigDecimal(new BigInteger(bytes), decimal.getScale()).toPlainString()));
            // The types are the library's open family: one that has no class of its own is told by its name.
            default -> switch (type.getName()) {
                case "uuid" -> bytes().map(bytes -> new Cell.Text(uuid(bytes).toString()));
                case "duration" -> bytes().map(AvroValue::duration);
                default -> Optional.empty();
            };
        };
    }

    private long number() {
        return ((Number) value).longValue();
    }

    private static Optional<Cell> moment(long units, long ticks, long divisor) {
        try {
            long moment = Math.addExact(Math.multiplyExact(Math.floorDiv(units, divisor), ticks), Ticks.UNIX_EPOCH);
            return Optional.of(Ticks.isDateTime(moment) ? new Cell.Moment(moment) : new Cell.Null());
        } catch (ArithmeticException _) {
            return Optional.of(new Cell.Null());
        }
    }

    private static UUID uuid(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    // Months have no length, so a duration with some is no timespan.
    private static Cell duration(byte[] bytes) {
        ByteBuffer parts = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long months = Integer.toUnsignedLong(parts.getInt());
        long days = Integer.toUnsignedLong(parts.getInt());
        long milliseconds = Integer.toUnsignedLong(parts.getInt());
        boolean fits = months == 0 && days <= Long.MAX_VALUE / Ticks.DAY - 50;
        return fits ? new Cell.Duration(days * Ticks.DAY + milliseconds * Ticks.MILLISECOND) : new Cell.Null();
    }

    /// As it is stored, whatever its logical type.
    Cell raw() {
        return switch (schema.getType()) {
            case NULL -> new Cell.Null();
            case BOOLEAN -> new Cell.Bool((Boolean) value);
            case INT, LONG -> new Cell.Number(value.toString());
            case FLOAT, DOUBLE -> Double.isFinite(((Number) value).doubleValue())
                    ? new Cell.Number(value.toString())
                    : new Cell.NoNumber(value.toString());
            case STRING, ENUM -> new Cell.Text(value.toString());
            case BYTES, FIXED -> new Cell.Structure(numbers());
            case ARRAY, MAP, RECORD -> {
                var text = new StringBuilder();
                append(text);
                yield new Cell.Structure(text.toString());
            }
            case UNION -> throw new AssertionError("a union was resolved when the value was made");
        };
    }

    /// Bytes as UTF-8, where they are to be text.
    Optional<String> utf8() {
        return schema.getLogicalType() == null ? bytes().map(b -> new String(b, StandardCharsets.UTF_8)) : Optional.empty();
    }

    private String numbers() {
        byte[] bytes = bytes().orElseThrow();
        var text = new StringBuilder(bytes.length * 4 + 2).append('[');
        for (int i = 0; i < bytes.length; i++) {
            text.append(i == 0 ? "" : ",").append(bytes[i] & 0xFF);
        }
        return text.append(']').toString();
    }

    private void append(StringBuilder text) {
        switch (value) {
            case IndexedRecord record -> {
                text.append('{');
                for (Schema.Field field : schema.getFields()) {
                    text.append(field.pos() == 0 ? "" : ",");
                    DynamicText.appendKey(text, field.name());
                    text.append(':');
                    new AvroValue(field.schema(), record.get(field.pos())).append(text);
                }
                text.append('}');
            }
            case Map<?, ?> map -> {
                text.append('{');
                String separator = "";
                for (var entry : map.entrySet()) {
                    text.append(separator);
                    DynamicText.appendKey(text, entry.getKey().toString());
                    text.append(':');
                    new AvroValue(schema.getValueType(), entry.getValue()).append(text);
                    separator = ",";
                }
                text.append('}');
            }
            case Collection<?> list -> {
                text.append('[');
                String separator = "";
                for (Object element : list) {
                    text.append(separator);
                    new AvroValue(schema.getElementType(), element).append(text);
                    separator = ",";
                }
                text.append(']');
            }
            case null, default -> appendLeaf(text);
        }
    }

    private void appendLeaf(StringBuilder text) {
        switch (cell()) {
            case Cell.Null _, Cell.NoNumber _ -> text.append("null");
            case Cell.Bool(boolean bool) -> text.append(bool);
            case Cell.Number(String number) -> text.append(number);
            case Cell.Text(String string) -> DynamicText.appendString(text, string);
            case Cell.Moment(long ticks) -> text.append(DynamicText.ofDateTime(ticks));
            case Cell.Duration(long ticks) -> text.append(DynamicText.ofTimeSpan(ticks));
            case Cell.Structure(String dynamic) -> text.append(dynamic);
        }
    }
}
