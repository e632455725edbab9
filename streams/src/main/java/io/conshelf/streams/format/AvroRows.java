package io.conshelf.streams.format;

import io.conshelf.streams.output.RowRefused;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/// Rows as a container file of Avro. Its schema is that of the first row: every field may be null, and one that is null there is a text. Times are texts, as
/// the service writes them; the elements of an array that differ in their form are texts of JSON.
final class AvroRows implements RowEncoder {
    private static final Schema NULL = Schema.create(Schema.Type.NULL);

    private final OutputStream target;
    private Schema schema;
    private DataFileWriter<GenericRecord> file;

    AvroRows(OutputStream target) {
        this.target = target;
    }

    @Override
    public boolean takes(Record row) {
        return schema == null || fits(row, schema);
    }

    @Override
    public void write(Record row) throws IOException, RowRefused {
        if (schema == null) {
            begin(row);
        }
        file.append((GenericRecord) datum(row, schema));
    }

    private void begin(Record row) throws IOException, RowRefused {
        Schema first;
        try {
            first = ofRecord(row, "Row");
        } catch (SchemaParseException wrongName) {
            throw new RowRefused("ColumnNameInvalid", "Avro takes letters, digits and _ in names: " + wrongName.getMessage());
        }
        file = new DataFileWriter<>(new GenericDatumWriter<>(first));
        file.create(first, target);
        schema = first;
    }

    private static Schema ofRecord(Record record, String name) {
        List<Schema.Field> fields = new ArrayList<>();
        for (int i = 0; i < record.values().length; i++) {
            String field = record.shape().name(i);
            Schema type = of(record.values()[i], name + '_' + field);
            fields.add(new Schema.Field(field, Schema.createUnion(NULL, type), null, Schema.Field.NULL_DEFAULT_VALUE));
        }
        return Schema.createRecord(name, null, null, false, fields);
    }

    /// @param name that a record there would have
    private static Schema of(Value value, String name) {
        return switch (value) {
            case Null _, Text _, DateTime _ -> Schema.create(Schema.Type.STRING);
            case BigInt _ -> Schema.create(Schema.Type.LONG);
            case FloatingPoint _ -> Schema.create(Schema.Type.DOUBLE);
            case Bit _ -> Schema.create(Schema.Type.BOOLEAN);
            case Record record -> ofRecord(record, name);
            case Array(List<Value> elements) -> Schema.createArray(Schema.createUnion(NULL, ofElements(elements, name)));
        };
    }

    private static Schema ofElements(List<Value> elements, String name) {
        // A float beside bigints makes all of them floats.
        Schema common = elements.stream().filter(FloatingPoint.class::isInstance).findFirst()
                .or(() -> elements.stream().filter(element -> !(element instanceof Null)).findFirst()).map(element -> of(element, name))
                .orElse(Schema.create(Schema.Type.STRING));
        return elements.stream().allMatch(element -> fits(element, common)) ? common : Schema.create(Schema.Type.STRING);
    }

    private static boolean fits(Value value, Schema schema) {
        return switch (schema.getType()) {
            case UNION -> value instanceof Null || fits(value, schema.getTypes().getLast());
            case LONG -> value instanceof Null || value instanceof BigInt;
            case DOUBLE -> value instanceof Null || value instanceof FloatingPoint || value instanceof BigInt;
            case BOOLEAN -> value instanceof Null || value instanceof Bit;
            case STRING -> value instanceof Null || value instanceof Text || value instanceof DateTime;
            case ARRAY -> value instanceof Null || value instanceof Array(List<Value> elements)
                    && elements.stream().allMatch(element -> isText(schema.getElementType()) || fits(element, schema.getElementType()));
            case RECORD -> value instanceof Null || value instanceof Record record && fitsRecord(record, schema);
            case ENUM, MAP, FIXED, BYTES, INT, FLOAT, NULL -> false;
        };
    }

    private static boolean isText(Schema element) {
        return element.getTypes().getLast().getType() == Schema.Type.STRING;
    }

    private static boolean fitsRecord(Record record, Schema schema) {
        if (schema.getFields().size() != record.values().length) {
            return false;
        }
        for (Schema.Field field : schema.getFields()) {
            if (!field.name().equals(record.shape().name(field.pos())) || !fits(record.values()[field.pos()], field.schema())) {
                return false;
            }
        }
        return true;
    }

    private static Object datum(Value value, Schema schema) {
        Schema type = schema.getType() == Schema.Type.UNION ? schema.getTypes().getLast() : schema;
        return switch (value) {
            case Null _ -> null;
            case Text(String text) -> text;
            case DateTime(long ticks) -> Ticks.text(ticks);
            case BigInt(long number) -> type.getType() == Schema.Type.DOUBLE ? (Object) (double) number : type.getType() == Schema.Type.STRING
                    ? Long.toString(number) : (Object) number;
            case FloatingPoint(double number) -> type.getType() == Schema.Type.STRING ? JsonPrint.text(value) : (Object) number;
            case Bit(boolean bit) -> type.getType() == Schema.Type.STRING ? Boolean.toString(bit) : (Object) bit;
            case Record record -> type.getType() == Schema.Type.STRING ? JsonPrint.text(value) : record(record, type);
            case Array(List<Value> elements) -> {
                if (type.getType() == Schema.Type.STRING) {
                    yield JsonPrint.text(value);
                }
                List<Object> data = new ArrayList<>(elements.size());
                for (Value element : elements) {
                    data.add(datum(element, type.getElementType()));
                }
                yield data;
            }
        };
    }

    private static GenericRecord record(Record record, Schema schema) {
        GenericRecord datum = new GenericData.Record(schema);
        for (int i = 0; i < record.values().length; i++) {
            datum.put(i, datum(record.values()[i], schema.getFields().get(i).schema()));
        }
        return datum;
    }

    @Override
    public void flush() throws IOException {
        if (file != null) {
            file.flush();
        }
    }

    @Override
    public void close() throws IOException {
        if (file == null) {
            target.close();
        } else {
            file.close();
        }
    }
}
