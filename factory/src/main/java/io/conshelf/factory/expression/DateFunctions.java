package io.conshelf.factory.expression;

import static io.conshelf.factory.expression.Function.function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import io.conshelf.factory.expression.Function.Kind;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Timestamps: text in, text out, in the formats of .NET.
final class DateFunctions {
    private static final Map<String, ChronoUnit> UNITS = Map.of("second", ChronoUnit.SECONDS, "minute", ChronoUnit.MINUTES, "hour", ChronoUnit.HOURS,
            "day", ChronoUnit.DAYS, "week", ChronoUnit.WEEKS, "month", ChronoUnit.MONTHS, "year", ChronoUnit.YEARS);

    static final List<Function> ALL = List.of(
            shift("addDays", ChronoUnit.DAYS),
            shift("addHours", ChronoUnit.HOURS),
            shift("addMinutes", ChronoUnit.MINUTES),
            shift("addSeconds", ChronoUnit.SECONDS),
            function("addToTime").takes("timestamp", Kind.STRING).takes("interval", Kind.INTEGER).takes("timeUnit", Kind.STRING)
                    .mayTake("format", Kind.STRING).gives(Kind.STRING)
                    .as(a -> show(a, 3, plus(a, timestamp(a), a.integer(1), unit(a, 2)))),
            function("subtractFromTime").takes("timestamp", Kind.STRING).takes("interval", Kind.INTEGER).takes("timeUnit", Kind.STRING)
                    .mayTake("format", Kind.STRING).gives(Kind.STRING)
                    .as(a -> show(a, 3, plus(a, timestamp(a), -a.integer(1), unit(a, 2)))),
            function("getFutureTime").takes("interval", Kind.INTEGER).takes("timeUnit", Kind.STRING).mayTake("format", Kind.STRING).gives(Kind.STRING)
                    .as(a -> show(a, 2, plus(a, now(a), a.integer(0), unit(a, 1)))),
            function("getPastTime").takes("interval", Kind.INTEGER).takes("timeUnit", Kind.STRING).mayTake("format", Kind.STRING).gives(Kind.STRING)
                    .as(a -> show(a, 2, plus(a, now(a), -a.integer(0), unit(a, 1)))),
            function("convertFromUtc").takes("timestamp", Kind.STRING).takes("destinationTimeZone", Kind.STRING).mayTake("format", Kind.STRING)
                    .gives(Kind.STRING)
                    .as(a -> show(a, 2, timestamp(a).in(ZoneOffset.UTC, zone(a, 1)))),
            function("convertToUtc").takes("timestamp", Kind.STRING).takes("sourceTimeZone", Kind.STRING).mayTake("format", Kind.STRING)
                    .gives(Kind.STRING)
                    .as(a -> show(a, 2, timestamp(a).in(zone(a, 1), ZoneOffset.UTC))),
            function("convertTimeZone").takes("timestamp", Kind.STRING).takes("sourceTimeZone", Kind.STRING).takes("destinationTimeZone", Kind.STRING)
                    .mayTake("format", Kind.STRING).gives(Kind.STRING)
                    .as(a -> show(a, 3, timestamp(a).in(zone(a, 1), zone(a, 2)))),
            function("dayOfMonth").takes("timestamp", Kind.STRING).gives(Kind.INTEGER)
                    .as(a -> number(timestamp(a).local().getDayOfMonth())),
            function("dayOfWeek").takes("timestamp", Kind.STRING).gives(Kind.INTEGER)
                    .as(a -> number(timestamp(a).local().getDayOfWeek().getValue() % 7)),
            function("dayOfYear").takes("timestamp", Kind.STRING).gives(Kind.INTEGER)
                    .as(a -> number(timestamp(a).local().getDayOfYear())),
            function("formatDateTime").takes("timestamp", Kind.STRING).mayTake("format", Kind.STRING).gives(Kind.STRING)
                    .as(a -> show(a, 1, timestamp(a))),
            start("startOfDay", ChronoUnit.DAYS),
            start("startOfHour", ChronoUnit.HOURS),
            start("startOfMonth", ChronoUnit.MONTHS),
            function("ticks").takes("timestamp", Kind.STRING).gives(Kind.INTEGER)
                    .as(a -> number(timestamp(a).ticks())),
            function("utcNow").mayTake("format", Kind.STRING).gives(Kind.STRING)
                    .as(a -> show(a, 0, now(a))));

    private DateFunctions() {}

    private static Function shift(String name, ChronoUnit unit) {
        return function(name).takes("timestamp", Kind.STRING).takes(unit.name().toLowerCase(Locale.ROOT), Kind.NUMBER).mayTake("format", Kind.STRING)
                .gives(Kind.STRING)
                .as(a -> show(a, 2, plus(a, timestamp(a), a.integer(1), unit)));
    }

    private static Function start(String name, ChronoUnit unit) {
        return function(name).takes("timestamp", Kind.STRING).mayTake("format", Kind.STRING).gives(Kind.STRING)
                .as(a -> show(a, 1, timestamp(a).truncatedTo(unit)));
    }

    private static JsonNode number(long value) {
        return LongNode.valueOf(value);
    }

    private static Timestamp now(Arguments a) {
        return Timestamp.utc(a.scope().clock().instant());
    }

    private static Timestamp timestamp(Arguments a) {
        return Timestamp.parse(a.text(0)).orElseThrow(() -> a.failure(0, "cannot read the timestamp '" + a.text(0)
                + "'; write it as 2018-03-15T13:00:00Z"));
    }

    private static Timestamp plus(Arguments a, Timestamp timestamp, long amount, ChronoUnit unit) {
        try {
            return timestamp.plus(amount, unit);
        } catch (DateTimeException | ArithmeticException outOfRange) {
            throw a.failure("leaves the years 1 to 9999");
        }
    }

    private static ChronoUnit unit(Arguments a, int index) {
        ChronoUnit unit = UNITS.get(a.text(index).toLowerCase(Locale.ROOT));
        if (unit == null) {
            throw a.failure(index, "knows the time units Second, Minute, Hour, Day, Week, Month and Year, found '" + a.text(index) + "'");
        }
        return unit;
    }

    private static ZoneId zone(Arguments a, int index) {
        return WindowsTimeZones.find(a.text(index))
                .orElseThrow(() -> a.failure(index, "knows no time zone '" + a.text(index) + "'; use a Windows name such as 'Pacific Standard Time'"));
    }

    private static JsonNode show(Arguments a, int formatIndex, Timestamp timestamp) {
        String format = a.has(formatIndex) ? a.text(formatIndex) : "o";
        try {
            return StringFunctions.text(TimestampFormat.print(timestamp, format));
        } catch (IllegalArgumentException badFormat) {
            throw a.failure(formatIndex, badFormat.getMessage());
        }
    }
}
