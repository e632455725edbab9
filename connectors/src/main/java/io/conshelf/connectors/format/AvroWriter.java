package io.conshelf.connectors.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowWriter;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/// Writes rows as an Avro container file. Every field may be null.
public final class AvroWriter implements RowWriter {
    private final List<Column> columns;
    private final Schema schema;
    private final DataFileWriter<GenericRecord> writer;

    /// What a file says of its records, and how it is packed.
    ///
    /// @param codec none, deflate, snappy or bzip2
    public record Options(String recordName, String recordNamespace, String codec) {}

    public AvroWriter(OutputStream target, List<Column> columns, Options options) throws StoreException {
        this.columns = List.copyOf(columns);
        try {
            List<Schema.Field> fields = new ArrayList<>();
            for (Column column : columns) {
                Schema nullable = Schema.createUnion(Schema.create(Schema.Type.NULL), type(column.type()));
                fields.add(new Schema.Field(column.name(), nullable, null, Schema.Field.NULL_DEFAULT_VALUE));
            }
            this.schema = Schema.createRecord(options.recordName(), null, options.recordNamespace().isEmpty() ? null : options.recordNamespace(), false, fields);
            this.writer = new DataFileWriter<>(new GenericDatumWriter<>(schema));
            writer.setCodec(codec(options.codec()));
            writer.create(schema, target);
        } catch (SchemaParseException wrongName) {
            throw StoreException.user("UserErrorAvroInvalidName", "Avro takes letters, digits and _ in names: " + wrongName.getMessage());
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private static CodecFactory codec(String name) throws StoreException {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "", "none" -> CodecFactory.nullCodec();
            case "deflate" -> CodecFactory.deflateCodec(CodecFactory.DEFAULT_DEFLATE_LEVEL);
            case "snappy" -> CodecFactory.snappyCodec();
            case "bzip2" -> CodecFactory.bzip2Codec();
            default -> throw StoreException.user("UserErrorUnsupportedCompressionType", "Avro files are packed by none, deflate, snappy or bzip2, found '"
                    + name + "'");
        };
    }

    private static Schema type(ValueType type) {
        return switch (type) {
            case BOOL -> Schema.create(Schema.Type.BOOLEAN);
            case INT -> Schema.create(Schema.Type.INT);
            case LONG -> Schema.create(Schema.Type.LONG);
            case REAL -> Schema.create(Schema.Type.DOUBLE);
            case DATETIME -> LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
            // A decimal's digits survive as text, whatever its scale.
            case DECIMAL, STRING, TIMESPAN, GUID, DYNAMIC -> Schema.create(Schema.Type.STRING);
        };
    }

    @Override
    public void write(List<JsonNode> row) throws StoreException {
        GenericRecord record = new GenericData.Record(schema);
        for (int i = 0; i < columns.size(); i++) {
            JsonNode cell = row.get(i);
            if (!cell.isNull() && !cell.isMissingNode()) {
                record.put(i, value(columns.get(i), cell));
            }
        }
        try {
            writer.append(record);
        } catch (IOException | AvroRuntimeException failure) {
            throw unwritable(failure);
        }
    }

    private static Object value(Column column, JsonNode cell) throws StoreException {
        String text = cell.isValueNode() ? cell.asText() : cell.toString();
        try {
            return switch (column.type()) {
                case BOOL -> cell.isBoolean() ? cell.booleanValue() : Boolean.parseBoolean(text);
                case INT -> Integer.parseInt(text);
                case LONG -> Long.parseLong(text);
                case REAL -> Double.parseDouble(text);
                case DATETIME -> ChronoUnit.MICROS.between(Instant.EPOCH, OffsetDateTime.parse(text).toInstant());
                case DECIMAL, STRING, TIMESPAN, GUID, DYNAMIC -> text;
            };
        } catch (NumberFormatException | DateTimeException doesNotFit) {
            throw StoreException.user("TypeConversionFailure", "The value '" + text + "' of column '" + column.name() + "' is no " + column.type().kustoName());
        }
    }

    @Override
    public void close() throws StoreException {
        try {
            writer.close();
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private static StoreException unwritable(Exception failure) {
        return StoreException.system("UserErrorFileWriteFailure", "Avro cannot be written: " + failure.getMessage(), failure);
    }
}
