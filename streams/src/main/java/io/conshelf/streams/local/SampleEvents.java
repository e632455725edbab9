package io.conshelf.streams.local;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Reads sample events, whole: JSON objects one after another, or in an array, and CSV with a header.
public final class SampleEvents {
    private SampleEvents() {}

    /// @param serialization `type` of the format
    /// @param delimiter     of CSV
    /// @throws IOException where it is not what it is said to be, with line and column
    public static List<Value.Record> read(InputStream content, String serialization, char delimiter, Compatibility level) throws IOException {
        return switch (serialization.toLowerCase(Locale.ROOT)) {
            case "json" -> json(content, level);
            case "csv" -> csv(content, delimiter, level);
            default -> throw new IOException("local files are Json and Csv, found '" + serialization + "'");
        };
    }

    private static List<Value.Record> json(InputStream content, Compatibility level) throws IOException {
        List<Value.Record> events = new ArrayList<>();
        JsonRead read = new JsonRead(JsonRead.Reading.at(level));
        try (JsonParser parser = JsonRead.FACTORY.createParser(unmarked(content))) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    events.add(read.event(parser));
                } else if (token == JsonToken.START_ARRAY) {
                    for (token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                        if (token != JsonToken.START_OBJECT) {
                            throw new IOException("an event is to be an object, found " + token + at(parser));
                        }
                        events.add(read.event(parser));
                    }
                } else {
                    throw new IOException("an event is to be an object, found " + token + at(parser));
                }
            }
            return events;
        } catch (JsonProcessingException notJson) {
            throw new IOException("is not JSON: " + notJson.getOriginalMessage()
                    + (notJson.getLocation() == null ? "" : " (line " + notJson.getLocation().getLineNr() + ", column " + notJson.getLocation().getColumnNr() + ")"), notJson);
        }
    }

    private static String at(JsonParser parser) {
        return " (line " + parser.currentLocation().getLineNr() + ", column " + parser.currentLocation().getColumnNr() + ")";
    }

    private static Reader unmarked(InputStream content) throws IOException {
        Reader reader = new java.io.BufferedReader(new InputStreamReader(content, StandardCharsets.UTF_8));
        reader.mark(1);
        if (reader.read() != '\uFEFF') {
            reader.reset();
        }
        return reader;
    }

    private static List<Value.Record> csv(InputStream content, char delimiter, Compatibility level) throws IOException {
        List<Value.Record> events = new ArrayList<>();
        try (CsvReader<CsvRecord> rows = CsvReader.builder().fieldSeparator(delimiter).skipEmptyLines(true).ofCsvRecord(unmarked(content))) {
            Shape shape = null;
            for (CsvRecord row : rows) {
                if (shape == null) {
                    List<String> names = row.getFields().stream().map(String::strip)
                            .map(name -> level.isAtLeast(Compatibility.V1_1) ? name : name.toLowerCase(Locale.ROOT)).toList();
                    Set<String> unique = new HashSet<>();
                    names.forEach(name -> unique.add(name.toLowerCase(Locale.ROOT)));
                    if (unique.size() != names.size()) {
                        throw new IOException("the header names a column twice: " + names);
                    }
                    shape = Shape.of(names);
                    continue;
                }
                Value[] values = new Value[shape.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = i < row.getFieldCount() ? new Value.Text(row.getField(i)) : Value.Null.NULL;
                }
                events.add(new Value.Record(shape, values));
            }
            return events;
        } catch (CsvParseException broken) {
            throw new IOException("is not CSV: " + broken.getMessage(), broken);
        }
    }
}
