package io.conshelf.processor.destination.explorer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.conshelf.processor.destination.LineFile;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Rows as JSON lines in a file of this machine: an upload that fails can be tried again. JSON and not delimited text, because it tells texts from numbers and from
/// nothing, which columns of `dynamic` and `string` keep apart. Cells are named `c0`, `c1` …, so that a mapping finds them whatever columns are called.
final class RowFile {
    private static final JsonFactory JSON = JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(10_000).build()).build();
    /// Of whole numbers that are written as such.
    private static final double WHOLE_MAX = 9e18;

    private final Path path;
    private final LineFile file;

    private RowFile(Path path, LineFile file) {
        this.path = path;
        this.file = file;
    }

    static RowFile create(Path path) throws IOException {
        return new RowFile(path, LineFile.open(path, 0));
    }

    static boolean isWhole(double number) {
        return number == Math.rint(number) && Math.abs(number) < WHOLE_MAX;
    }

    static String cell(int column) {
        return "c" + column;
    }

    /// Rows as they will be added, all or none.
    static byte[] lines(List<List<Value>> rows) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(lines)) {
            json.setRootValueSeparator(null);
            for (List<Value> row : rows) {
                json.writeStartObject();
                for (int column = 0; column < row.size(); column++) {
                    if (!(row.get(column) instanceof Value.Null)) {
                        json.writeFieldName(cell(column));
                        write(row.get(column), json);
                    }
                }
                json.writeEndObject();
                json.writeRaw('\n');
            }
        }
        return lines.toByteArray();
    }

    private static void write(Value value, JsonGenerator json) throws IOException {
        switch (value) {
            case Value.Null _ -> json.writeNull();
            case Value.Truth(boolean truth) -> json.writeBoolean(truth);
            case Value.Whole(long number) -> json.writeNumber(number);
            case Value.Large(var number) -> json.writeNumber(number);
            case Value.Real(double number) -> {
                if (isWhole(number)) {
                    // as the service wrote it: columns of whole numbers do not take 2.0
                    json.writeNumber((long) number);
                } else if (Double.isFinite(number)) {
                    json.writeNumber(number);
                } else {
                    json.writeString(Double.isNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                }
            }
            case Value.Text(String text) -> json.writeString(text);
            case Value.Binary(byte[] binary) -> json.writeString(Base64.getEncoder().encodeToString(binary));
            case Value.Items(List<Value> items) -> {
                json.writeStartArray();
                for (Value item : items) {
                    write(item, json);
                }
                json.writeEndArray();
            }
            case Value.Members(SequencedMap<String, Value> members) -> {
                json.writeStartObject();
                for (Map.Entry<String, Value> member : members.entrySet()) {
                    json.writeFieldName(member.getKey());
                    write(member.getValue(), json);
                }
                json.writeEndObject();
            }
        }
    }

    void add(byte[] lines) throws IOException {
        file.add(lines);
    }

    /// The rows of a file, one after another, with null values for what a row does not have.
    static void read(Path path, int columns, Consumer<List<Value>> row) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(path)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Value read = JsonText.read(line);
                row.accept(IntStream.range(0, columns).mapToObj(column -> read instanceof Value.Members members ? members.member(cell(column)) : Value.NULL).toList());
            }
        }
    }

    Path path() {
        return path;
    }

    long bytes() {
        return file.bytes();
    }

    /// Has all rows in the file, on the disk itself: they may be needed once more.
    Path finish() throws IOException {
        file.force();
        file.close();
        return path;
    }

    /// Nobody needs its rows.
    void abandon() throws IOException {
        file.close();
    }
}
