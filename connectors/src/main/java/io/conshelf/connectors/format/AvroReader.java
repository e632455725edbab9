package io.conshelf.connectors.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;

/// The rows of an Avro container file, whose records are objects.
public final class AvroReader implements RowReader {
    private final String name;
    private final DataFileStream<GenericRecord> records;
    private final Schema schema;
    private final List<Column> columns;

    /// @param name what error messages call the file
    public AvroReader(String name, InputStream bytes) throws StoreException {
        this.name = name;
        AvroClaims claims = AvroClaims.reader();
        try {
            this.records = new DataFileStream<>(new AvroBounds(bytes), claims);
            claims.check(records.getSchema());
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError failure) {
            throw wrong(failure);
        }
        this.schema = records.getSchema();
        if (schema.getType() != Schema.Type.RECORD) {
            throw StoreException.user("UserErrorAvroMalformed", "'" + name + "' holds values of type " + schema.getType() + " where records are expected");
        }
        this.columns = schema.getFields().stream().map(field -> new Column(field.name(), type(field.schema()))).toList();
    }

    private static ValueType type(Schema stated) {
        Schema schema = stated;
        if (schema.getType() == Schema.Type.UNION) {
            List<Schema> others = schema.getTypes().stream().filter(type -> type.getType() != Schema.Type.NULL).toList();
            if (others.size() != 1) {
                return ValueType.DYNAMIC;
            }
            schema = others.getFirst();
        }
        return switch (schema.getLogicalType()) {
            case LogicalTypes.Decimal _ -> ValueType.DECIMAL;
            case LogicalTypes.Date _ -> ValueType.DATETIME;
            case LogicalTypes.TimestampMillis _ -> ValueType.DATETIME;
            case LogicalTypes.TimestampMicros _ -> ValueType.DATETIME;
            case LogicalTypes.TimeMillis _ -> ValueType.TIMESPAN;
            case LogicalTypes.TimeMicros _ -> ValueType.TIMESPAN;
            case null, default -> switch (schema.getType()) {
                case BOOLEAN -> ValueType.BOOL;
                case INT -> ValueType.INT;
                case LONG -> ValueType.LONG;
                case FLOAT, DOUBLE -> ValueType.REAL;
                case STRING, ENUM, BYTES, FIXED -> ValueType.STRING;
                case RECORD, ARRAY, MAP, UNION, NULL -> ValueType.DYNAMIC;
            };
        };
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        try {
            if (!records.hasNext()) {
                return Optional.empty();
            }
            GenericRecord record = records.next();
            List<JsonNode> row = new ArrayList<>(columns.size());
            for (Schema.Field field : schema.getFields()) {
                row.add(json(field.schema(), record.get(field.pos())));
            }
            return Optional.of(row);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
            // What a damaged file makes of its bytes is not only Avro's to refuse: a time of day beyond the day, a number that is none.
            throw wrong(failure);
        }
    }

    private static JsonNode json(Schema stated, Object value) {
        if (value == null) {
            return NullNode.instance;
        }
        Schema schema = stated.getType() == Schema.Type.UNION ? stated.getTypes().get(GenericData.get().resolveUnion(stated, value)) : stated;
        Optional<JsonNode> logical = logical(schema.getLogicalType(), value);
        if (logical.isPresent()) {
            return logical.get();
        }
        return switch (value) {
            case Boolean bool -> BooleanNode.valueOf(bool);
            case Integer number -> LongNode.valueOf(number);
            case Long number -> LongNode.valueOf(number);
            // By its text, so that 0.1 stays 0.1.
            case Float number -> DoubleNode.valueOf(Double.parseDouble(number.toString()));
            case Double number -> DoubleNode.valueOf(number);
            case ByteBuffer bytes -> TextNode.valueOf(Base64.getEncoder().encodeToString(bytes(bytes)));
            case GenericFixed fixed -> TextNode.valueOf(Base64.getEncoder().encodeToString(fixed.bytes()));
            case IndexedRecord record -> {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                record.getSchema().getFields().forEach(field -> object.set(field.name(), json(field.schema(), record.get(field.pos()))));
                yield object;
            }
            case Collection<?> items -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                items.forEach(item -> array.add(json(schema.getElementType(), item)));
                yield array;
            }
            case Map<?, ?> entries -> {
                ObjectNode object = JsonNodeFactory.instance.objectNode();
                entries.forEach((key, item) -> object.set(key.toString(), json(schema.getValueType(), item)));
                yield object;
            }
            default -> TextNode.valueOf(value.toString());
        };
    }

    private static Optional<JsonNode> logical(LogicalType type, Object value) {
        return switch (type) {
            case LogicalTypes.Decimal decimal -> Optional.of(DecimalNode.valueOf(new BigDecimal(new BigInteger(
                    value instanceof GenericFixed fixed ? fixed.bytes() : bytes((ByteBuffer) value)), decimal.getScale())));
            case LogicalTypes.Date _ -> Optional.of(TextNode.valueOf(LocalDate.ofEpochDay((Integer) value) + "T00:00:00Z"));
            case LogicalTypes.TimestampMillis _ -> Optional.of(TextNode.valueOf(Instant.ofEpochMilli((Long) value).toString()));
            case LogicalTypes.TimestampMicros _ -> Optional.of(TextNode.valueOf(Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS).toString()));
            case LogicalTypes.TimeMillis _ -> Optional.of(TextNode.valueOf(LocalTime.ofNanoOfDay((Integer) value * 1_000_000L).toString()));
            case LogicalTypes.TimeMicros _ -> Optional.of(TextNode.valueOf(LocalTime.ofNanoOfDay((Long) value * 1_000L).toString()));
            case null, default -> Optional.empty();
        };
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private StoreException wrong(Throwable failure) {
        if (failure instanceof VirtualMachineError) {
            // The library makes room for as much as a file claims to have, and follows nesting without end.
            return StoreException.user("UserErrorAvroTooLarge", "'" + name + "' states more, or is nested more deeply, than can be read");
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AvroBounds.TooLarge) {
                return StoreException.user("UserErrorAvroBlockTooLarge", "'" + name + "' " + cause.getMessage());
            }
            if (cause instanceof AvroClaims.TooMuch) {
                return StoreException.user("UserErrorAvroTooLarge", "'" + name + "' " + cause.getMessage());
            }
        }
        return StoreException.user("UserErrorAvroMalformed", "'" + name + "' cannot be read as Avro: " + failure.getMessage());
    }

    @Override
    public void close() throws StoreException {
        try {
            records.close();
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + name + "' cannot be read: " + failure.getMessage(), failure);
        }
    }
}
