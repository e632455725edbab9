package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/// Splits delimited text into records by RFC 4180: quotes enclose a field, doubled quotes stand for one, backslash means
/// nothing. Spaces around a quoted field are let pass, as DuckDB's reader does, so that both ways in agree.
final class DelimitedText {
    private static final int END = -1;
    private static final int RECORD_CHARS_MAX = 64 << 20;

    private final Reader reader;
    private final char separator;
    private final boolean isStrict;
    private final char[] buffer = new char[1 << 16];
    private final StringBuilder field = new StringBuilder();
    private final List<String> fields = new ArrayList<>();
    private int at;
    private int end;
    private long bufferStart;
    private long recordStart;
    private long record;
    private int recordChars;
    private boolean wasQuoted;

    /// @param isStrict whether a quote that does not fit fails the source, or is taken as it stands
    DelimitedText(Reader reader, char separator, boolean isStrict) {
        this.reader = reader;
        this.separator = separator;
        this.isStrict = isStrict;
    }

    /// Reads the next record. Lines without any character are no records, unless records have a single field.
    ///
    /// @return whether there was one
    boolean next(boolean hasSingleField) throws IOException {
        do {
            fields.clear();
            recordStart = bufferStart + at;
            recordChars = 0;
            if (peek() == END) {
                return false;
            }
            record++;
            while (!readField()) {
                // The fields of the record follow.
            }
            if (fields.size() > 1 || !fields.getFirst().isEmpty() || hasSingleField || wasQuoted) {
                return true;
            }
            record--;
        } while (true);
    }

    /// The fields of the record, until the next one is read.
    List<String> fields() {
        return fields;
    }

    /// From 1.
    long record() {
        return record;
    }

    /// Where the record began, in characters.
    long recordStart() {
        return recordStart;
    }

    /// @return whether the record ends with the field
    private boolean readField() throws IOException {
        field.setLength(0);
        wasQuoted = false;
        int c = read();
        while (c == ' ') {
            field.append(' ');
            c = read();
        }
        if (c == '"') {
            field.setLength(0);
            wasQuoted = true;
            c = quoted();
        }
        while (c != END && c != separator && c != '\n' && c != '\r') {
            append(c);
            c = plain();
        }
        fields.add(field.toString());
        if (c == separator) {
            return false;
        }
        if (c == '\r' && peek() == '\n') {
            read();
        }
        return true;
    }

    /// The rest of a quoted field; returns the character that ends it.
    private int quoted() throws IOException {
        while (true) {
            int c = read();
            if (c == END) {
                if (isStrict) {
                    throw new KustoException(
                            IngestionErrors.closingQuoteMissing(record, recordStart, fields.size() + 1));
                }
                return END;
            }
            if (c != '"') {
                append(c);
            } else if (peek() == '"') {
                append(read());
            } else {
                return afterQuote();
            }
        }
    }

    private int afterQuote() throws IOException {
        int c = read();
        while (c == ' ') {
            c = read();
        }
        boolean ends = c == END || c == separator || c == '\n' || c == '\r';
        if (!ends && isStrict) {
            throw new KustoException(IngestionErrors.textAfterClosingQuote(record, recordStart, fields.size() + 1));
        }
        return c;
    }

    /// Copies what needs no decision at once; returns the character after it.
    private int plain() throws IOException {
        int start = at;
        while (at < end) {
            char c = buffer[at];
            if (c == separator || c == '\n' || c == '\r') {
                break;
            }
            at++;
        }
        field.append(buffer, start, at - start);
        count(at - start);
        return read();
    }

    private void append(int c) {
        field.append((char) c);
        count(1);
    }

    private void count(int chars) {
        recordChars += chars;
        if (recordChars > RECORD_CHARS_MAX) {
            throw new KustoException(IngestionErrors.inputTooLarge("Record " + record, RECORD_CHARS_MAX));
        }
    }

    private int read() throws IOException {
        int c = peek();
        if (c != END) {
            at++;
        }
        return c;
    }

    private int peek() throws IOException {
        if (at == end) {
            bufferStart += end;
            at = 0;
            end = Math.max(0, reader.read(buffer));
        }
        return at < end ? buffer[at] : END;
    }
}
