package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.BoolLiteral;
import io.conshelf.kql.syntax.Syntax.DatetimeLiteral;
import io.conshelf.kql.syntax.Syntax.DecimalLiteral;
import io.conshelf.kql.syntax.Syntax.GuidLiteral;
import io.conshelf.kql.syntax.Syntax.IntLiteral;
import io.conshelf.kql.syntax.Syntax.Literal;
import io.conshelf.kql.syntax.Syntax.LongLiteral;
import io.conshelf.kql.syntax.Syntax.MalformedLiteral;
import io.conshelf.kql.syntax.Syntax.NullLiteral;
import io.conshelf.kql.syntax.Syntax.RealLiteral;
import io.conshelf.kql.syntax.Syntax.ScalarTypeName;
import io.conshelf.kql.syntax.Syntax.TimespanLiteral;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.TimeSpanText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Pattern;

/// Turns the text of a literal token, bare (`1d`) or typed (`timespan(1d)`), into its value.
final class LiteralText {
    private LiteralText() {}

    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d{1,64}(\\.\\d{0,64})?|\\.\\d{1,64})([eE][+-]?\\d{1,4})?");
    private static final Pattern REAL = Pattern.compile("[+-]?(\\d{1,400}(\\.\\d{0,400})?|\\.\\d{1,400})([eE][+-]?\\d{1,9})?");
    private static final Pattern INTEGER = Pattern.compile("[+-]?(0[xX][0-9a-fA-F]{1,64}|\\d{1,64})");
    private static final Pattern GUID = Pattern.compile("\\{?([0-9a-fA-F]{8})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?"
            + "([0-9a-fA-F]{4})-?([0-9a-fA-F]{12})}?");

    /// The literal that `text` is, or a [MalformedLiteral].
    static Literal read(ScalarTypeName type, String text, Span span) {
        int open = text.indexOf('(');
        boolean typed = open > 0 && text.endsWith(")") && Lexer.isLetter(text.charAt(0));
        String value = typed ? unquoted(text.substring(open + 1, text.length() - 1).strip()) : text;
        if (typed && (value.equalsIgnoreCase("null") || value.isEmpty())) {
            return new NullLiteral(type, text, span);
        }
        Optional<? extends Literal> literal = switch (type) {
            case BOOL -> bool(value).map(v -> new BoolLiteral(v, text, span));
            case INT -> integer(value).filter(v -> fits(v, Integer.SIZE))
                    .map(v -> new IntLiteral(v.intValue(), text, span));
            case LONG -> integer(value).filter(v -> fits(v, Long.SIZE))
                    .map(v -> new LongLiteral(v.longValue(), text, span));
            case REAL -> boxed(real(value)).map(v -> new RealLiteral(v, text, span));
            case DECIMAL -> decimal(value).map(v -> new DecimalLiteral(v, text, span));
            case DATETIME -> boxed(DateTimeText.parse(value)).map(v -> new DatetimeLiteral(v, text, span));
            case TIMESPAN -> boxed(TimeSpanText.parse(value.startsWith("+") ? value.substring(1) : value)).map(v -> new TimespanLiteral(v, text, span));
            case GUID -> guid(value).map(v -> new GuidLiteral(v, text, span));
            case STRING, DYNAMIC -> Optional.empty();
        };
        return literal.isPresent() ? literal.get() : new MalformedLiteral(type, text, span);
    }

    private static String unquoted(String text) {
        return StringForm.valueOf(text).orElse(text).strip();
    }

    private static Optional<Boolean> bool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> integer(text).map(number -> number.signum() != 0);
        };
    }

    private static Optional<BigInteger> integer(String text) {
        if (!INTEGER.matcher(text).matches()) {
            return Optional.empty();
        }
        boolean negative = text.startsWith("-");
        String digits = negative || text.startsWith("+") ? text.substring(1) : text;
        boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
        BigInteger value = hex ? new BigInteger(digits.substring(2), 16) : new BigInteger(digits);
        return Optional.of(negative ? value.negate() : value);
    }

    private static boolean fits(BigInteger value, int bits) {
        return value.bitLength() < bits;
    }

    private static OptionalDouble real(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "nan" -> OptionalDouble.of(Double.NaN);
            case "inf", "+inf" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
            case "-inf" -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
            default -> REAL.matcher(text).matches() ? OptionalDouble.of(Double.parseDouble(text))
                    : integer(text).map(number -> OptionalDouble.of(number.doubleValue()))
                            .orElse(OptionalDouble.empty());
        };
    }

    private static Optional<BigDecimal> decimal(String text) {
        return DECIMAL.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
    }

    private static Optional<UUID> guid(String text) {
        var match = GUID.matcher(text);
        return match.matches()
                ? Optional.of(UUID.fromString(String.join("-", match.group(1), match.group(2), match.group(3),
                        match.group(4), match.group(5))))
                : Optional.empty();
    }

    private static Optional<Long> boxed(OptionalLong value) {
        return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
    }

    private static Optional<Double> boxed(OptionalDouble value) {
        return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
    }
}
