package io.conshelf.processor.format;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.definition.FormatDefinition.CellType;
import io.conshelf.processor.definition.FormatDefinition.Column;
import io.conshelf.processor.definition.FormatDefinition.Header;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// CSV (RFC 4180). Cells of bytes are base64. A payload is an array of records, one a line; what is written may be a record or an array of them.
public final class CsvFormat implements MessageFormat {
    private static final int FIELD_CHARS_MAX = 4 << 20;

    private final Header header;
    private final List<Column> columns;

    public CsvFormat(FormatDefinition.Csv definition) {
        this.header = definition.header();
        this.columns = definition.columns();
    }

    @Override
    public Value decode(byte[] payload) throws FormatException {
        FormatLimits.checkSize(payload, FormatLimits.BYTES_MAX);
        List<Value> records = new ArrayList<>();
        int values = 0;
        int[] places = new int[columns.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = i;
        }
        int width = header == Header.NONE ? places.length : -1;
        try (CsvReader<CsvRecord> lines = CsvReader.builder().maxBufferSize(FIELD_CHARS_MAX).skipEmptyLines(true).ofCsvRecord(new StringReader(text(payload)))) {
            for (CsvRecord line : lines) {
                if (width < 0) {
                    width = line.getFieldCount();
                    places = places(line);
                    continue;
                }
                if (line.getFieldCount() != width) {
                    throw new FormatException("line %d has %d fields, and %d are expected".formatted(line.getStartingLineNumber(), line.getFieldCount(), width));
                }
                values += width + 1;
                if (values > FormatLimits.VALUES_MAX) {
                    throw FormatLimits.tooMany();
                }
                records.add(record(line, places));
            }
        } catch (CsvParseException | UncheckedIOException e) {
            throw new FormatException("no CSV: " + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
        } catch (IOException e) {
            throw new FormatException("no CSV: " + e.getMessage());
        }
        return Value.items(records);
    }

    private static String text(byte[] payload) throws FormatException {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new FormatException("no CSV: it is not UTF-8");
        }
    }

    /// Where each column stands; -1 where the first line does not name it.
    private int[] places(CsvRecord first) {
        Map<String, Integer> named = new HashMap<>();
        for (int i = 0; i < first.getFieldCount(); i++) {
            named.putIfAbsent(first.getField(i), i);
        }
        return columns.stream().mapToInt(column -> named.getOrDefault(column.name(), -1)).toArray();
    }

    private Value record(CsvRecord line, int[] places) throws FormatException {
        Value record = new Value.Members(new LinkedHashMap<>());
        for (int i = 0; i < places.length; i++) {
            if (places[i] >= 0) {
                Column column = columns.get(i);
                record = column.path().write(record, cell(line, column, line.getField(places[i])));
            }
        }
        return record;
    }

    private static Value cell(CsvRecord line, Column column, String field) throws FormatException {
        if (column.type() == CellType.STRING) {
            return Value.of(field);
        }
        if (field.isEmpty()) {
            return Value.NULL;
        }
        try {
            return switch (column.type()) {
                case STRING -> Value.of(field);
                case INTEGER -> Value.of(Long.parseLong(field.strip()));
                case FLOAT -> Value.of(Double.parseDouble(field.strip()));
                case BYTES -> new Value.Binary(Base64.getDecoder().decode(field.strip()));
                case BOOLEAN -> switch (field.strip()) {
                    case "true", "True", "TRUE" -> Value.TRUE;
                    case "false", "False", "FALSE" -> Value.FALSE;
                    default -> throw new IllegalArgumentException();
                };
            };
        } catch (IllegalArgumentException e) {
            String shown = field.length() <= 40 ? field : field.substring(0, 40) + "…";
            throw new FormatException("line %d, column '%s': '%s' is no %s".formatted(line.getStartingLineNumber(), column.name(), shown,
                    column.type() == CellType.BYTES ? "base64" : column.type().name().toLowerCase(java.util.Locale.ROOT)));
        }
    }

    @Override
    public byte[] encode(Value record) throws FormatException {
        return encode(List.of(record));
    }

    @Override
    public byte[] part(Value record) {
        return written(writer -> {
            for (Value one : record instanceof Value.Items(List<Value> items) ? items : List.of(record)) {
                writer.writeRecord(columns.stream().map(column -> column.path().read(one)).map(CsvFormat::field).toList());
            }
        });
    }

    @Override
    public Frame frame(int parts) {
        return switch (header) {
            case FIRST_LINE -> new Frame(written(writer -> writer.writeRecord(columns.stream().map(Column::name).toList())), Frame.NOTHING, Frame.NOTHING);
            case NONE -> Frame.NONE;
        };
    }

    private static byte[] written(Consumer<CsvWriter> lines) {
        StringWriter text = new StringWriter();
        try (CsvWriter writer = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
            lines.accept(writer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String field(Optional<Value> found) {
        return switch (found.orElse(Value.NULL)) {
            case Value.Null _ -> "";
            case Value.Truth(boolean is) -> Boolean.toString(is);
            case Value.Whole(long number) -> Long.toString(number);
            case Value.Large(BigInteger number) -> number.toString();
            case Value.Real(double number) -> JsonText.number(number);
            case Value.Text(String text) -> text;
            case Value.Binary(byte[] bytes) -> Base64.getEncoder().encodeToString(bytes);
            case Value.Items items -> JsonText.write(items);
            case Value.Members members -> JsonText.write(members);
        };
    }
}
