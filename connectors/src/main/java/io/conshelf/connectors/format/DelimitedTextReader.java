package io.conshelf.connectors.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Reads delimited text of any dialect. Every record must have as many fields as the first.
public final class DelimitedTextReader implements RowReader {
    /// A field beyond this is a quote that was never closed.
    private static final int FIELD_CHARACTERS_MAX = 64 << 20;

    private final String name;
    private final DelimitedText dialect;
    private final Reader reader;
    private final char[] buffer = new char[1 << 16];
    private int position;
    private int limit;
    private long line = 1;
    private long recordLine = 1;
    private final List<Column> columns;
    private Optional<List<String>> pending;
    private final StringBuilder field = new StringBuilder();
    private boolean wasQuoted;

    /// @param name what error messages call the text
    public DelimitedTextReader(String name, InputStream bytes, DelimitedText dialect) throws StoreException {
        this.name = name;
        this.dialect = dialect;
        this.reader = open(bytes, dialect.encoding());
        skip(dialect.skipLines());
        Optional<List<String>> first = record();
        if (dialect.hasHeader() && first.isPresent()) {
            this.columns = titled(first.get());
            this.pending = record();
        } else {
            List<Column> numbered = new ArrayList<>();
            for (int i = 0; first.isPresent() && i < first.get().size(); i++) {
                numbered.add(new Column("Prop_" + i, ValueType.STRING));
            }
            this.columns = List.copyOf(numbered);
            this.pending = first;
        }
    }

    private List<Column> titled(List<String> header) throws StoreException {
        List<Column> titled = new ArrayList<>();
        for (String title : header) {
            if (title == NULL || title.isBlank()) {
                throw StoreException.user("DelimitedTextColumnNameNotAllowNull", "The header of '" + name + "' has no name for column " + (titled.size() + 1)
                        + ": " + shortened(header.stream().map(text -> text == NULL ? "" : text).collect(Collectors.joining(","))));
            }
            titled.add(new Column(title, ValueType.STRING));
        }
        return titled;
    }

    private Reader open(InputStream bytes, Charset encoding) throws StoreException {
        try {
            Reader text = new InputStreamReader(bytes, encoding);
            limit = Math.max(0, text.read(buffer));
            position = limit > 0 && buffer[0] == '\uFEFF' ? 1 : 0;
            return text;
        } catch (IOException failure) {
            throw unreadable(failure);
        }
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        if (pending.isEmpty()) {
            return Optional.empty();
        }
        List<String> fields = pending.get();
        if (fields.size() != columns.size()) {
            long at = recordLine;
            // Whoever skips the record can read on.
            pending = record();
            throw new FieldCountException(fields.stream().map(text -> text == NULL ? "" : text).toList(), columns.size(),
                    "in the record at line " + at + " of '" + name + "': " + shortened(String.join(",", fields)));
        }
        List<JsonNode> row = new ArrayList<>(fields.size());
        for (String text : fields) {
            row.add(text == NULL ? NullNode.instance : TextNode.valueOf(text));
        }
        pending = record();
        return Optional.of(row);
    }

    @Override
    public void close() throws StoreException {
        try {
            reader.close();
        } catch (IOException failure) {
            throw unreadable(failure);
        }
    }

    // A marker told apart by identity: no text of the file can be it.
    private static final String NULL = new String("null");

    private void skip(int lines) throws StoreException {
        for (int left = lines; left > 0; ) {
            boolean isEmpty = true;
            int c = read();
            while (c >= 0 && c != '\n') {
                isEmpty &= c == '\r';
                c = read();
            }
            if (c < 0) {
                return;
            }
            // Only lines that hold something count.
            left -= isEmpty ? 0 : 1;
        }
    }

    private Optional<List<String>> record() throws StoreException {
        int c = peek();
        while (c == '\n' || c == '\r') {
            // An empty line between records is not a record.
            read();
            c = peek();
        }
        if (c < 0) {
            return Optional.empty();
        }
        recordLine = line;
        List<String> fields = new ArrayList<>();
        while (true) {
            int end = field();
            String text = field.toString();
            boolean isNull = !wasQuoted && dialect.nullTexts().contains(text);
            fields.add(isNull ? NULL : text);
            if (end != dialect.delimiter()) {
                return Optional.of(fields);
            }
        }
    }

    /// Reads one field; returns the character that ended it: the delimiter, a line end, or -1.
    private int field() throws StoreException {
        field.setLength(0);
        wasQuoted = false;
        int quote = dialect.quote().map(c -> (int) c).orElse(-2);
        int escape = dialect.escape().map(c -> (int) c).orElse(-2);
        if (peek() == quote) {
            read();
            wasQuoted = true;
            quoted(quote, escape);
        }
        while (true) {
            int c = read();
            if (c < 0 || c == dialect.delimiter()) {
                return c;
            }
            if (c == '\n' && dialect.rowDelimiter().map(text -> text.endsWith("\n")).orElse(true)) {
                return c;
            }
            if (c == '\r' && dialect.rowDelimiter().map(text -> text.startsWith("\r")).orElse(true)) {
                if (peek() == '\n') {
                    read();
                }
                return '\n';
            }
            if (dialect.rowDelimiter().map(text -> text.length() == 1 && text.charAt(0) == c).orElse(false)) {
                return '\n';
            }
            if (c == escape && escape != quote && (peek() == quote || peek() == escape)) {
                field.append((char) read());
            } else {
                append(c);
            }
        }
    }

    private void quoted(int quote, int escape) throws StoreException {
        while (true) {
            int c = read();
            if (c < 0) {
                throw StoreException.user("DelimitedTextClosingQuoteMissing", "A field in the record at line " + recordLine + " of '" + name
                        + "' opens a quote that is never closed");
            }
            if (c == escape && escape != quote && peek() >= 0) {
                int next = read();
                // The escape character stands for itself before anything but a quote or another escape.
                if (next != quote && next != escape) {
                    append(c);
                }
                append(next);
            } else if (c == quote) {
                if (peek() != quote) {
                    return;
                }
                append(read());
            } else {
                append(c);
            }
        }
    }

    private void append(int c) throws StoreException {
        if (field.length() >= FIELD_CHARACTERS_MAX) {
            throw StoreException.user("DelimitedTextFieldTooLarge", "A field in the record at line " + recordLine + " of '" + name
                    + "' is larger than " + FIELD_CHARACTERS_MAX + " characters");
        }
        field.append((char) c);
    }

    private int peek() throws StoreException {
        if (position == limit) {
            fill();
        }
        return position == limit ? -1 : buffer[position];
    }

    private int read() throws StoreException {
        int c = peek();
        if (c >= 0) {
            position++;
            if (c == '\n') {
                line++;
            }
        }
        return c;
    }

    private void fill() throws StoreException {
        try {
            limit = Math.max(0, reader.read(buffer));
            position = 0;
        } catch (IOException failure) {
            throw unreadable(failure);
        }
    }

    private static String shortened(String text) {
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    private StoreException unreadable(IOException failure) {
        return StoreException.system("UserErrorFileReadFailure", "'" + name + "' cannot be read: " + failure.getMessage(), failure);
    }
}
