package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Splits delimited text into records by RFC 4180: quotes enclose a field, doubled quotes stand for one, backslash means
/// nothing. Spaces around a quoted field are let pass, as DuckDB's reader does, so that both ways in agree.
///
/// It works on bytes: separators, quotes and line ends are ASCII, which no other character of UTF-8 contains, and most fields
/// go on as the bytes they came in.
final class DelimitedText {
    private static final int END = -1;
    private static final int RECORD_BYTES_MAX = 64 << 20;
    private static final int BUFFER_BYTES = 8 << 10;
    private static final int BUFFER_BYTES_MAX = 1 << 18;
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream in;
    private final byte separator;
    private final boolean isStrict;
    // Small for a request's few rows; it grows while more comes.
    private byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private long bufferStart;
    private long recordStart;
    private long record;
    private boolean wasQuoted;
    // The record's fields, one after the other without quotes and separators; each ends where the next begins.
    private byte[] fields = new byte[512];
    private int[] ends = new int[16];
    private int fieldCount;
    private int fieldsEnd;

    /// @param isStrict whether a quote that does not fit fails the source, or is taken as it stands
    DelimitedText(InputStream in, char separator, boolean isStrict) throws IOException {
        this.in = in;
        this.separator = (byte) separator;
        this.isStrict = isStrict;
        while (end < MARK.length && fill()) {
            // A mark may come in pieces.
        }
        if (end >= MARK.length && Arrays.equals(buffer, 0, MARK.length, MARK, 0, MARK.length)) {
            at = MARK.length;
        }
    }

    /// Reads the next record. Lines without any character are no records, unless records have a single field.
    ///
    /// @return whether there was one
    boolean next(boolean hasSingleField) throws IOException {
        do {
            fieldCount = 0;
            fieldsEnd = 0;
            recordStart = bufferStart + at;
            if (peek() == END) {
                return false;
            }
            record++;
            while (!readField()) {
                // The fields of the record follow.
            }
            if (fieldCount > 1 || fieldsEnd > 0 || hasSingleField || wasQuoted) {
                return true;
            }
            record--;
        } while (true);
    }

    /// How many fields the record has.
    int fieldCount() {
        return fieldCount;
    }

    /// The bytes of all fields of the record, until the next one is read.
    byte[] fields() {
        return fields;
    }

    int start(int field) {
        return field == 0 ? 0 : ends[field - 1];
    }

    int end(int field) {
        return ends[field];
    }

    /// From 1.
    long record() {
        return record;
    }

    /// Where the record began, in bytes.
    long recordStart() {
        return recordStart;
    }

    /// @return whether the record ends with the field
    private boolean readField() throws IOException {
        int fieldStart = fieldsEnd;
        wasQuoted = false;
        int c = plain();
        if (c == '"' && isBlank(fieldStart)) {
            fieldsEnd = fieldStart;
            wasQuoted = true;
            c = quoted();
        }
        while (c != END && c != separator && c != '\n' && c != '\r') {
            append(c);
            c = plain();
        }
        if (fieldCount == ends.length) {
            ends = Arrays.copyOf(ends, 2 * fieldCount);
        }
        ends[fieldCount++] = fieldsEnd;
        if (c == separator) {
            return false;
        }
        if (c == '\r' && peek() == '\n') {
            at++;
        }
        return true;
    }

    private boolean isBlank(int from) {
        for (int i = from; i < fieldsEnd; i++) {
            if (fields[i] != ' ') {
                return false;
            }
        }
        return true;
    }

    /// The rest of a quoted field; returns the character that ends it.
    private int quoted() throws IOException {
        while (true) {
            int c = untilQuote();
            if (c == END) {
                if (isStrict) {
                    throw new KustoException(IngestionErrors.closingQuoteMissing(record, recordStart, fieldCount + 1));
                }
                return END;
            }
            if (peek() != '"') {
                return afterQuote();
            }
            append(read());
        }
    }

    private int afterQuote() throws IOException {
        int c = read();
        while (c == ' ') {
            c = read();
        }
        boolean ends = c == END || c == separator || c == '\n' || c == '\r';
        if (!ends && isStrict) {
            throw new KustoException(IngestionErrors.textAfterClosingQuote(record, recordStart, fieldCount + 1));
        }
        return c;
    }

    /// Copies what needs no decision; returns the character after it, which may be a quote.
    private int plain() throws IOException {
        while (true) {
            int start = at;
            while (at < end) {
                byte b = buffer[at];
                if (b == separator || b == '\n' || b == '\r' || b == '"') {
                    appendFrom(start);
                    at++;
                    return b;
                }
                at++;
            }
            appendFrom(start);
            if (peek() == END) {
                return END;
            }
        }
    }

    /// Copies the inside of a quoted field; returns its next quote.
    private int untilQuote() throws IOException {
        while (true) {
            int start = at;
            while (at < end) {
                if (buffer[at] == '"') {
                    appendFrom(start);
                    at++;
                    return '"';
                }
                at++;
            }
            appendFrom(start);
            if (peek() == END) {
                return END;
            }
        }
    }

    /// Appends the buffer from a place to where reading is.
    private void appendFrom(int start) {
        int length = at - start;
        room(length);
        System.arraycopy(buffer, start, fields, fieldsEnd, length);
        fieldsEnd += length;
    }

    private void append(int c) {
        room(1);
        fields[fieldsEnd++] = (byte) c;
    }

    private void room(int length) {
        if (fieldsEnd + length > fields.length) {
            if (fieldsEnd + length > RECORD_BYTES_MAX) {
                throw new KustoException(IngestionErrors.inputTooLarge("Record " + record, RECORD_BYTES_MAX));
            }
            fields = Arrays.copyOf(fields, Math.min(RECORD_BYTES_MAX, Math.max(2 * fields.length, fieldsEnd + length)));
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
            if (end == buffer.length && end < BUFFER_BYTES_MAX) {
                buffer = new byte[2 * end];
            }
            bufferStart += end;
            at = 0;
            end = 0;
            fill();
        }
        return at < end ? buffer[at] & 0xFF : END;
    }

    /// Reads more behind what is there.
    ///
    /// @return whether there was any
    private boolean fill() throws IOException {
        int count = in.read(buffer, end, buffer.length - end);
        end += Math.max(0, count);
        return count > 0;
    }
}
