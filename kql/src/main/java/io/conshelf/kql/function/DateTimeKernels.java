package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Ticks;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.OptionalLong;

/// Dates and times where DuckDB's functions do not reach.
final class DateTimeKernels {
    /// What may stand between the parts of a format, on the documents' word; a letter is refused, on record.
    private static final String DELIMITERS = " /-:,._[]";

    static final List<Kernel> ALL = List.of(
            kernel("kql_make_datetime", DATETIME,
                    (in, row, out) -> ConversionKernels.int64(out, row, makeDateTime(in.int64(0, row), in.int64(1, row),
                            in.int64(2, row), in.int64(3, row), in.int64(4, row), in.float64(5, row))),
                    LONG, LONG, LONG, LONG, LONG, REAL),
            kernel("kql_make_timespan", TIMESPAN,
                    (in, row, out) -> ConversionKernels.int64(out, row, makeTimeSpan(
                            in.int64(0, row), in.int64(1, row), in.int64(2, row), in.float64(3, row))),
                    LONG, LONG, LONG, REAL),
            kernel("kql_format_datetime", STRING,
                    (in, row, out) -> out.text(row, formatDateTime(in.int64(0, row), in.text(1, row))), DATETIME, STRING).thatMayFail(),
            kernel("kql_format_timespan", STRING,
                    (in, row, out) -> out.text(row, formatTimeSpan(in.int64(0, row), in.text(1, row))), TIMESPAN, STRING).thatMayFail(),
            kernel("kql_utc_to_local", DATETIME, Zone::new, (zone, in, row, out) -> {
                long ticks = in.int64(0, row);
                ZoneOffset offset = zone.of(in.text(1, row)).getRules().getOffset(instant(ticks));
                dateTime(out, row, ticks + offset.getTotalSeconds() * Ticks.SECOND);
            }, DATETIME, STRING).thatMayFail(),
            kernel("kql_local_to_utc", DATETIME, Zone::new, (zone, in, row, out) -> {
                long ticks = in.int64(0, row);
                LocalDateTime local = LocalDateTime.ofInstant(instant(ticks), ZoneOffset.UTC);
                ZoneOffset offset = offset(zone.of(in.text(1, row)).getRules(), local);
                dateTime(out, row, ticks - offset.getTotalSeconds() * Ticks.SECOND);
            }, DATETIME, STRING).thatMayFail(),
            kernel("kql_time_zones", DYNAMIC, (_, row, out) -> out.text(row, DynamicParts.array(
                    ZoneId.getAvailableZoneIds().stream().sorted().map(DynamicText::ofString).toList())), STRING));

    private DateTimeKernels() {}

    /// A time that clocks skip has the offset after it, by the page's example.
    private static ZoneOffset offset(ZoneRules rules, LocalDateTime local) {
        return rules.getValidOffsets(local).isEmpty() ? rules.getTransition(local).getOffsetAfter() : rules.getOffset(local);
    }

    /// The last time zone.
    private static final class Zone {
        private String name = "UTC";
        private ZoneId id = ZoneOffset.UTC;

        ZoneId of(String newName) {
            if (!newName.equals(name)) {
                try {
                    id = ZoneId.of(newName, ZoneId.SHORT_IDS);
                } catch (DateTimeException unknown) {
                    throw new IllegalArgumentException("there is no time zone '" + newName + "'", unknown);
                }
                name = newName;
            }
            return id;
        }
    }

    private static Instant instant(long ticks) {
        long sinceEpoch = ticks - Ticks.UNIX_EPOCH;
        return Instant.ofEpochSecond(Math.floorDiv(sinceEpoch, Ticks.SECOND), Math.floorMod(sinceEpoch, Ticks.SECOND) * 100);
    }

    private static void dateTime(CellWriter out, int row, long ticks) {
        if (Ticks.isDateTime(ticks)) {
            out.int64(row, ticks);
        } else {
            out.setNull(row);
        }
    }

    private static OptionalLong makeDateTime(long year, long month, long day, long hour, long minute, double second) {
        boolean inRange = year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
        if (!inRange || !Ticks.isDate((int) year, (int) month, (int) day)) {
            return OptionalLong.empty();
        }
        OptionalLong time = makeTimeSpan(0, hour, minute, second);
        return time.isEmpty()
                ? time
                : OptionalLong.of(Ticks.ofDate((int) year, (int) month, (int) day) + time.getAsLong());
    }

    private static OptionalLong makeTimeSpan(long days, long hours, long minutes, double seconds) {
        boolean inRange = days >= 0 && days <= Long.MAX_VALUE / Ticks.DAY - 1
                && hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
        return inRange
                ? OptionalLong.of(days * Ticks.DAY + hours * Ticks.HOUR + minutes * Ticks.MINUTE
                        + Math.round(seconds * Ticks.SECOND))
                : OptionalLong.empty();
    }

    private static String formatDateTime(long ticks, String format) {
        StringBuilder text = new StringBuilder(format.length() + 8);
        int date = Ticks.packedDate(ticks);
        int year = date / 10_000;
        long time = ticks % Ticks.DAY;
        long hour = time / Ticks.HOUR;
        for (int at = 0; at < format.length(); ) {
            char letter = format.charAt(at);
            int count = run(format, at, switch (letter) {
                case 'y' -> 4;
                case 'f', 'F' -> 7;
                default -> 2;
            });
            switch (letter) {
                case 'y' -> {
                    // Three of them are two and one: only one, two and four have a meaning.
                    count = count == 3 ? 2 : count;
                    digits(text, count == 4 ? year : year % 100, count);
                }
                case 'M' -> digits(text, date / 100 % 100, count);
                case 'd' -> digits(text, date % 100, count);
                case 'H' -> digits(text, hour, count);
                case 'h' -> digits(text, (hour + 11) % 12 + 1, count);
                case 't' -> text.append(count == 1 ? hour < 12 ? "A" : "P" : hour < 12 ? "AM" : "PM");
                case 'm', 's', 'f', 'F' -> clock(text, letter, count, time);
                default -> count = delimiter(text, letter, "format_datetime", format);
            }
            at += count;
        }
        return text.toString();
    }

    private static String formatTimeSpan(long ticks, String format) {
        StringBuilder text = new StringBuilder(format.length() + 8);
        if (ticks < 0) {
            text.append('-');
        }
        long size = Math.abs(ticks);
        long time = size % Ticks.DAY;
        for (int at = 0; at < format.length(); ) {
            char letter = format.charAt(at);
            int count = run(format, at, switch (letter) {
                case 'd' -> 8;
                case 'f', 'F' -> 7;
                default -> 2;
            });
            switch (letter) {
                case 'd' -> digits(text, size / Ticks.DAY, count);
                case 'H', 'h' -> digits(text, time / Ticks.HOUR, count);
                case 'm', 's', 'f', 'F' -> clock(text, letter, count, time);
                default -> count = delimiter(text, letter, "format_timespan", format);
            }
            at += count;
        }
        return text.toString();
    }

    private static void clock(StringBuilder text, char letter, int count, long time) {
        switch (letter) {
            case 'm' -> digits(text, time / Ticks.MINUTE % 60, count);
            case 's' -> digits(text, time / Ticks.SECOND % 60, count);
            default -> {
                String fraction = Long.toString(time % Ticks.SECOND + Ticks.SECOND).substring(1, count + 1);
                text.append(letter == 'f' ? fraction : fraction.replaceFirst("0+$", ""));
            }
        }
    }

    private static int delimiter(StringBuilder text, char letter, String function, String format) {
        if (DELIMITERS.indexOf(letter) < 0) {
            throw new IllegalArgumentException(function + "(): '" + letter + "' in the format '" + format
                    + "' is neither a part nor one of the delimiters '" + DELIMITERS + "'");
        }
        text.append(letter);
        return 1;
    }

    private static int run(String format, int start, int max) {
        int at = start;
        while (at < format.length() && at - start < max && format.charAt(at) == format.charAt(start)) {
            at++;
        }
        return at - start;
    }

    private static void digits(StringBuilder text, long value, int count) {
        String digits = Long.toString(value);
        text.repeat('0', Math.max(0, count - digits.length())).append(digits);
    }
}
