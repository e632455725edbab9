package io.conshelf.processor.dataset;

import io.conshelf.processor.value.Value;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import java.util.Optional;
import java.util.regex.Pattern;

/// Times as messages and records write them.
public final class Timestamps {
    private static final DateTimeFormatter TEXT = new DateTimeFormatterBuilder().parseCaseInsensitive().append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart().appendLiteral('T').append(DateTimeFormatter.ISO_LOCAL_TIME)
            .optionalStart().appendOffset("+HH:MM", "Z").optionalEnd()
            .optionalStart().appendOffset("+HHMM", "Z").optionalEnd()
            .optionalStart().appendOffset("+HH", "Z").optionalEnd().optionalEnd().toFormatter();
    private static final DateTimeFormatter BASIC = new DateTimeFormatterBuilder().parseCaseInsensitive().appendPattern("uuuuMMdd'T'HHmmss").appendOffset("+HHMM", "Z").toFormatter();
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}(\\.[0-9]+)?");
    /// From here on a number counts milliseconds, and from its thousandfold on microseconds, and so on: as seconds it would be thousands of years away.
    private static final double MILLIS_MIN = 1e11;

    private Timestamps() {}

    /// RFC 3339, or a number of seconds, or another form of ISO 8601, whose time is UTC where it has no offset; empty where the value is none of these.
    public static Optional<Instant> parse(Value value) {
        return switch (value) {
            case Value.Text(String text) -> NUMBER.matcher(text).matches() ? unix(Double.parseDouble(text)) : parse(text);
            case Value.Whole(long number) -> Math.abs((double) number) < MILLIS_MIN ? Optional.of(Instant.ofEpochSecond(number)) : unix(number);
            case Value.Real(double number) -> unix(number);
            case Value.Null _, Value.Truth _, Value.Large _, Value.Binary _, Value.Items _, Value.Members _ -> Optional.empty();
        };
    }

    private static Optional<Instant> parse(String text) {
        String stripped = text.strip();
        String iso = stripped.length() > 10 && stripped.charAt(10) == ' ' ? stripped.substring(0, 10) + "T" + stripped.substring(11) : stripped;
        try {
            TemporalAccessor parsed = (iso.length() > 8 && iso.charAt(8) == 'T' ? BASIC : TEXT).parseBest(iso, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
            return Optional.of(switch (parsed) {
                case OffsetDateTime time -> time.toInstant();
                case LocalDateTime time -> time.toInstant(ZoneOffset.UTC);
                default -> LocalDate.from(parsed).atStartOfDay(ZoneOffset.UTC).toInstant();
            });
        } catch (DateTimeException none) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> unix(double number) {
        double seconds = number;
        for (double min = MILLIS_MIN; Math.abs(number) >= min && min <= 1e17; min *= 1_000) {
            seconds /= 1_000;
        }
        if (!Double.isFinite(seconds) || Math.abs(seconds) > 1e12) {
            return Optional.empty();
        }
        long whole = (long) Math.floor(seconds);
        // a double of today tells microseconds, and no more
        long micros = Math.round((seconds - whole) * 1e6);
        return Optional.of(Instant.ofEpochSecond(whole, micros * 1_000));
    }
}
