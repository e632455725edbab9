package io.conshelf.engine.ingest;

import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Looks through delimited text for columns of numbers and moments whose fields are all written in the plain form, or empty: such columns
/// DuckDB's reader converts by itself, to the same values. What it converts otherwise, or not at all, makes a column one of text. On the way
/// it finds what [LineEnds] looks for; that one sees only the text behind the place where no column is left to look at.
///
/// Every byte of a file passes here, so a field is looked at once, eight bytes together, and none becomes an object: in a mask the highest bit
/// of each byte says whether it is the character in question.
final class ColumnShapes {
    /// A number of so many digits is in the range of the type.
    private static final int INT_DIGITS_MAX = 9;
    private static final int LONG_DIGITS_MAX = 18;
    /// Of `2014-05-25` and `2014-05-25 08:20:03`.
    private static final int DATE_LENGTH = 10;
    private static final int MOMENT_LENGTH = 19;
    /// DuckDB's moments have microseconds.
    private static final int FRACTION_DIGITS_MAX = 6;
    private static final int NOT_THERE = -1;
    /// Behind what a buffer is filled with: bytes are taken eight at a time.
    static final int SLACK_BYTES = Long.BYTES;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle PAIRS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long LOW_BITS = 0x7F * ONES;
    private static final long TOP_BITS = 0x80 * ONES;
    private static final long QUOTES = '"' * ONES;
    private static final long BEHIND_CARRIAGE_RETURN = ('\r' + 1) * ONES;
    private static final long ZEROS = '0' * ONES;
    /// What brings a byte above 9 to its top bit.
    private static final long ABOVE_NINE = 0x76 * ONES;
    /// `00:00:00`, and what brings each byte above what may stand there (2, 9, nothing, 5 …) to its top bit.
    private static final long MIDNIGHT = 0x30303A30303A3030L;
    private static final long ABOVE_TIME = 0x767A7F767A7F767DL;

    private enum Shape { ANY, INT, LONG, DATETIME }

    private final byte separator;
    private final long separators;
    private final Shape[] shapes;
    /// Of the text that is not walked through.
    private final LineEnds rest;
    private long quotes;
    private int quotesInRecord;
    private boolean endsEmptyInRecord;
    private boolean hasTrailingSeparators;
    /// The bytes of the last date that was found to be one: in order of time most are like the one before.
    private long lastDate;
    private short lastDay;
    private int plain;
    private boolean skipsRecord;
    private boolean isOff;
    private boolean hasOpenQuote;

    private ColumnShapes(char separator, Shape[] shapes, boolean skipsFirstRecord) {
        this.separator = (byte) separator;
        this.separators = (separator & 0xFF) * ONES;
        this.rest = new LineEnds(separator);
        this.shapes = shapes;
        this.skipsRecord = skipsFirstRecord;
        for (Shape shape : shapes) {
            plain += shape == Shape.ANY ? 0 : 1;
        }
    }

    /// For no column: to find how the text ends.
    static ColumnShapes none(Format format) {
        return new ColumnShapes(format.separator(), new Shape[0], false);
    }

    /// For the columns that go to numbers and moments only.
    static ColumnShapes wanted(Format format, RecordMapping mapping, boolean skipsFirstRecord) {
        Map<Integer, Shape> byPosition = new HashMap<>();
        for (RecordMapping.Target target : mapping.targets()) {
            if (target.origin() instanceof Origin.Ordinal(int position)) {
                byPosition.merge(position, shape(target), (a, b) -> a == b ? a : Shape.ANY);
            }
        }
        var shapes = new Shape[byPosition.keySet().stream().mapToInt(position -> position + 1).max().orElse(0)];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = byPosition.getOrDefault(i, Shape.ANY);
        }
        var wanted = new ColumnShapes(format.separator(), shapes, skipsFirstRecord);
        wanted.isOff = wanted.plain == 0;
        return wanted;
    }

    /// Whether it has looked at all of the text.
    boolean isComplete() {
        return !isOff;
    }

    /// Whether the text ends in a field that opens a quote, as far as it was looked at, or has an odd number of quotes.
    boolean hasOpenQuote() {
        return hasOpenQuote || rest.hasOpenQuote() ^ (quotes & 1) == 1;
    }

    boolean hasQuotes() {
        return quotes > 0 || rest.hasQuotes();
    }

    boolean hasTrailingSeparators() {
        return hasTrailingSeparators || rest.hasTrailingSeparators();
    }

    private static Shape shape(RecordMapping.Target target) {
        return target.transform() != Transform.NONE ? Shape.ANY : switch (target.column().type()) {
            case INT -> Shape.INT;
            case LONG -> Shape.LONG;
            case DATETIME -> Shape.DATETIME;
            case BOOL, REAL, DECIMAL, STRING, DYNAMIC, TIMESPAN, GUID -> Shape.ANY;
        };
    }

    /// DuckDB's type for a column whose fields are all plain.
    Optional<String> duckType(int position) {
        return isOff || position >= shapes.length ? Optional.empty() : switch (shapes[position]) {
            case ANY -> Optional.empty();
            case INT -> Optional.of("INTEGER");
            case LONG -> Optional.of("BIGINT");
            case DATETIME -> Optional.of("TIMESTAMP");
        };
    }

    /// A value of such a column as the table holds it.
    static String stored(Type type, String value) {
        return type == Type.DATETIME ? "epoch_us(" + value + ") * 10 + " + Ticks.UNIX_EPOCH : value;
    }

    /// Looks at the records that end in the first bytes of a buffer, and moves what is left to its beginning.
    ///
    /// @param limit leaves room for [#SLACK_BYTES]
    /// @return how much is left
    int look(byte[] buffer, int limit) {
        int start = 0;
        for (int end = isOff ? NOT_THERE : record(buffer, start, limit); end >= 0 && !isOff; end = record(buffer, start, limit)) {
            start = end;
            passed();
        }
        if (start == 0 && limit >= buffer.length - SLACK_BYTES) {
            // A record of this size is not worth more.
            isOff = true;
        }
        if (isOff) {
            rest.write(buffer, start, limit - start);
            return 0;
        }
        System.arraycopy(buffer, start, buffer, 0, limit - start);
        return limit - start;
    }

    private void passed() {
        skipsRecord = false;
        quotes += quotesInRecord;
        hasTrailingSeparators |= endsEmptyInRecord;
    }

    /// Looks at a last record that no line end follows.
    void end(byte[] buffer, int limit) {
        if (!isOff && limit > 0) {
            buffer[limit] = '\n';
            hasOpenQuote = record(buffer, 0, limit + 1) < 0;
            if (isOff) {
                rest.write(buffer, 0, limit);
            } else {
                passed();
            }
        }
        rest.end();
    }

    /// The place behind the record, or -1 when it does not end there.
    private int record(byte[] bytes, int start, int limit) {
        quotesInRecord = 0;
        int at = start;
        for (int position = 0; ; position++) {
            Shape shape = skipsRecord || position >= shapes.length ? Shape.ANY : shapes[position];
            int end = switch (shape) {
                case ANY -> any(bytes, at, limit);
                case INT -> integer(bytes, at, limit, INT_DIGITS_MAX);
                case LONG -> integer(bytes, at, limit, LONG_DIGITS_MAX);
                case DATETIME -> moment(bytes, at, limit);
            };
            if (end < 0 && shape != Shape.ANY) {
                end = any(bytes, at, limit);
                if (end >= 0) {
                    shapes[position] = Shape.ANY;
                    isOff = --plain == 0;
                }
            }
            if (end < 0) {
                return NOT_THERE;
            }
            if (bytes[end] == separator) {
                at = end + 1;
                continue;
            }
            endsEmptyInRecord = position > 0 && (end == at || end == at + 2 && bytes[at] == '"' && bytes[at + 1] == '"');
            if (bytes[end] == '\n') {
                return end + 1;
            }
            if (end + 1 == limit) {
                return NOT_THERE;
            }
            // Whether a carriage return that stands alone ends a record is for others to say.
            isOff |= bytes[end + 1] != '\n';
            return end + 2;
        }
    }

    private boolean isEnd(byte b) {
        return b == separator || b == '\n' || b == '\r';
    }

    /// A mask whose lowest bit is that of the first character that may end a field: a separator, or one up to the carriage return. What stands
    /// behind it may be more than there is.
    private long ends(long word) {
        long difference = word ^ separators;
        return (word - BEHIND_CARRIAGE_RETURN & ~word | difference - ONES & ~difference) & TOP_BITS;
    }

    private static long quotesIn(long word) {
        long difference = word ^ QUOTES;
        return ~((difference & LOW_BITS) + LOW_BITS | difference | LOW_BITS);
    }

    private static long word(byte[] bytes, int at) {
        return (long) WORDS.get(bytes, at);
    }

    /// The end of a field of any kind, or -1.
    private int any(byte[] bytes, int start, int limit) {
        if (start < limit && bytes[start] == '"') {
            return quoted(bytes, start, limit);
        }
        int at = start;
        while (at < limit) {
            long word = word(bytes, at);
            long ends = ends(word);
            long quotes = quotesIn(word);
            if (ends == 0) {
                quotesInRecord += Long.bitCount(quotes);
                at += Long.BYTES;
                continue;
            }
            quotesInRecord += Long.bitCount(quotes & (ends & -ends) - 1);
            at += Long.numberOfTrailingZeros(ends) >>> 3;
            if (at < limit && isEnd(bytes[at])) {
                return at;
            }
            // Some other control character.
            at++;
        }
        return NOT_THERE;
    }

    private int quoted(byte[] bytes, int start, int limit) {
        int at = behindQuote(bytes, start + 1, limit);
        if (at < limit && !isEnd(bytes[at])) {
            // No standard text: the readers say what is wrong with it.
            isOff = true;
        }
        for (int i = start; i < at; i++) {
            quotesInRecord += bytes[i] == '"' ? 1 : 0;
        }
        while (at < limit && !isEnd(bytes[at])) {
            at++;
        }
        return at < limit ? at : NOT_THERE;
    }

    private static int behindQuote(byte[] bytes, int start, int limit) {
        int at = start;
        while (at < limit) {
            if (bytes[at] != '"') {
                at++;
            } else if (at + 1 < limit && bytes[at + 1] == '"') {
                at += 2;
            } else {
                // Where the bytes end, another quote may follow.
                return at + 1;
            }
        }
        return limit;
    }

    /// The end of a plain integer or an empty field, or -1.
    private int integer(byte[] bytes, int start, int limit, int digitsMax) {
        if (start >= limit) {
            return NOT_THERE;
        }
        long word = word(bytes, start);
        long ends = ends(word);
        if (ends == 0) {
            return longInteger(bytes, start, limit, digitsMax);
        }
        int length = Long.numberOfTrailingZeros(ends) >>> 3;
        // A one where each byte in front of the end has its lowest bit, and all below.
        long field = ((ends & -ends) >>> 7) - 1;
        long minus = (word & 0xFF ^ '-') - 1 >>> 63;
        long digits = word ^ ZEROS;
        long others = ((digits & LOW_BITS) + ABOVE_NINE | digits) & TOP_BITS & field & ~(minus << 7);
        boolean isPlain = others == 0 && (length > minus || length == 0);
        int end = start + length;
        return isPlain && end < limit && isEnd(bytes[end]) ? end : NOT_THERE;
    }

    /// Of eight characters and more.
    private int longInteger(byte[] bytes, int start, int limit, int digitsMax) {
        int first = bytes[start] == '-' ? start + 1 : start;
        int at = first;
        while (at < limit && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at > first && at - first <= digitsMax && at < limit && isEnd(bytes[at]) ? at : NOT_THERE;
    }

    /// The end of a plain moment or an empty field, or -1: `yyyy-MM-dd[(T| )HH:mm:ss[.f…][Z]]`.
    private int moment(byte[] bytes, int start, int limit) {
        if (start < limit && isEnd(bytes[start])) {
            return start;
        }
        int at = start + DATE_LENGTH;
        if (at >= limit || !isDate(bytes, start)) {
            return NOT_THERE;
        }
        if (isEnd(bytes[at])) {
            return at;
        }
        at = start + MOMENT_LENGTH;
        if (at >= limit || bytes[start + 10] != ' ' && bytes[start + 10] != 'T') {
            return NOT_THERE;
        }
        long time = word(bytes, start + 11) ^ MIDNIGHT;
        if ((((time & LOW_BITS) + ABOVE_TIME | time) & TOP_BITS) != 0 || (time & 0xFF) * 10 + (time >>> 8 & 0xFF) > 23) {
            return NOT_THERE;
        }
        return isEnd(bytes[at]) ? at : behindFraction(bytes, at, limit);
    }

    private boolean isDate(byte[] bytes, int start) {
        long date = word(bytes, start);
        short day = (short) PAIRS.get(bytes, start + Long.BYTES);
        if (date == lastDate && day == lastDay) {
            return true;
        }
        int century = pair(bytes, start);
        int year = pair(bytes, start + 2);
        int month = pair(bytes, start + 5);
        int dayOfMonth = pair(bytes, start + 8);
        if (bytes[start + 4] != '-' || bytes[start + 7] != '-' || (century | year | month | dayOfMonth) < 0
                || !Ticks.isDate(century * 100 + year, month, dayOfMonth)) {
            return false;
        }
        lastDate = date;
        lastDay = day;
        return true;
    }

    private int behindFraction(byte[] bytes, int start, int limit) {
        int at = start;
        if (bytes[at] == '.') {
            int first = ++at;
            while (at < limit && bytes[at] >= '0' && bytes[at] <= '9') {
                at++;
            }
            if (at == first || at - first > FRACTION_DIGITS_MAX) {
                return NOT_THERE;
            }
        }
        if (at < limit && bytes[at] == 'Z') {
            at++;
        }
        return at < limit && isEnd(bytes[at]) ? at : NOT_THERE;
    }

    /// The number that two digits are, or a negative one.
    private static int pair(byte[] bytes, int at) {
        int tens = bytes[at] - '0';
        int ones = bytes[at + 1] - '0';
        return (tens | ones) < 0 || tens > 9 || ones > 9 ? NOT_THERE : tens * 10 + ones;
    }
}
