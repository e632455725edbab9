package io.conshelf.connectors.format;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.connectors.RowWriter;
import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// Writes rows as JSON objects, one a line or as one array.
public final class JsonDocumentWriter implements RowWriter {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// How the objects are laid out in a file.
    public enum FilePattern { SET_OF_OBJECTS, ARRAY_OF_OBJECTS }

    private final List<String> names;
    private final FilePattern pattern;
    private final JsonGenerator generator;

    public JsonDocumentWriter(OutputStream target, List<String> names, FilePattern pattern) throws StoreException {
        this.names = List.copyOf(names);
        this.pattern = pattern;
        try {
            generator = JSON.createGenerator(target);
            generator.setPrettyPrinter(new MinimalPrettyPrinter(pattern == FilePattern.SET_OF_OBJECTS ? "\n" : ""));
            if (pattern == FilePattern.ARRAY_OF_OBJECTS) {
                generator.writeStartArray();
            }
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    @Override
    public void write(List<JsonNode> row) throws StoreException {
        try {
            generator.writeStartObject();
            for (int i = 0; i < row.size(); i++) {
                // A null property is left out, as the service does.
                if (!row.get(i).isNull()) {
                    generator.writeFieldName(names.get(i));
                    generator.writeTree(row.get(i));
                }
            }
            generator.writeEndObject();
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    @Override
    public void close() throws StoreException {
        try {
            if (pattern == FilePattern.ARRAY_OF_OBJECTS) {
                generator.writeEndArray();
            }
            generator.close();
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private static StoreException unwritable(IOException failure) {
        return StoreException.system("UserErrorFileWriteFailure", "JSON cannot be written: " + failure.getMessage(), failure);
    }
}
