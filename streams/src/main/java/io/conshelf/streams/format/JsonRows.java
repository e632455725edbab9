package io.conshelf.streams.format;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.io.OutputStream;

/// Rows as JSON: an object a line, or all in an array that is closed with the file.
final class JsonRows implements RowEncoder {
    enum Layout { LINES, ARRAY }

    private final JsonGenerator json;
    private final Layout layout;
    private boolean isEmpty = true;

    JsonRows(OutputStream target, Layout layout) throws IOException {
        this.json = JsonRead.FACTORY.createGenerator(target);
        // Nothing between objects but what is written here.
        json.setPrettyPrinter(new MinimalPrettyPrinter(""));
        this.layout = layout;
    }

    @Override
    public boolean takes(Value.Record row) {
        return true;
    }

    @Override
    public void write(Value.Record row) throws IOException {
        if (layout == Layout.ARRAY) {
            json.writeRaw(isEmpty ? "[" : ",\n");
        }
        isEmpty = false;
        JsonPrint.write(row, json);
        if (layout == Layout.LINES) {
            json.writeRaw('\n');
        }
    }

    @Override
    public void flush() throws IOException {
        json.flush();
    }

    @Override
    public void close() throws IOException {
        if (layout == Layout.ARRAY) {
            json.writeRaw(isEmpty ? "[]" : "]");
        }
        json.close();
    }
}
