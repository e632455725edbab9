package io.conshelf.factory.expression;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A .NET DateTime: a date and time in steps of 100 ns that is UTC or of no stated zone.
public record Timestamp(LocalDateTime local, boolean isUtc) {
    private static final Pattern ISO = Pattern.compile(
            "(\\d{4})-(\\d{1,2})(?:-(\\d{1,2}))?(?:[T ]+(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:[.,](\\d{1,9}))?)?)?\\s*(Z|z|[+-]\\d{2}:?\\d{2})?");
    private static final List<DateTimeFormatter> OTHERS = List.of(
            other("M/d/yyyy[ H:m[:s[.SSSSSSS][.SSS]]]"),
            other("M/d/yyyy h:m[:s] a"),
            other("M/d/~[ H:m[:s]]"),
            other("M/d/~ h:m[:s] a"),
            other("M-d-yyyy[ H:m[:s]]"),
            other("M-d-~[ H:m[:s]]"),
            other("yyyy/M/d[ H:m[:s[.SSSSSSS][.SSS]]]"),
            other("yyyy/M/d h:m[:s] a"),
            other("yyyy.M.d[ H:m[:s]]"),
            other("[EEEE, ][EEE, ]MMMM d, yyyy[ h:m[:s] a][ H:m[:s]]"),
            other("[EEEE, ][EEE, ]MMM d, yyyy[ h:m[:s] a][ H:m[:s]]"),
            other("[EEE, ]d MMM yyyy[ H:m:s[ 'GMT']]"),
            other("d MMMM yyyy[ H:m[:s]]"),
            other("yyyy-M-d h:m[:s] a"));
    private static final DateTimeFormatter MONTH = new DateTimeFormatterBuilder().parseCaseInsensitive().appendPattern("[MMMM][MMM][,] uuuu")
            .parseDefaulting(ChronoField.DAY_OF_MONTH, 1).toFormatter(Locale.US);

    private static final LocalDateTime EPOCH = LocalDateTime.of(1, 1, 1, 0, 0);

    public Timestamp {
        if (local.getYear() < 1 || local.getYear() > 9999) {
            throw new DateTimeException("outside the years 1 to 9999");
        }
        local = local.withNano(local.getNano() / 100 * 100);
    }

    /// `~` is a year of two digits: 50 to 99 are of the last century, as Windows and .NET have it.
    private static DateTimeFormatter other(String pattern) {
        DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder().parseCaseInsensitive();
        int yearAt = pattern.indexOf('~');
        if (yearAt < 0) {
            builder.appendPattern(pattern.replace("yyyy", "uuuu"));
        } else {
            builder.appendPattern(pattern.substring(0, yearAt)).appendValueReduced(ChronoField.YEAR, 2, 2, 1950)
                    .appendPattern(pattern.substring(yearAt + 1));
        }
        return builder
                .parseDefaulting(ChronoField.SECOND_OF_MINUTE, 0).parseDefaulting(ChronoField.NANO_OF_SECOND, 0).toFormatter(Locale.US).withResolverStyle(ResolverStyle.SMART);
    }

    static Timestamp utc(Instant instant) {
        return new Timestamp(LocalDateTime.ofInstant(instant, ZoneOffset.UTC), true);
    }

    /// Reads the forms that .NET reads in its invariant culture; empty where it is none of them.
    public static Optional<Timestamp> parse(String text) {
        String trimmed = text.strip();
        try {
            Matcher iso = ISO.matcher(trimmed);
            if (iso.matches()) {
                return Optional.of(fromIso(iso));
            }
            for (DateTimeFormatter format : OTHERS) {
                Optional<Timestamp> read = read(format, trimmed);
                if (read.isPresent()) {
                    return read;
                }
            }
            return read(MONTH, trimmed);
        } catch (DateTimeException outOfRange) {
            return Optional.empty();
        }
    }

    private static Optional<Timestamp> read(DateTimeFormatter format, String text) {
        try {
            var parsed = format.parseBest(text, LocalDateTime::from, LocalDate::from);
            LocalDateTime local = parsed instanceof LocalDateTime both ? both : ((LocalDate) parsed).atStartOfDay();
            return Optional.of(new Timestamp(local, text.endsWith("GMT")));
        } catch (DateTimeParseException notThisForm) {
            return Optional.empty();
        }
    }

    private static Timestamp fromIso(Matcher iso) {
        LocalDate date = LocalDate.of(Integer.parseInt(iso.group(1)), Integer.parseInt(iso.group(2)), part(iso, 3, 1));
        int nanos = iso.group(7) == null ? 0 : Integer.parseInt((iso.group(7) + "00000000").substring(0, 9));
        int hour = part(iso, 4, 0);
        LocalDateTime local = hour == 24
                ? LocalDateTime.of(date.plusDays(1), LocalTime.of(0, part(iso, 5, 0), part(iso, 6, 0), nanos))
                : LocalDateTime.of(date, LocalTime.of(hour, part(iso, 5, 0), part(iso, 6, 0), nanos));
        String zone = iso.group(8);
        if (zone == null) {
            return new Timestamp(local, false);
        }
        ZoneOffset offset = zone.equalsIgnoreCase("Z") ? ZoneOffset.UTC : ZoneOffset.of(zone);
        return new Timestamp(OffsetDateTime.of(local, offset).withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime(), true);
    }

    private static int part(Matcher iso, int group, int otherwise) {
        return iso.group(group) == null ? otherwise : Integer.parseInt(iso.group(group));
    }

    Timestamp plus(long amount, ChronoUnit unit) {
        return new Timestamp(local.plus(amount, unit), isUtc);
    }

    Timestamp truncatedTo(ChronoUnit unit) {
        return new Timestamp(unit == ChronoUnit.MONTHS ? local.withDayOfMonth(1).truncatedTo(ChronoUnit.DAYS) : local.truncatedTo(unit), isUtc);
    }

    /// The same moment on the wall clock of another zone. A timestamp that says it is UTC is, whatever the source zone.
    Timestamp in(ZoneId source, ZoneId destination) {
        ZoneId from = isUtc ? ZoneOffset.UTC : source;
        return new Timestamp(local.atZone(from).withZoneSameInstant(destination).toLocalDateTime(), destination.equals(ZoneOffset.UTC));
    }

    /// What it is in UTC; one without a zone is taken to be.
    public Instant instant() {
        return local.toInstant(ZoneOffset.UTC);
    }

    /// 100 ns steps since the beginning of year 1.
    long ticks() {
        return ChronoUnit.SECONDS.between(EPOCH, local) * 10_000_000L + local.getNano() / 100;
    }
}
