package io.conshelf.engine.ingest;

import io.conshelf.engine.store.EncodingPolicy;
import io.conshelf.engine.store.RowColumn;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Ticks;
import io.conshelf.kql.value.TimeSpanText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// What the text of a field is worth in each type. Text that is no value of the type is null: nothing here fails.
///
/// The SQL in [FieldSql] takes the short way for the common forms and must agree with this.
public final class FieldText {
    private static final int PLAIN_DIGITS_MAX = 18;
    private static final long NOT_PLAIN = Long.MIN_VALUE;
    private static final int NUMBER_LENGTH_MAX = 400;
    private static final int DECIMAL_SCALE = 17;
    private static final int DECIMAL_INTEGER_DIGITS = 21;

    private FieldText() {}

    /// Writes the value of a text, given as UTF-8, into a cell. What most fields are is written without an object each.
    ///
    /// @param bytesMax longer strings are cut to this many bytes of UTF-8, longer dynamic values are null
    static void write(Type type, int bytesMax, byte[] bytes, int start, int end, RowColumn column, int row) {
        switch (type) {
            case STRING -> {
                if (end - start <= bytesMax && isAscii(bytes, start, end)) {
                    column.utf8(row, bytes, start, end - start);
                } else {
                    // What is not valid becomes U+FFFD on the way.
                    column.text(row, cut(new String(bytes, start, end - start, StandardCharsets.UTF_8), bytesMax));
                }
            }
            case INT, LONG -> {
                long value = plainInteger(bytes, start, end);
                if (value != NOT_PLAIN && (type == Type.LONG || value == (int) value)) {
                    column.int64(row, value);
                } else {
                    writeText(type, bytesMax, bytes, start, end, column, row);
                }
            }
            case BOOL, DATETIME, TIMESPAN, REAL, DECIMAL, GUID, DYNAMIC -> writeText(type, bytesMax, bytes, start, end, column, row);
        }
    }

    // Nothing is null in all types but text.
    private static void writeText(Type type, int bytesMax, byte[] bytes, int start, int end, RowColumn column, int row) {
        if (start == end) {
            column.setNull(row);
        } else {
            write(type, bytesMax, new String(bytes, start, end - start, StandardCharsets.UTF_8), column, row);
        }
    }

    private static boolean isAscii(byte[] bytes, int start, int end) {
        int all = 0;
        for (int i = start; i < end; i++) {
            all |= bytes[i];
        }
        return all >= 0;
    }

    /// The number that up to 18 digits with or without a minus are, or [#NOT_PLAIN].
    private static long plainInteger(byte[] bytes, int start, int end) {
        boolean isNegative = start < end && bytes[start] == '-';
        int first = isNegative ? start + 1 : start;
        if (first == end || end - first > PLAIN_DIGITS_MAX) {
            return NOT_PLAIN;
        }
        long value = 0;
        for (int i = first; i < end; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return NOT_PLAIN;
            }
            value = value * 10 + digit;
        }
        return isNegative ? -value : value;
    }

    /// Writes the value of a text into a cell of the usual size.
    public static void write(Type type, String text, RowColumn column, int row) {
        write(type, EncodingPolicy.VALUE_BYTES_USUAL, text, column, row);
    }

    /// Writes the value of a text into a cell.
    static void write(Type type, int bytesMax, String text, RowColumn column, int row) {
        switch (type) {
            case STRING -> column.text(row, cut(text, bytesMax));
            case BOOL -> {
                Optional<Boolean> value = bool(text);
                if (value.isPresent()) {
                    column.bool(row, value.get());
                } else {
                    column.setNull(row);
                }
            }
            case INT -> int64(integer(text, Integer.MIN_VALUE, Integer.MAX_VALUE), column, row);
            case LONG -> int64(integer(text, Long.MIN_VALUE, Long.MAX_VALUE), column, row);
            case DATETIME -> int64(DateTimeText.parse(text), column, row);
            case TIMESPAN -> int64(TimeSpanText.parse(text), column, row);
            case REAL -> {
                Optional<Double> value = real(text);
                if (value.isPresent()) {
                    column.float64(row, value.get());
                } else {
                    column.setNull(row);
                }
            }
            case DECIMAL -> decimal(text).ifPresentOrElse(v -> column.decimal(row, v), () -> column.setNull(row));
            case GUID -> guid(text).ifPresentOrElse(v -> column.guid(row, v), () -> column.setNull(row));
            case DYNAMIC -> dynamic(text, bytesMax).ifPresentOrElse(v -> column.text(row, v), () -> column.setNull(row));
        }
    }

    private static void int64(OptionalLong value, RowColumn column, int row) {
        if (value.isPresent()) {
            column.int64(row, value.getAsLong());
        } else {
            column.setNull(row);
        }
    }

    static Optional<Boolean> bool(String text) {
        String value = text.strip();
        if (value.equalsIgnoreCase("true") || value.equals("1")) {
            return Optional.of(true);
        }
        return value.equalsIgnoreCase("false") || value.equals("0") ? Optional.of(false) : Optional.empty();
    }

    /// Decimal digits with a sign, or `0x` and hexadecimal ones, within bounds.
    static OptionalLong integer(String text, long min, long max) {
        int start = 0;
        int end = text.length();
        while (start < end && text.charAt(start) <= ' ') {
            start++;
        }
        while (end > start && text.charAt(end - 1) <= ' ') {
            end--;
        }
        boolean isNegative = start < end && text.charAt(start) == '-';
        if (start < end && (isNegative || text.charAt(start) == '+')) {
            start++;
        }
        if (end - start > 2 && text.charAt(start) == '0' && (text.charAt(start + 1) | 0x20) == 'x') {
            return hexadecimal(text, start + 2, end, isNegative, min, max);
        }
        if (start == end) {
            return OptionalLong.empty();
        }
        // Counted downwards, because the lowest number has no positive counterpart.
        long value = 0;
        for (int i = start; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
                return OptionalLong.empty();
            }
            value = value * 10 - digit;
        }
        if (!isNegative && value == Long.MIN_VALUE) {
            return OptionalLong.empty();
        }
        long signed = isNegative ? value : -value;
        return signed >= min && signed <= max ? OptionalLong.of(signed) : OptionalLong.empty();
    }

    private static OptionalLong hexadecimal(String text, int start, int end, boolean isNegative, long min, long max) {
        long value = 0;
        for (int i = start; i < end; i++) {
            int digit = text.charAt(i) < 128 ? Character.digit(text.charAt(i), 16) : -1;
            if (digit < 0 || value >>> 59 != 0) {
                return OptionalLong.empty();
            }
            value = value << 4 | digit;
        }
        long signed = isNegative ? -value : value;
        return signed >= min && signed <= max ? OptionalLong.of(signed) : OptionalLong.empty();
    }

    static Optional<Double> real(String text) {
        String value = text.strip();
        if (value.isEmpty() || value.length() > NUMBER_LENGTH_MAX) {
            return Optional.empty();
        }
        if (value.equalsIgnoreCase("nan")) {
            return Optional.of(Double.NaN);
        }
        boolean isNegative = value.charAt(0) == '-';
        String unsigned = isNegative || value.charAt(0) == '+' ? value.substring(1) : value;
        if (unsigned.equalsIgnoreCase("infinity") || unsigned.equalsIgnoreCase("inf")) {
            return Optional.of(isNegative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        if (!isNumber(unsigned)) {
            return Optional.empty();
        }
        double parsed = Double.parseDouble(value);
        return Double.isInfinite(parsed) ? Optional.empty() : Optional.of(parsed);
    }

    /// Fractional digits beyond what a decimal holds are rounded; a whole part beyond it is null.
    static Optional<BigDecimal> decimal(String text) {
        String value = text.strip();
        if (value.isEmpty() || value.length() > NUMBER_LENGTH_MAX) {
            return Optional.empty();
        }
        String unsigned = value.charAt(0) == '-' || value.charAt(0) == '+' ? value.substring(1) : value;
        if (!isNumber(unsigned)) {
            return Optional.empty();
        }
        BigDecimal parsed;
        try {
            parsed = new BigDecimal(value);
        } catch (NumberFormatException _) {
            // An exponent of more digits than an int has.
            return Optional.empty();
        }
        if (parsed.signum() == 0) {
            return Optional.of(BigDecimal.ZERO.setScale(DECIMAL_SCALE));
        }
        long integerDigits = (long) parsed.precision() - parsed.scale();
        if (integerDigits > DECIMAL_INTEGER_DIGITS) {
            return Optional.empty();
        }
        if (integerDigits < -DECIMAL_SCALE) {
            return Optional.of(BigDecimal.ZERO.setScale(DECIMAL_SCALE));
        }
        BigDecimal rounded = parsed.setScale(DECIMAL_SCALE, RoundingMode.HALF_EVEN);
        return rounded.precision() > DECIMAL_SCALE + DECIMAL_INTEGER_DIGITS ? Optional.empty() : Optional.of(rounded);
    }

    /// The ticks of a number of units since 1970.
    ///
    /// @param hundredthTicks of a unit
    static OptionalLong unixTime(String text, long hundredthTicks) {
        Optional<BigDecimal> number = decimal(text);
        if (number.isEmpty()) {
            return OptionalLong.empty();
        }
        BigDecimal ticks = number.get()
                .multiply(BigDecimal.valueOf(hundredthTicks))
                .movePointLeft(2)
                .setScale(0, RoundingMode.FLOOR)
                .add(BigDecimal.valueOf(Ticks.UNIX_EPOCH));
        boolean isMoment = ticks.signum() >= 0 && ticks.compareTo(BigDecimal.valueOf(Ticks.DATETIME_MAX)) <= 0;
        return isMoment ? OptionalLong.of(ticks.longValueExact()) : OptionalLong.empty();
    }

    // Digits with a point somewhere and perhaps an exponent: neither Java's hexadecimal floats nor its type letters.
    private static boolean isNumber(String text) {
        int at = 0;
        int digits = 0;
        boolean hasPoint = false;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (c == '.' && !hasPoint) {
                hasPoint = true;
            } else {
                break;
            }
        }
        if (digits == 0) {
            return false;
        }
        if (at == text.length()) {
            return true;
        }
        if ((text.charAt(at) | 0x20) != 'e') {
            return false;
        }
        at++;
        if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
            at++;
        }
        int first = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at > first && at == text.length();
    }

    /// With or without dashes and braces.
    static Optional<UUID> guid(String text) {
        String value = text.strip();
        int length = value.length();
        if (length >= 2 && (value.charAt(0) == '{' && value.charAt(length - 1) == '}'
                || value.charAt(0) == '(' && value.charAt(length - 1) == ')')) {
            value = value.substring(1, length - 1);
        }
        boolean hasDashes = value.length() == 36
                && value.charAt(8) == '-'
                && value.charAt(13) == '-'
                && value.charAt(18) == '-'
                && value.charAt(23) == '-';
        if (!hasDashes && value.length() != 32) {
            return Optional.empty();
        }
        long high = 0;
        long low = 0;
        int digits = 0;
        for (int i = 0; i < value.length(); i++) {
            if (hasDashes && (i == 8 || i == 13 || i == 18 || i == 23)) {
                continue;
            }
            int digit = value.charAt(i) < 128 ? Character.digit(value.charAt(i), 16) : -1;
            if (digit < 0) {
                return Optional.empty();
            }
            if (digits++ < 16) {
                high = high << 4 | digit;
            } else {
                low = low << 4 | digit;
            }
        }
        return Optional.of(new UUID(high, low));
    }

    /// JSON where the text is JSON, else the text as a string. Nothing, and JSON's null, is null.
    static Optional<String> dynamic(String text, int bytesMax) {
        if (text.isBlank() || isLongerThan(text, bytesMax)) {
            return Optional.empty();
        }
        String value = DynamicText.parse(text).orElseGet(() -> DynamicText.ofString(text));
        return value.equals("null") ? Optional.empty() : Optional.of(value);
    }

    /// A string no longer than a cell may be.
    static String cut(String text, int bytesMax) {
        if (!isLongerThan(text, bytesMax)) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int end = bytesMax;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /// Whether the UTF-8 of a text has more bytes.
    public static boolean isLongerThan(String text, int bytes) {
        if (text.length() <= bytes / 3) {
            return false;
        }
        return text.length() > bytes || text.getBytes(StandardCharsets.UTF_8).length > bytes;
    }
}
