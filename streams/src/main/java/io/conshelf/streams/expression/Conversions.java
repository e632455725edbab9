package io.conshelf.streams.expression;

import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Numbers;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.util.Optional;

/// What values of one type are in another. NULL is NULL in every type.
public final class Conversions {
    private Conversions() {}

    /// As CAST converts.
    ///
    /// @return empty where it cannot
    public static Optional<Value> cast(Value value, Expression.Type to) {
        if (value instanceof Null) {
            return Optional.of(value);
        }
        return switch (to) {
            case BIGINT -> bigint(value);
            case FLOAT -> floating(value);
            case NVARCHAR -> value instanceof Record || value instanceof Array ? Optional.of(Value.of(JsonPrint.text(value))) : text(value);
            case DATETIME -> datetime(value);
            case BIT -> bit(value);
            case RECORD -> Optional.of(value).filter(Record.class::isInstance);
            case ARRAY -> Optional.of(value).filter(Array.class::isInstance);
        };
    }

    /// The text of a fault: what could not be converted, and where.
    static String message(Value value, String to, String expression, io.conshelf.streams.query.Span at) {
        return "Cannot cast value of type '" + value.typeName() + "' to type '" + to + "'"
                + (expression.isEmpty() ? "" : " in expression '" + expression + "'")
                + ". At line '" + at.startLine() + "' and column '" + at.startColumn() + "'."
                + " TRY_CAST function can be used to handle values with unexpected type.";
    }

    static String typeName(Expression.Type type) {
        return switch (type) {
            case BIGINT -> "bigint";
            case FLOAT -> "float";
            case NVARCHAR -> "nvarchar(max)";
            case DATETIME -> "datetime";
            case BIT -> "bit";
            case RECORD -> "record";
            case ARRAY -> "array";
        };
    }

    static Optional<Value> bigint(Value value) {
        return switch (value) {
            case BigInt _ -> Optional.of(value);
            case FloatingPoint(double number) -> whole(number);
            case Bit(boolean bit) -> Optional.of(Value.of(bit ? 1 : 0));
            case Text(String text) -> parseLong(text);
            case Null _, DateTime _, Record _, Array _ -> Optional.empty();
        };
    }

    /// The fraction is cut off.
    static Optional<Value> whole(double number) {
        return number >= -0x1p63 && number < 0x1p63 ? Optional.of(Value.of((long) number)) : Optional.empty();
    }

    static Optional<Value> floating(Value value) {
        return switch (value) {
            case FloatingPoint _ -> Optional.of(value);
            case BigInt(long number) -> Optional.of(Value.of((double) number));
            case Bit(boolean bit) -> Optional.of(Value.of(bit ? 1.0 : 0.0));
            case Text(String text) -> parseDouble(text);
            case Null _, DateTime _, Record _, Array _ -> Optional.empty();
        };
    }

    /// Numbers, times and bits become text by themselves; records and arrays only where CAST says so.
    static Optional<Value> text(Value value) {
        return switch (value) {
            case Text _ -> Optional.of(value);
            case BigInt(long number) -> Optional.of(Value.of(Long.toString(number)));
            case FloatingPoint(double number) -> Optional.of(Value.of(Numbers.text(number)));
            case DateTime(long ticks) -> Optional.of(Value.of(Ticks.text(ticks)));
            case Bit(boolean bit) -> Optional.of(Value.of(bit ? "true" : "false"));
            case Null _, Record _, Array _ -> Optional.empty();
        };
    }

    public static Optional<Value> datetime(Value value) {
        if (value instanceof DateTime) {
            return Optional.of(value);
        }
        if (value instanceof Text(String text)) {
            long ticks = Ticks.parse(text);
            long read = ticks == Ticks.NONE ? UsDates.parse(text) : ticks;
            return read == Ticks.NONE ? Optional.empty() : Optional.of(new DateTime(read));
        }
        return Optional.empty();
    }

    static Optional<Value> bit(Value value) {
        return switch (value) {
            case Bit _ -> Optional.of(value);
            case BigInt(long number) -> Optional.of(Value.of(number != 0));
            case FloatingPoint(double number) -> Optional.of(Value.of(number != 0));
            case Text(String text) -> switch (text.strip().toLowerCase(java.util.Locale.ROOT)) {
                case "true", "1" -> Optional.of(Bit.TRUE);
                case "false", "0" -> Optional.of(Bit.FALSE);
                case "null" -> Optional.of(Null.NULL);
                default -> Optional.empty();
            };
            case Null _, DateTime _, Record _, Array _ -> Optional.empty();
        };
    }

    /// Digits with a sign, and blanks around them.
    private static Optional<Value> parseLong(String text) {
        String digits = text.strip();
        int length = digits.length();
        int from = length > 0 && (digits.charAt(0) == '-' || digits.charAt(0) == '+') ? 1 : 0;
        if (from == length) {
            return Optional.empty();
        }
        for (int i = from; i < length; i++) {
            if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
                return Optional.empty();
            }
        }
        try {
            return Optional.of(Value.of(Long.parseLong(digits)));
        } catch (NumberFormatException outOfRange) {
            return Optional.empty();
        }
    }

    /// A decimal number, with an exponent or without. `NaN` and `Infinity` are none.
    private static Optional<Value> parseDouble(String text) {
        String digits = text.strip();
        if (digits.isEmpty() || digits.length() > 1000) {
            return Optional.empty();
        }
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
                return Optional.empty();
            }
        }
        try {
            double number = Double.parseDouble(digits);
            return Double.isInfinite(number) ? Optional.empty() : Optional.of(Value.of(number));
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }
}
