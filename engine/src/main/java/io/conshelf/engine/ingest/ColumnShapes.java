package io.conshelf.engine.ingest;

import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Looks through delimited text for columns of numbers and moments whose fields are all written in the plain form, or empty: such columns
/// DuckDB's reader converts by itself, to the same values. What it converts otherwise, or not at all, makes a column one of text.
///
/// Every byte of a file passes here, so a field is looked at once and none becomes an object.
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

    private enum Shape { ANY, INT, LONG, DATETIME }

    private final byte separator;
    private final Shape[] shapes;
    private int plain;
    private boolean skipsRecord;
    private boolean isOff;
    private boolean hasOpenQuote;

    private ColumnShapes(char separator, Shape[] shapes, boolean skipsFirstRecord) {
        this.separator = (byte) separator;
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

    /// Whether the text ends in a field that opens a quote, as far as it was looked at.
    boolean hasOpenQuote() {
        return hasOpenQuote;
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
    /// @return how much is left
    int look(byte[] buffer, int limit) {
        if (isOff) {
            return 0;
        }
        int start = 0;
        for (int end = record(buffer, start, limit); end >= 0 && !isOff; end = record(buffer, start, limit)) {
            start = end;
            skipsRecord = false;
        }
        if (start == 0 && limit == buffer.length) {
            // A record of this size is not worth more.
            isOff = true;
        }
        System.arraycopy(buffer, start, buffer, 0, limit - start);
        return isOff ? 0 : limit - start;
    }

    /// Looks at a last record that no line end follows.
    void end(byte[] buffer, int limit) {
        if (!isOff && limit > 0) {
            buffer[limit] = '\n';
            hasOpenQuote = record(buffer, 0, limit + 1) < 0;
        }
    }

    /// The place behind the record, or -1 when it does not end there.
    private int record(byte[] bytes, int start, int limit) {
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
            if (bytes[end] == '\n') {
                return end + 1;
            }
            if (bytes[end] == '\r') {
                if (end + 1 == limit) {
                    return NOT_THERE;
                }
                // Whether one that stands alone ends a record is for others to say.
                isOff |= bytes[end + 1] != '\n';
                return end + 2;
            }
            at = end + 1;
        }
    }

    private boolean isEnd(byte b) {
        return b == separator || b == '\n' || b == '\r';
    }

    /// The end of a field of any kind, or -1.
    private int any(byte[] bytes, int start, int limit) {
        int at = start;
        if (at < limit && bytes[at] == '"') {
            at = behindQuote(bytes, at + 1, limit);
            if (at < limit && !isEnd(bytes[at])) {
                // No standard text: the readers say what is wrong with it.
                isOff = true;
            }
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
        int first = start < limit && bytes[start] == '-' ? start + 1 : start;
        int at = first;
        while (at < limit && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        boolean isPlain = at == first ? first == start : at - first <= digitsMax;
        return isPlain && at < limit && isEnd(bytes[at]) ? at : NOT_THERE;
    }

    /// The end of a plain moment or an empty field, or -1: `yyyy-MM-dd[(T| )HH:mm:ss[.f…][Z]]`.
    private int moment(byte[] bytes, int start, int limit) {
        if (start < limit && isEnd(bytes[start])) {
            return start;
        }
        int at = start + DATE_LENGTH;
        if (at >= limit || bytes[start + 4] != '-' || bytes[start + 7] != '-') {
            return NOT_THERE;
        }
        int century = pair(bytes, start);
        int year = pair(bytes, start + 2);
        int month = pair(bytes, start + 5);
        int day = pair(bytes, start + 8);
        if ((century | year | month | day) < 0 || !Ticks.isDate(century * 100 + year, month, day)) {
            return NOT_THERE;
        }
        if (isEnd(bytes[at])) {
            return at;
        }
        at = start + MOMENT_LENGTH;
        if (at >= limit || bytes[start + 10] != ' ' && bytes[start + 10] != 'T' || bytes[start + 13] != ':' || bytes[start + 16] != ':') {
            return NOT_THERE;
        }
        int hour = pair(bytes, start + 11);
        int minute = pair(bytes, start + 14);
        int second = pair(bytes, start + 17);
        if ((hour | minute | second) < 0 || hour > 23 || minute > 59 || second > 59) {
            return NOT_THERE;
        }
        return isEnd(bytes[at]) ? at : behindFraction(bytes, at, limit);
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
