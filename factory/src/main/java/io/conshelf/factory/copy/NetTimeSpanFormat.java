package io.conshelf.factory.copy;

import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A format of timespans as .NET writes it, to read and to print by: `c`, `g`, `G`, or a custom one such as `hh\:mm`. Timespans are ticks of 100 ns.
final class NetTimeSpanFormat {
    private static final long SECOND = 10_000_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    private static final int FRACTION_DIGITS = 7;
    private static final int DAY_DIGITS_MAX = 8;
    private static final String STANDARD = "ctTgG";
    private static final Pattern CONSTANT = Pattern.compile("(-)?(?:(\\d{1,8})\\.)?(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{1,7}))?)?");

    /// One step of a custom format.
    private sealed interface Part {
        record Literal(String text) implements Part {}

        /// @param kind of the letters d, h, m, s
        record Number(char kind, int width) implements Part {}

        /// @param isOptional whether zeros at the end are left out
        record Fraction(int digits, boolean isOptional) implements Part {}
    }

    private final char standard;
    private final List<Part> parts;
    private final Pattern general;
    private final String point;

    private NetTimeSpanFormat(char standard, List<Part> parts, String point) {
        this.standard = standard;
        this.parts = List.copyOf(parts);
        this.point = point;
        this.general = Pattern.compile("(-)?(?:(\\d{1,8}):)?(\\d{1,2}):(\\d{1,2}):(\\d{1,2})(?:" + Pattern.quote(point) + "(\\d{1,7}))?");
    }

    /// @throws IllegalArgumentException when it is no format
    static NetTimeSpanFormat of(String format, Locale culture) {
        String point = String.valueOf(DecimalFormatSymbols.getInstance(culture).getDecimalSeparator());
        if (format.length() == 1) {
            if (STANDARD.indexOf(format.charAt(0)) < 0) {
                throw new IllegalArgumentException("'" + format + "' is no format of timespans; alone stand c, g and G, other letters as '%" + format + "'");
            }
            return new NetTimeSpanFormat(format.charAt(0), List.of(), point);
        }
        return new NetTimeSpanFormat('\0', parts(format), point);
    }

    private static List<Part> parts(String format) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < format.length()) {
            char c = format.charAt(at);
            int end = at + 1;
            switch (c) {
                case '\'', '"' -> {
                    end = format.indexOf(c, at + 1);
                    if (end < 0) {
                        throw new IllegalArgumentException("the format '" + format + "' has no closing " + c);
                    }
                    parts.add(new Part.Literal(format.substring(at + 1, end++)));
                }
                case '\\' -> {
                    if (end == format.length()) {
                        throw new IllegalArgumentException("the format '" + format + "' ends with a backslash");
                    }
                    parts.add(new Part.Literal(String.valueOf(format.charAt(end++))));
                }
                case '%' -> {
                    // What follows is a custom letter, though it stands alone.
                }
                case 'd', 'h', 'm', 's', 'f', 'F' -> {
                    while (end < format.length() && format.charAt(end) == c) {
                        end++;
                    }
                    parts.add(part(format, c, end - at));
                }
                default -> throw new IllegalArgumentException("the format '" + format + "' has a '" + c + "' that is not quoted; write \\" + c);
            }
            at = end;
        }
        return parts;
    }

    private static Part part(String format, char letter, int width) {
        int most = letter == 'd' ? DAY_DIGITS_MAX : letter == 'f' || letter == 'F' ? FRACTION_DIGITS : 2;
        if (width > most) {
            throw new IllegalArgumentException("the format '" + format + "' has more than " + most + " times the letter " + letter);
        }
        return letter == 'f' || letter == 'F' ? new Part.Fraction(width, letter == 'F') : new Part.Number(letter, width);
    }

    /// Ticks of a text in the form that every store here gives and takes; empty when it is none. A number alone is days.
    static OptionalLong constant(String text) {
        if (text.matches("-?\\d{1,8}")) {
            return OptionalLong.of(Long.parseLong(text) * DAY);
        }
        return ticks(CONSTANT.matcher(text));
    }

    private static OptionalLong ticks(Matcher matcher) {
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        long hours = number(matcher.group(3));
        long minutes = number(matcher.group(4));
        long seconds = number(matcher.group(5));
        if (hours > 23 || minutes > 59 || seconds > 59) {
            return OptionalLong.empty();
        }
        String fraction = Optional.ofNullable(matcher.group(6)).orElse("");
        long ticks = number(matcher.group(2)) * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND
                + number(fraction + "0".repeat(FRACTION_DIGITS - fraction.length()));
        return OptionalLong.of(matcher.group(1) == null ? ticks : -ticks);
    }

    private static long number(String digits) {
        return digits == null || digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    /// The ticks of a text; empty when it is not of this format.
    OptionalLong parse(String text) {
        return switch (standard) {
            case 'c', 't', 'T' -> constant(text);
            case 'g', 'G' -> ticks(general.matcher(text));
            default -> custom(text);
        };
    }

    // .NET reads no sign by a custom format.
    private OptionalLong custom(String text) {
        long ticks = 0;
        int at = 0;
        for (Part part : parts) {
            switch (part) {
                case Part.Literal(String literal) -> {
                    if (!text.startsWith(literal, at)) {
                        return OptionalLong.empty();
                    }
                    at += literal.length();
                }
                case Part.Number(char kind, int width) -> {
                    int digits = digits(text, at, width > 1 ? width : kind == 'd' ? DAY_DIGITS_MAX : 2);
                    long value = number(text.substring(at, at + digits));
                    if (digits < width || kind == 'h' && value > 23 || (kind == 'm' || kind == 's') && value > 59) {
                        return OptionalLong.empty();
                    }
                    ticks += value * unit(kind);
                    at += digits;
                }
                case Part.Fraction(int most, boolean isOptional) -> {
                    int digits = digits(text, at, most);
                    if (digits < most && !isOptional) {
                        return OptionalLong.empty();
                    }
                    ticks += number(text.substring(at, at + digits) + "0".repeat(FRACTION_DIGITS - digits));
                    at += digits;
                }
            }
        }
        return at == text.length() ? OptionalLong.of(ticks) : OptionalLong.empty();
    }

    private static int digits(String text, int at, int most) {
        int digits = 0;
        while (digits < most && at + digits < text.length() && text.charAt(at + digits) >= '0' && text.charAt(at + digits) <= '9') {
            digits++;
        }
        return digits;
    }

    private static long unit(char kind) {
        return switch (kind) {
            case 'd' -> DAY;
            case 'h' -> HOUR;
            case 'm' -> MINUTE;
            default -> SECOND;
        };
    }

    /// A timespan as stores here take it.
    static String constant(long ticks) {
        return new NetTimeSpanFormat('c', List.of(), ".").print(ticks);
    }

    String print(long ticks) {
        long size = Math.abs(ticks);
        long days = size / DAY;
        String fraction = "%07d".formatted(size % SECOND);
        String shortened = fraction.replaceFirst("0+$", "");
        String clock = "%02d:%02d".formatted(size / MINUTE % 60, size / SECOND % 60);
        String sign = ticks < 0 ? "-" : "";
        return switch (standard) {
            case 'c', 't', 'T' -> sign + (days > 0 ? days + "." : "") + "%02d:".formatted(size / HOUR % 24) + clock + (shortened.isEmpty() ? "" : "." + fraction);
            case 'g' -> sign + (days > 0 ? days + ":" : "") + size / HOUR % 24 + ":" + clock + (shortened.isEmpty() ? "" : point + shortened);
            case 'G' -> sign + days + ":" + "%02d:".formatted(size / HOUR % 24) + clock + point + fraction;
            default -> custom(size, fraction);
        };
    }

    private String custom(long size, String fraction) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Part.Literal(String literal) -> text.append(literal);
                case Part.Number(char kind, int width) -> {
                    long value = kind == 'd' ? size / DAY : size / unit(kind) % (kind == 'h' ? 24 : 60);
                    text.append(("%0" + width + "d").formatted(value));
                }
                case Part.Fraction(int digits, boolean isOptional) -> {
                    String shown = fraction.substring(0, digits);
                    text.append(isOptional ? shown.replaceFirst("0+$", "") : shown);
                }
            }
        }
        return text.toString();
    }
}
