package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Optional;

/// Finds where the records of delimited text end, in UTF-8 bytes, without decoding them: so that a file can be cut into pieces, each of which
/// is read by somebody else.
public final class DelimitedBorders {
    private enum State { FIELD_START, UNQUOTED, QUOTED, QUOTE_IN_QUOTED, ESCAPE_IN_QUOTED, CARRIAGE_RETURN }

    private static final int NONE = -1;
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long LOW_BITS = 0x7F * ONES;
    private static final long TOP_BITS = 0x80 * ONES;
    private static final long QUOTES = '"' * ONES;
    private static final long CARRIAGE_RETURNS = '\r' * ONES;
    private static final long LINE_FEEDS = '\n' * ONES;

    private final String name;
    private final int delimiter;
    private final int quote;
    private final int escape;
    private final boolean endsAtNewline;
    private final boolean endsAtCarriageReturn;
    private final int otherEnd;
    private final boolean isStandardQuote;
    private State state = State.FIELD_START;
    private boolean isEmptyRecord = true;
    private boolean hasBackslashBeforeQuote;
    private int previous = NONE;
    private int fields = 1;
    private int fieldsExpected;
    private long records;
    private boolean isRecordStandard = true;
    private boolean isStandard = true;

    /// @param name what error messages call the text
    public DelimitedBorders(String name, DelimitedText dialect) {
        this.name = name;
        this.delimiter = dialect.delimiter();
        this.quote = dialect.quote().map(c -> (int) c).orElse(NONE);
        this.escape = dialect.escape().filter(c -> !dialect.quote().equals(Optional.of(c))).map(c -> (int) c).orElse(NONE);
        this.endsAtNewline = dialect.rowDelimiter().map(text -> text.endsWith("\n")).orElse(true);
        this.endsAtCarriageReturn = dialect.rowDelimiter().map(text -> text.startsWith("\r")).orElse(true);
        this.otherEnd = dialect.rowDelimiter().filter(text -> text.length() == 1 && !text.equals("\n") && !text.equals("\r"))
                .map(text -> (int) text.charAt(0)).orElse(NONE);
        this.isStandardQuote = quote == '"';
    }

    /// Whether borders can be found in bytes at all: every character that matters is one byte of UTF-8.
    public static boolean canRead(DelimitedText dialect) {
        return dialect.delimiter() < 128 && dialect.quote().map(c -> c < 128).orElse(true) && dialect.escape().map(c -> c < 128).orElse(true)
                && dialect.rowDelimiter().map(text -> text.equals("\r\n") || text.length() == 1 && text.charAt(0) < 128).orElse(true);
    }

    /// The place behind the last record that ends in these bytes; -1 where none does. What was scanned is not scanned again.
    public int last(byte[] bytes, int from, int to) throws StoreException {
        int border = NONE;
        for (int at = from; at < to; ) {
            int plain = plainRecords(bytes, at, to);
            if (plain > at) {
                border = plain;
                at = plain;
            }
            int end = at < to ? first(bytes, at, to) : NONE;
            if (end < 0) {
                return border;
            }
            border = end;
            at = end;
        }
        return border;
    }

    /// Passes over records without quotes, escapes and carriage returns, eight bytes at a time: in a mask the highest bit of each byte says
    /// whether it is the character in question. Whatever else there is, mistakes among it, is for [#first].
    private int plainRecords(byte[] bytes, int from, int to) {
        int record = from;
        if (state != State.FIELD_START || !isEmptyRecord || !isRecordStandard || fields != 1 || !endsAtNewline || otherEnd != NONE) {
            return record;
        }
        long delimiters = delimiter * ONES;
        long quotes = (quote == NONE ? '"' : quote) * ONES;
        long escapes = (escape == NONE ? '"' : escape) * ONES;
        int before = 0;
        for (int at = from; at <= to - Long.BYTES; at += Long.BYTES) {
            long word = (long) WORDS.get(bytes, at);
            if (((traces(word ^ QUOTES) | traces(word ^ CARRIAGE_RETURNS) | traces(word ^ quotes) | traces(word ^ escapes)) & TOP_BITS) != 0) {
                return record;
            }
            long between = zeros(word ^ delimiters);
            if ((traces(word ^ LINE_FEEDS) & TOP_BITS) != 0) {
                for (long ends = zeros(word ^ LINE_FEEDS); ends != 0; ends &= ends - 1) {
                    long inFront = (ends & -ends) - 1;
                    int count = before + Long.bitCount(between & inFront) + 1;
                    int end = at + (Long.numberOfTrailingZeros(ends) >>> 3);
                    if (end == record || fieldsExpected != 0 && count != fieldsExpected) {
                        return record;
                    }
                    fieldsExpected = count;
                    records++;
                    record = end + 1;
                    before = 0;
                    between &= ~inFront;
                }
            }
            before += Long.bitCount(between);
        }
        return record;
    }

    /// The highest bit of every byte that is zero.
    private static long zeros(long word) {
        return ~((word & LOW_BITS) + LOW_BITS | word | LOW_BITS);
    }

    /// Has a highest bit of a byte if some byte is zero, in half the steps; which of them are it does not tell.
    private static long traces(long word) {
        return word - ONES & ~word;
    }

    /// The place behind the first record that ends in these bytes; -1 where none does.
    public int first(byte[] bytes, int from, int to) throws StoreException {
        for (int i = from; i < to; i++) {
            int b = bytes[i];
            switch (state) {
                case UNQUOTED -> {
                    // The common case: run to the end of the field.
                    while (b != delimiter && b != '\n' && b != '\r' && b != escape && b != '"' && b != otherEnd) {
                        if (++i == to) {
                            return NONE;
                        }
                        b = bytes[i];
                    }
                    if (unquoted(b)) {
                        return i + 1;
                    }
                }
                case QUOTED -> {
                    while (b != quote && b != escape) {
                        if (++i == to) {
                            previous = b;
                            return NONE;
                        }
                        previous = b;
                        b = bytes[i];
                    }
                    if (b == quote) {
                        hasBackslashBeforeQuote = previous == '\\';
                        state = State.QUOTE_IN_QUOTED;
                    } else {
                        isRecordStandard = false;
                        state = State.ESCAPE_IN_QUOTED;
                    }
                }
                case ESCAPE_IN_QUOTED -> {
                    previous = NONE;
                    state = State.QUOTED;
                }
                case FIELD_START -> {
                    if (b == quote) {
                        isEmptyRecord = false;
                        previous = NONE;
                        state = State.QUOTED;
                    } else if (unquoted(b)) {
                        return i + 1;
                    }
                }
                case QUOTE_IN_QUOTED -> {
                    if (b == quote) {
                        previous = NONE;
                        state = State.QUOTED;
                    } else {
                        if (hasBackslashBeforeQuote && !isEnd(b)) {
                            throw backslash();
                        }
                        state = State.UNQUOTED;
                        if (unquoted(b)) {
                            return i + 1;
                        }
                    }
                }
                case CARRIAGE_RETURN -> {
                    if (b == '\n') {
                        if (end()) {
                            return i + 1;
                        }
                    } else {
                        // A lone carriage return ends a record here, and not for everybody.
                        isRecordStandard = false;
                        if (end()) {
                            return i;
                        }
                        i--; // the byte begins a field
                    }
                }
            }
        }
        return NONE;
    }

    /// Takes a byte outside quotes; true when it ends a record.
    private boolean unquoted(int b) throws StoreException {
        if (b == delimiter) {
            isEmptyRecord = false;
            fields++;
            state = State.FIELD_START;
        } else if (b == '\n' && endsAtNewline || b == otherEnd) {
            return end();
        } else if (b == '\r' && endsAtCarriageReturn) {
            state = State.CARRIAGE_RETURN;
        } else if (b == '\r' && isEmptyRecord) {
            // In front of a record it is part of an empty line.
            isRecordStandard = false;
        } else {
            isEmptyRecord = false;
            isRecordStandard &= b != escape && b != '\r' && (b != '"' || isStandardQuote && state == State.UNQUOTED);
            state = State.UNQUOTED;
        }
        return false;
    }

    private boolean isEnd(int b) {
        return b == delimiter || b == '\n' || b == '\r' || b == otherEnd;
    }

    private boolean end() throws StoreException {
        state = State.FIELD_START;
        if (isEmptyRecord) {
            // An empty line is no record here; elsewhere it might be one.
            isRecordStandard = false;
            fields = 1;
            return false;
        }
        records++;
        isStandard &= isRecordStandard;
        isRecordStandard = true;
        if (fieldsExpected == 0) {
            fieldsExpected = fields;
        } else if (fields != fieldsExpected) {
            throw StoreException.user(fields > fieldsExpected ? "DelimitedTextMoreColumnsThanDefined" : "DelimitedTextColumnCountMismatch", "Row " + records
                    + " of '" + name + "' has " + fields + " columns, expected " + fieldsExpected);
        }
        fields = 1;
        isEmptyRecord = true;
        return true;
    }

    /// At the end of the text: true when it ends within a record, which ends there too.
    public boolean finish() throws StoreException {
        return switch (state) {
            case QUOTED, ESCAPE_IN_QUOTED -> throw StoreException.user("DelimitedTextClosingQuoteMissing", "A field in row " + (records + 1) + " of '"
                    + name + "' opens a quote that is never closed");
            case CARRIAGE_RETURN, FIELD_START, UNQUOTED, QUOTE_IN_QUOTED -> end();
        };
    }

    private StoreException backslash() {
        return StoreException.user("Stream_WrongNumberOfFields", "Row " + (records + 1) + " of '" + name + "' is not RFC 4180: a quote inside a field is "
                + "escaped by a backslash, and there is text behind the quote. Azure Data Explorer expects such a quote doubled. Set the dataset's "
                + "'escapeChar' to \\ to have the file read that way, or write it with '\"' as its escape character");
    }

    /// Records that have ended, a header among them.
    public long records() {
        return records;
    }

    /// Whether the records that ended since the last call read the same by RFC 4180.
    public boolean takeStandard() {
        boolean was = isStandard;
        isStandard = true;
        return was;
    }
}
