package io.conshelf.streams.format;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.conshelf.streams.expression.Conversions;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.Step.DeclaredColumn;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Events of CSV. The first record names the columns, unless CREATE TABLE calls them as columns without names are called, `column1`, `column2`, …: then it is an
/// event, too. Values are texts, but for columns that CREATE TABLE declares: those become of the type where they can, and nothing is NULL there.
final class CsvEvents implements EventReader {
    private static final int FIELD_LENGTH_MAX = 1 << 24;
    private static final int COLUMNS_MAX = 10_000;
    private static final Pattern GENERATED = Pattern.compile("column[1-9]\\d*", Pattern.CASE_INSENSITIVE);

    private final InputFormat format;
    private final Broken broken;
    /// Whether columns have no names in the data, for all that CREATE TABLE says.
    private final boolean isNameless;
    /// The header read last and what was made of it: mostly the next message has the same.
    private List<String> header = List.of();
    private Shape shape = Shape.EMPTY;
    private Expression.Type[] types = new Expression.Type[0];

    CsvEvents(InputFormat format) {
        this.format = format;
        this.broken = Broken.of(format);
        this.isNameless = !format.columns().isEmpty() && format.columns().stream().allMatch(column -> GENERATED.matcher(column.name()).matches());
    }

    @Override
    public void message(byte[] message, String resource, EventSink out) {
        try (Events events = file(new ByteArrayInputStream(message), resource)) {
            while (events.next(out)) {
                // one after another
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    public Events file(InputStream bytes, String resource) {
        return new Rows(bytes, resource);
    }

    private void take(List<String> names) {
        if (!names.equals(header)) {
            header = List.copyOf(names);
            types = new Expression.Type[names.size()];
            String[] kept = new String[names.size()];
            for (int i = 0; i < kept.length; i++) {
                String name = names.get(i).isBlank() ? "column" + (i + 1) : names.get(i).strip();
                kept[i] = format.level().isAtLeast(Compatibility.V1_1) ? name : name.toLowerCase(Locale.ROOT);
                types[i] = Expression.Type.NVARCHAR;
                for (DeclaredColumn column : format.columns()) {
                    if (column.name().equalsIgnoreCase(name)) {
                        types[i] = column.type();
                    }
                }
            }
            shape = Shape.of(kept);
        }
    }

    /// Whether a record is a header all the same: it has the names that CREATE TABLE says.
    private boolean isHeader(List<String> record) {
        return !isNameless || format.columns().stream().allMatch(column -> record.stream().anyMatch(name -> name.strip().equalsIgnoreCase(column.name())));
    }

    private static List<String> generated(int columns) {
        return IntStream.rangeClosed(1, columns).mapToObj(column -> "column" + column).toList();
    }

    private static Value value(String field, Expression.Type type) {
        Value text = Value.of(field);
        if (type == Expression.Type.NVARCHAR) {
            return text;
        }
        return field.isEmpty() ? Null.NULL : Conversions.cast(text, type).orElse(text);
    }

    private final class Rows implements Events {
        private final InputStream bytes;
        private final String resource;
        private CsvReader<CsvRecord> reader;
        private Iterator<CsvRecord> records;
        private boolean isEnded;
        private boolean hasHeader;
        /// The first record, where it is an event and not given yet.
        private List<String> first = List.of();

        Rows(InputStream bytes, String resource) {
            this.bytes = bytes;
            this.resource = resource;
        }

        @Override
        public boolean next(EventSink out) throws IOException {
            if (isEnded) {
                return false;
            }
            try {
                if (records == null && !begin(out)) {
                    isEnded = true;
                    return true;
                }
                if (!first.isEmpty()) {
                    row(first, 1, out);
                    first = List.of();
                    return true;
                }
                if (!records.hasNext()) {
                    return false;
                }
                CsvRecord record = records.next();
                row(record.getFields(), record.getStartingLineNumber(), out);
                return true;
            } catch (CsvParseException notCsv) {
                // An IOException comes inside: that of the store is the store's, that of an encoding is the data's.
                if (notCsv.getCause() instanceof IOException failure && !(failure instanceof CharacterCodingException)) {
                    throw failure;
                }
                end(out, notCsv.getMessage());
                return true;
            } catch (UncheckedIOException failure) {
                if (failure.getCause() instanceof CharacterCodingException) {
                    end(out, "The text is not UTF-8.");
                    return true;
                }
                throw failure.getCause();
            }
        }

        private void end(EventSink out, String reason) {
            isEnded = true;
            out.broken(broken.data(resource, reason, ""));
        }

        /// Reads the header, or the first event where there is none.
        private boolean begin(EventSink out) {
            reader = CsvReader.builder().fieldSeparator(format.delimiter()).commentStrategy(CommentStrategy.NONE).skipEmptyLines(true).extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                    .missingFieldStrategy(FieldMismatchStrategy.IGNORE).maxBufferSize(FIELD_LENGTH_MAX)
                    .ofCsvRecord(new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)));
            records = reader.iterator();
            if (!records.hasNext()) {
                return false;
            }
            List<String> names = withoutMark(records.next().getFields());
            if (names.size() > COLUMNS_MAX) {
                end(out, "It has more than " + COLUMNS_MAX + " columns.");
                return false;
            }
            hasHeader = isHeader(names);
            if (!hasHeader) {
                take(generated(names.size()));
                first = names;
                return true;
            }
            Set<String> seen = new HashSet<>();
            for (String name : names) {
                if (!name.isBlank() && !seen.add(name.strip().toLowerCase(Locale.ROOT))) {
                    isEnded = true;
                    out.broken(broken.header(resource, name, String.join(",", names)));
                    return false;
                }
            }
            take(names);
            return records.hasNext();
        }

        private List<String> withoutMark(List<String> names) {
            if (names.isEmpty() || !names.getFirst().startsWith("\uFEFF")) {
                return names;
            }
            List<String> cleaned = new java.util.ArrayList<>(names);
            cleaned.set(0, names.getFirst().substring(1));
            return cleaned;
        }

        private void row(List<String> fields, long line, EventSink out) {
            if (fields.size() != shape.size()) {
                if (hasHeader || fields.size() > COLUMNS_MAX) {
                    out.broken(broken.data(resource, "Line " + line + " has " + fields.size() + " fields, and " + (hasHeader ? "the header has " + shape.size()
                            : COLUMNS_MAX + " are read") + ".", String.join(String.valueOf(format.delimiter()), fields)));
                    return;
                }
                // each is by itself: CREATE TABLE says which columns there have to be
                take(generated(fields.size()));
            }
            Value[] values = new Value[shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(fields.get(i), types[i]);
            }
            out.event(new Value.Record(shape, values));
        }

        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }
}
