package io.conshelf.factory.copy;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A date and time format as .NET writes it, to read and to print by.
final class NetDateFormat {
    private static final Map<Character, String> STANDARD = Map.of('o', "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", 'O', "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
            's', "yyyy-MM-dd'T'HH:mm:ss", 'u', "yyyy-MM-dd HH:mm:ss'Z'", 'd', "M/d/yyyy", 'g', "M/d/yyyy h:mm tt", 'G', "M/d/yyyy h:mm:ss tt",
            'R', "ddd, dd MMM yyyy HH:mm:ss 'GMT'", 'r', "ddd, dd MMM yyyy HH:mm:ss 'GMT'");

    private final DateTimeFormatter formatter;

    private NetDateFormat(DateTimeFormatter formatter) {
        this.formatter = formatter;
    }

    /// @throws IllegalArgumentException when it is no format
    static NetDateFormat of(String format, Locale culture) {
        String custom = format.length() == 1 && STANDARD.containsKey(format.charAt(0)) ? STANDARD.get(format.charAt(0)) : format;
        DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder().parseCaseInsensitive();
        int i = 0;
        while (i < custom.length()) {
            char c = custom.charAt(i);
            if (c == '\'' || c == '"') {
                int close = custom.indexOf(c, i + 1);
                if (close < 0) {
                    throw new IllegalArgumentException("the format '" + format + "' has no closing " + c);
                }
                builder.appendLiteral(custom.substring(i + 1, close));
                i = close + 1;
            } else if (c == '\\' && i + 1 < custom.length()) {
                builder.appendLiteral(custom.charAt(i + 1));
                i += 2;
            } else if (c == '%') {
                i++;
            } else if (c == '.' && i + 1 < custom.length() && custom.charAt(i + 1) == 'F') {
                int length = run(custom, i + 1);
                builder.appendFraction(ChronoField.NANO_OF_SECOND, 0, Math.min(9, length), true);
                i += 1 + length;
            } else {
                int length = run(custom, i);
                append(builder, c, length);
                i += length;
            }
        }
        return new NetDateFormat(builder.toFormatter(culture));
    }

    private static int run(String format, int from) {
        int to = from;
        while (to < format.length() && format.charAt(to) == format.charAt(from)) {
            to++;
        }
        return to - from;
    }

    private static void append(DateTimeFormatterBuilder builder, char field, int length) {
        switch (field) {
            case 'y' -> {
                if (length <= 2) {
                    builder.appendValueReduced(ChronoField.YEAR, 2, 2, LocalDate.of(1950, 1, 1));
                } else {
                    builder.appendValue(ChronoField.YEAR, 4);
                }
            }
            case 'M' -> {
                if (length <= 2) {
                    number(builder, ChronoField.MONTH_OF_YEAR, length);
                } else {
                    builder.appendPattern(length == 3 ? "MMM" : "MMMM");
                }
            }
            case 'd' -> {
                if (length <= 2) {
                    number(builder, ChronoField.DAY_OF_MONTH, length);
                } else {
                    builder.appendPattern(length == 3 ? "EEE" : "EEEE");
                }
            }
            case 'H' -> number(builder, ChronoField.HOUR_OF_DAY, length);
            case 'h' -> number(builder, ChronoField.CLOCK_HOUR_OF_AMPM, length);
            case 'm' -> number(builder, ChronoField.MINUTE_OF_HOUR, length);
            case 's' -> number(builder, ChronoField.SECOND_OF_MINUTE, length);
            case 'f' -> builder.appendFraction(ChronoField.NANO_OF_SECOND, Math.min(9, length), Math.min(9, length), false);
            case 'F' -> builder.appendFraction(ChronoField.NANO_OF_SECOND, 0, Math.min(9, length), false);
            case 't' -> builder.appendPattern("a");
            case 'K' -> builder.optionalStart().appendOffset("+HH:MM", "Z").optionalEnd();
            case 'z' -> builder.appendOffset(length < 3 ? "+HH" : "+HH:MM", "+00:00");
            default -> builder.appendLiteral(String.valueOf(field).repeat(length));
        }
    }

    private static void number(DateTimeFormatterBuilder builder, ChronoField field, int length) {
        if (length == 1) {
            builder.appendValue(field, 1, 2, SignStyle.NOT_NEGATIVE);
        } else {
            builder.appendValue(field, 2);
        }
    }

    /// The moment a text states; one without a zone is UTC.
    Optional<OffsetDateTime> parse(String text) {
        try {
            TemporalAccessor parsed = formatter.parse(text.strip());
            LocalDate date = parsed.query(TemporalQueries.localDate());
            LocalTime time = parsed.query(TemporalQueries.localTime());
            ZoneOffset offset = parsed.query(TemporalQueries.offset());
            if (date == null) {
                return Optional.empty();
            }
            return Optional.of(LocalDateTime.of(date, time == null ? LocalTime.MIDNIGHT : time).atOffset(offset == null ? ZoneOffset.UTC : offset)
                    .withOffsetSameInstant(ZoneOffset.UTC));
        } catch (DateTimeException notThisForm) {
            return Optional.empty();
        }
    }

    String print(OffsetDateTime moment) {
        return formatter.format(moment);
    }
}
