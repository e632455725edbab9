package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.RealText;
import io.conshelf.kql.value.TimeSpanText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;

/// Reading values from text and from dynamic, and writing them as text.
final class ConversionKernels {
    private static final int DECIMAL_SCALE = 17;
    private static final int DECIMAL_DIGITS_MAX = 38;
    private static final int DECIMAL_LENGTH_MAX = 400;

    static final List<Kernel> ALL = List.of(
            kernel("kql_bool", BOOL, (in, row, out) -> bool(out, row, readBool(in.text(0, row))), STRING),
            kernel("kql_int", INT, (in, row, out) -> int32(out, row, readLong(in.text(0, row), 32)), STRING),
            kernel("kql_long", LONG, (in, row, out) -> int64(out, row, readLong(in.text(0, row), 64)), STRING),
            kernel("kql_real", REAL, (in, row, out) -> float64(out, row, readReal(in.text(0, row))), STRING),
            kernel("kql_decimal", DECIMAL, (in, row, out) -> decimal(out, row, readDecimal(in.text(0, row))), STRING),
            kernel("kql_datetime", DATETIME, (in, row, out) -> int64(out, row, DateTimeText.parse(in.text(0, row))), STRING),
            kernel("kql_timespan", TIMESPAN, (in, row, out) -> int64(out, row, TimeSpanText.parse(in.text(0, row))), STRING),
            kernel("kql_dynamic_bool", BOOL, (in, row, out) -> bool(out, row, dynamicBool(in.text(0, row))), DYNAMIC),
            kernel("kql_dynamic_int", INT, (in, row, out) -> int32(out, row, dynamicInt(in.text(0, row))), DYNAMIC),
            kernel("kql_dynamic_long", LONG, (in, row, out) -> int64(out, row, dynamicLong(in.text(0, row))), DYNAMIC),
            kernel("kql_dynamic_real", REAL, (in, row, out) -> float64(out, row, dynamicReal(in.text(0, row))), DYNAMIC),
            kernel("kql_dynamic_datetime", DATETIME, (in, row, out) -> int64(out, row, dynamicDateTime(in.text(0, row))),
                    DYNAMIC),
            kernel("kql_dynamic_timespan", TIMESPAN, (in, row, out) -> int64(out, row, dynamicTimeSpan(in.text(0, row))),
                    DYNAMIC),
            kernel("kql_real_text", STRING, (in, row, out) -> out.text(row, RealText.format(in.float64(0, row), true)), REAL),
            kernel("kql_decimal_text", STRING, (in, row, out) -> out.text(row, decimalText(in.decimal(0, row))), DECIMAL),
            kernel("kql_datetime_text", STRING, (in, row, out) -> out.text(row, DateTimeText.format(in.int64(0, row))),
                    DATETIME),
            kernel("kql_timespan_text", STRING, (in, row, out) -> out.text(row, TimeSpanText.format(in.int64(0, row))),
                    TIMESPAN),
            kernel("kql_dynamic_text", STRING, (in, row, out) -> out.text(row, StringKernels.text(in.text(0, row))), DYNAMIC),
            kernel("kql_dynamic_string", DYNAMIC, (in, row, out) -> out.text(row, DynamicText.ofString(in.text(0, row))),
                    STRING),
            kernel("kql_dynamic_of_real", DYNAMIC, (in, row, out) -> out.text(row, ofReal(in.float64(0, row))), REAL),
            kernel("kql_parse_json", DYNAMIC, (in, row, out) -> parseJson(out, row, in.text(0, row)), STRING),
            kernel("kql_canonical_json", STRING,
                    (in, row, out) -> out.text(row, DynamicText.toJson(canonical(in.text(0, row)))), DYNAMIC),
            kernel("kql_plain_json", STRING, (in, row, out) -> out.text(row, DynamicText.toJson(in.text(0, row))), DYNAMIC),
            kernel("kql_type_name", STRING, (in, row, out) -> out.text(row, typeName(in.text(0, row))), DYNAMIC),
            kernel("kql_dynamic_negate", DYNAMIC, (in, row, out) -> {
                Optional<String> negated = negate(in.text(0, row));
                if (negated.isPresent()) {
                    out.text(row, negated.get());
                } else {
                    out.setNull(row);
                }
            }, DYNAMIC),
            kernel("kql_decimal_multiply", DECIMAL,
                    (in, row, out) -> out.decimal(row, result(in.decimal(0, row).multiply(in.decimal(1, row)))),
                    DECIMAL, DECIMAL).thatMayFail(),
            kernel("kql_decimal_divide", DECIMAL, (in, row, out) -> {
                BigDecimal divisor = in.decimal(1, row);
                if (divisor.signum() == 0) {
                    out.setNull(row);
                } else {
                    out.decimal(row, result(in.decimal(0, row).divide(divisor, DECIMAL_SCALE, RoundingMode.HALF_EVEN)));
                }
            }, DECIMAL, DECIMAL).thatMayFail());

    private ConversionKernels() {}

    private static void int32(CellWriter out, int row, OptionalLong value) {
        if (value.isPresent()) {
            out.int32(row, (int) value.getAsLong());
        } else {
            out.setNull(row);
        }
    }

    static void int64(CellWriter out, int row, OptionalLong value) {
        if (value.isPresent()) {
            out.int64(row, value.getAsLong());
        } else {
            out.setNull(row);
        }
    }

    private static void float64(CellWriter out, int row, OptionalDouble value) {
        if (value.isPresent()) {
            out.float64(row, value.getAsDouble());
        } else {
            out.setNull(row);
        }
    }

    private static void decimal(CellWriter out, int row, Optional<BigDecimal> value) {
        if (value.isPresent()) {
            out.decimal(row, value.get());
        } else {
            out.setNull(row);
        }
    }

    static Optional<Boolean> dynamicBool(String value) {
        return DynamicNumbers.isNumber(value) ? Optional.of(Double.parseDouble(value) != 0) : readBool(StringKernels.text(value));
    }

    static Optional<Boolean> readBool(String text) {
        String trimmed = text.strip();
        if (trimmed.equalsIgnoreCase("true")) {
            return Optional.of(true);
        }
        if (trimmed.equalsIgnoreCase("false")) {
            return Optional.of(false);
        }
        OptionalLong number = readLong(trimmed, 64);
        return number.isPresent() ? Optional.of(number.getAsLong() != 0) : Optional.empty();
    }

    private static void bool(CellWriter out, int row, Optional<Boolean> value) {
        if (value.isPresent()) {
            out.bool(row, value.get());
        } else {
            out.setNull(row);
        }
    }

    /// Decimal digits with a sign, or hexadecimal ones after `0x`, with blanks around: all by recorded answers.
    static OptionalLong readLong(String text, int bits) {
        int end = text.length();
        int at = 0;
        while (at < end && text.charAt(at) <= ' ') {
            at++;
        }
        while (end > at && text.charAt(end - 1) <= ' ') {
            end--;
        }
        if (end - at > 2 && text.charAt(at) == '0' && (text.charAt(at + 1) | 0x20) == 'x') {
            return readHex(text, at + 2, end, bits);
        }
        boolean negative = at < end && text.charAt(at) == '-';
        if (negative || at < end && text.charAt(at) == '+') {
            at++;
        }
        if (at == end) {
            return OptionalLong.empty();
        }
        // Counted below zero, where the range has one number more.
        long value = 0;
        long least = bits == 32 ? Integer.MIN_VALUE : Long.MIN_VALUE;
        for (; at < end; at++) {
            int digit = text.charAt(at) - '0';
            if (digit < 0 || digit > 9 || value < (least + digit) / 10) {
                return OptionalLong.empty();
            }
            value = value * 10 - digit;
        }
        if (negative) {
            return OptionalLong.of(value);
        }
        return value == least ? OptionalLong.empty() : OptionalLong.of(-value);
    }

    private static OptionalLong readHex(String text, int start, int end, int bits) {
        long value = 0;
        if (end - start > bits / 4) {
            return OptionalLong.empty();
        }
        for (int at = start; at < end; at++) {
            int digit = Character.digit(text.charAt(at), 16);
            if (digit < 0) {
                return OptionalLong.empty();
            }
            value = value << 4 | digit;
        }
        return OptionalLong.of(bits == 32 ? (int) value : value);
    }

    static Optional<UUID> readGuid(String text) {
        Matcher guid = Conversions.GUID.matcher(text);
        if (!guid.lookingAt()) {
            return Optional.empty();
        }
        String digits = guid.group(1).replace("-", "");
        return Optional.of(new UUID(Long.parseUnsignedLong(digits, 0, 16, 16), Long.parseUnsignedLong(digits, 16, 32, 16)));
    }

    static OptionalDouble readReal(String text) {
        String trimmed = text.strip();
        if (trimmed.isEmpty()) {
            return OptionalDouble.empty();
        }
        char first = trimmed.charAt(0);
        char last = trimmed.charAt(trimmed.length() - 1);
        if ((last >= '0' && last <= '9' || last == '.') && !mayBeHex(trimmed)) {
            try {
                return OptionalDouble.of(Double.parseDouble(trimmed));
            } catch (NumberFormatException notReal) {
                return OptionalDouble.empty();
            }
        }
        // "INF" is null on record, "inf" and "Infinity" are not.
        String unsigned = first == '-' || first == '+' ? trimmed.substring(1) : trimmed;
        if (unsigned.equalsIgnoreCase("nan")) {
            return OptionalDouble.of(Double.NaN);
        }
        if (unsigned.equals("inf") || unsigned.equalsIgnoreCase("infinity")) {
            return OptionalDouble.of(first == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        return OptionalDouble.empty();
    }

    private static boolean mayBeHex(String text) {
        return text.indexOf('x') >= 0 || text.indexOf('X') >= 0;
    }

    static Optional<BigDecimal> readDecimal(String text) {
        String trimmed = text.strip();
        if (trimmed.isEmpty() || trimmed.length() > DECIMAL_LENGTH_MAX) {
            return Optional.empty();
        }
        try {
            return fit(new BigDecimal(trimmed));
        } catch (NumberFormatException notDecimal) {
            return Optional.empty();
        }
    }

    /// Rounded to the digits that are kept; empty where the whole part has too many.
    private static Optional<BigDecimal> fit(BigDecimal value) {
        if (value.precision() - value.scale() > DECIMAL_DIGITS_MAX - DECIMAL_SCALE) {
            return Optional.empty();
        }
        return Optional.of(value.setScale(DECIMAL_SCALE, RoundingMode.HALF_EVEN));
    }

    /// What decimals compute to.
    private static BigDecimal result(BigDecimal value) {
        return fit(value).orElseThrow(() -> new ArithmeticException("a decimal has up to 21 digits before its point, the result has more"));
    }

    static String decimalText(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    static String ofReal(double value) {
        return Double.isFinite(value) ? RealText.format(value, true) : '"' + RealText.format(value, true) + '"';
    }

    private static OptionalLong dynamicInt(String value) {
        if (!DynamicNumbers.isNumber(value)) {
            return dynamicLong(value, 32);
        }
        // By recorded answers: a long keeps its low bits, a real that is too great is the greatest int.
        if (DynamicNumbers.isReal(value)) {
            return OptionalLong.of((int) Double.parseDouble(value));
        }
        OptionalLong number = DynamicNumbers.toLong(value);
        return number.isPresent() ? OptionalLong.of((int) number.getAsLong()) : number;
    }

    static OptionalLong dynamicLong(String value) {
        return DynamicNumbers.isNumber(value) ? DynamicNumbers.toLong(value) : dynamicLong(value, 64);
    }

    private static OptionalLong dynamicLong(String value, int bits) {
        switch (value.charAt(0)) {
            case 't' -> {
                return OptionalLong.of(1);
            }
            case 'f' -> {
                return OptionalLong.of(0);
            }
            case '"' -> {
                return switch (DynamicText.tag(value)) {
                    case 't', 's' -> OptionalLong.of(Long.parseLong(DynamicText.payload(value)));
                    case 'd' -> OptionalLong.of(new BigDecimal(DynamicText.payload(value)).longValue());
                    default -> readLong(StringKernels.text(value), bits);
                };
            }
            default -> {
                return OptionalLong.empty();
            }
        }
    }

    static OptionalDouble dynamicReal(String value) {
        return switch (value.charAt(0)) {
            case 't' -> OptionalDouble.of(1);
            case 'f' -> OptionalDouble.of(0);
            case '"' -> switch (DynamicText.tag(value)) {
                case 't', 's', 'd' -> OptionalDouble.of(Double.parseDouble(DynamicText.payload(value)));
                default -> readReal(StringKernels.text(value));
            };
            default -> DynamicNumbers.toDouble(value);
        };
    }

    static OptionalLong dynamicDateTime(String value) {
        if (DynamicText.tag(value) == 't') {
            return OptionalLong.of(Long.parseLong(DynamicText.payload(value)));
        }
        if (DynamicNumbers.isNumber(value)) {
            return DynamicNumbers.toLong(value);
        }
        return DynamicText.stringValue(value).map(DateTimeText::parse).orElse(OptionalLong.empty());
    }

    static OptionalLong dynamicTimeSpan(String value) {
        if (DynamicText.tag(value) == 's') {
            return OptionalLong.of(Long.parseLong(DynamicText.payload(value)));
        }
        if (DynamicNumbers.isNumber(value)) {
            return DynamicNumbers.toLong(value);
        }
        return DynamicText.stringValue(value).map(TimeSpanText::parse).orElse(OptionalLong.empty());
    }

    static Optional<UUID> dynamicGuid(String value) {
        return readGuid(StringKernels.text(value));
    }

    /// A text that is no JSON is a string, an empty one is null.
    private static void parseJson(CellWriter out, int row, String text) {
        if (text.isEmpty()) {
            out.setNull(row);
            return;
        }
        Optional<String> parsed = DynamicText.parse(text);
        if (parsed.isEmpty()) {
            out.text(row, DynamicText.ofString(text));
        } else if (parsed.get().equals(DynamicParts.NULL)) {
            out.setNull(row);
        } else {
            out.text(row, parsed.get());
        }
    }

    private static String canonical(String value) {
        if (DynamicParts.isArray(value)) {
            return DynamicParts.array(DynamicParts.elements(value).stream().map(ConversionKernels::canonical).toList());
        }
        if (DynamicParts.isBag(value)) {
            Map<String, String> sorted = new TreeMap<>();
            DynamicParts.properties(value).forEach((key, inner) -> sorted.put(key, canonical(inner)));
            return DynamicParts.bag(sorted);
        }
        return value;
    }

    static String typeName(String value) {
        return switch (value.charAt(0)) {
            case '{' -> "dictionary";
            case '[' -> "array";
            case 't', 'f' -> "bool";
            case 'n' -> "null";
            case '"' -> switch (DynamicText.tag(value)) {
                case 't' -> Type.DATETIME.kustoName();
                case 's' -> Type.TIMESPAN.kustoName();
                case 'g' -> Type.GUID.kustoName();
                case 'd' -> Type.DECIMAL.kustoName();
                default -> Type.STRING.kustoName();
            };
            default -> DynamicNumbers.isReal(value) ? "double" : Type.LONG.kustoName();
        };
    }

    private static Optional<String> negate(String value) {
        if (DynamicNumbers.isNumber(value)) {
            return Optional.of(value.charAt(0) == '-' ? value.substring(1) : '-' + value);
        }
        if (DynamicText.tag(value) == 's') {
            return Optional.of(DynamicText.ofTimeSpan(-Long.parseLong(DynamicText.payload(value))));
        }
        return Optional.empty();
    }
}
