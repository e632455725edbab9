package io.conshelf.streams.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.value.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/// How the rows of an output are written.
///
/// @param delimiter of CSV
public record OutputFormat(Type type, char delimiter) implements Serializable {
    public enum Type { JSON_LINES, JSON_ARRAY, CSV, AVRO, PARQUET }

    public static final OutputFormat LINES = new OutputFormat(Type.JSON_LINES, ',');

    /// @param properties of the output in the management interface's form, `serialization`; formats that are not written have been refused before
    public static OutputFormat of(JsonNode properties) {
        JsonNode serialization = Member.of(properties, "serialization");
        Type type = switch (Member.text(serialization, "type", "Json").toLowerCase(Locale.ROOT)) {
            case "json" -> Member.text(Member.of(serialization, "properties"), "format", "LineSeparated").equalsIgnoreCase("Array")
                    ? Type.JSON_ARRAY : Type.JSON_LINES;
            case "csv" -> Type.CSV;
            case "avro" -> Type.AVRO;
            case "parquet" -> Type.PARQUET;
            default -> throw new IllegalArgumentException("rows are not written as '" + Member.text(serialization, "type", "") + "'");
        };
        return new OutputFormat(type, Member.delimiter(serialization));
    }

    /// Whether a file can be read once it has its end, and not while it grows.
    public boolean isCompleteAtItsEnd() {
        return type == Type.AVRO || type == Type.PARQUET;
    }

    /// What the names of files end in.
    public String extension() {
        return switch (type) {
            case JSON_LINES, JSON_ARRAY -> "json";
            case CSV -> "csv";
            case AVRO -> "avro";
            case PARQUET -> "parquet";
        };
    }

    public String contentType() {
        return switch (type) {
            case JSON_LINES, JSON_ARRAY -> "application/json";
            case CSV -> "text/csv";
            case AVRO -> "application/avro";
            case PARQUET -> "application/vnd.apache.parquet";
        };
    }

    /// @param target closed with what is returned
    public RowEncoder open(OutputStream target) throws IOException {
        return switch (type) {
            case JSON_LINES -> new JsonRows(target, JsonRows.Layout.LINES);
            case JSON_ARRAY -> new JsonRows(target, JsonRows.Layout.ARRAY);
            case CSV -> new CsvRows(target, delimiter);
            case AVRO -> new AvroRows(target);
            case PARQUET -> new ParquetRows(target);
        };
    }

    /// Rows as one message. They must be such that one file could hold them.
    public byte[] message(List<Value.Record> rows) throws OutputException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try (RowEncoder encoder = open(message)) {
            for (Value.Record row : rows) {
                encoder.write(row);
            }
        } catch (IOException failure) {
            throw new OutputException("rows cannot be written as " + type + ": " + failure.getMessage(), failure);
        }
        return message.toByteArray();
    }
}
