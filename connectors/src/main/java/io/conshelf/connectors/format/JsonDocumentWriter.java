package io.conshelf.connectors.format;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.DecimalNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowWriter;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.List;

/// Writes rows as JSON objects, one a line or as one array.
public final class JsonDocumentWriter implements RowWriter {
    private static final int DIGITS_MAX = 400;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// How the objects are laid out in a file.
    public enum FilePattern { SET_OF_OBJECTS, ARRAY_OF_OBJECTS }

    private List<Column> columns;
    private final FilePattern pattern;
    private final JsonGenerator generator;

    public JsonDocumentWriter(OutputStream target, List<Column> columns, FilePattern pattern) throws StoreException {
        this.columns = List.copyOf(columns);
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

    /// What the rows after this have: documents of one file need not have the same properties.
    public void columns(List<Column> ofRows) {
        columns = List.copyOf(ofRows);
    }

    @Override
    public void write(List<JsonNode> row) throws StoreException {
        try {
            generator.writeStartObject();
            for (int i = 0; i < row.size(); i++) {
                // A null property is left out, as the service does.
                if (!row.get(i).isNull()) {
                    generator.writeFieldName(columns.get(i).name());
                    generator.writeTree(columns.get(i).type() == ValueType.DECIMAL ? number(row.get(i)) : row.get(i));
                }
            }
            generator.writeEndObject();
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    /// A decimal is a number, though a source may give its digits as text.
    private static JsonNode number(JsonNode cell) {
        try {
            return cell.isTextual() && cell.textValue().length() <= DIGITS_MAX ? DecimalNode.valueOf(new BigDecimal(cell.textValue())) : cell;
        } catch (NumberFormatException notANumber) {
            return cell; // NaN
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
