package io.conshelf.streams.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/// Values as JSON. Times are ISO texts, bits are booleans; what is no number for JSON is the text of it, such as `"NaN"`.
public final class JsonPrint {
    private static final JsonFactory JSON = JsonRead.FACTORY;

    private JsonPrint() {}

    public static void write(Value value, JsonGenerator out) throws IOException {
        switch (value) {
            case Null _ -> out.writeNull();
            case BigInt(long number) -> out.writeNumber(number);
            case FloatingPoint(double number) -> write(number, out);
            case Text(String text) -> out.writeString(text);
            case DateTime(long ticks) -> out.writeString(Ticks.text(ticks));
            case Bit(boolean bit) -> out.writeBoolean(bit);
            case Record record -> write(record, out);
            case Array(List<Value> elements) -> {
                out.writeStartArray();
                for (Value element : elements) {
                    write(element, out);
                }
                out.writeEndArray();
            }
        }
    }

    private static void write(Record record, JsonGenerator out) throws IOException {
        out.writeStartObject();
        Value[] values = record.values();
        for (int i = 0; i < values.length; i++) {
            out.writeFieldName(record.shape().written(i));
            write(values[i], out);
        }
        out.writeEndObject();
    }

    private static void write(double number, JsonGenerator out) throws IOException {
        if (Double.isFinite(number)) {
            out.writeNumber(number);
        } else {
            out.writeString(Numbers.text(number));
        }
    }

    public static String text(Value value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(text)) {
            write(value, out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }
}
